"""Measurements of the planner; not part of the installed program."""
