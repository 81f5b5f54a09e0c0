"""A running service: its processes, what they tell of themselves, and how they are started."""
