"""A unit: when it has room, who comes, and what its leader has to see to."""
