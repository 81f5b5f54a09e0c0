"""The planner's desk: a round on its way, its plans, a plan as a timeline and beside another."""
