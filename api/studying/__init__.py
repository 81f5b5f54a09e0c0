"""Studies of a frozen round: asked for within limits, answered when workers have made them."""
