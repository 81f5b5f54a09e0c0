"""The life of a placement: its steps, what of it counts as training, and what it leaves."""
