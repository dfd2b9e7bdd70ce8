"""Whose each account is, at every provider: derived from what was sealed, and sealed beside it."""
