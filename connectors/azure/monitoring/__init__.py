"""What is logged, watched and told to whom."""
