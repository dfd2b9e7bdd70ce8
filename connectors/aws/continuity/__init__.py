"""Backups, restores and what survives a failure."""
