"""The planner's decisions: moves by hand, release, what-ifs, capacity, explanations, the audit."""
