"""What can be reached from outside, and how it answers."""
