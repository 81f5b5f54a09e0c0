"""What was acknowledged outlives every kill."""
