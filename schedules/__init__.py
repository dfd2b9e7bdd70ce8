"""The schedules as data, and how long each source remembers."""
