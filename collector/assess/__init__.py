"""Judges sealed evidence by the rules in `collector/controls`; its outcomes are sealed like evidence."""
