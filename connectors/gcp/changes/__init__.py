"""What there is, and what was changed in it."""
