"""What needs Google's own packages: apart from the evidence types, so that only who collects from here loads them."""
