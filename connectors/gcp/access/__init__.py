"""Who has access to what, and by which means."""
