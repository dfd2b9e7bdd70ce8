"""Stores of data and their keys."""
