"""What is kept about a candidate: shown to her, erased for her, and forgotten in time."""
