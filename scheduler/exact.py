"""The solver that plans: the simplex method first, CP-SAT where it leaves something open."""

from __future__ import annotations

from scheduler.cpsat import CpSat
from scheduler.glop import Glop
from scheduler.solver import Solver
from scheduler.tight import Tight


def exact() -> Solver:
    """Return an empty solver."""
    return Tight(Glop(), CpSat())
