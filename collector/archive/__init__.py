"""The write-once archive: FORMAT.md beside this file is its specification."""
