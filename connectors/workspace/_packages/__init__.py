"""What needs google-auth: apart from the evidence types, so that only who collects from Workspace loads it."""
