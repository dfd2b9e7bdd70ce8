"""Reads files that people made, from their hands or a watched place: bounded, proved, and kept to the byte."""
