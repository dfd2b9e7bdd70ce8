"""Threats and weaknesses: who looks for them, and what was found."""
