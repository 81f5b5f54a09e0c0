"""SCIP through MathOpt, tier by tier on the same rows."""

from __future__ import annotations

from ortools.math_opt.python import mathopt  # type: ignore[import-untyped]

from benchmarks.mathopt import MathOpt
from benchmarks.outcome import Outcome
from benchmarks.sides.searching import in_one_piece
from scheduler.rounds import Round


def decide(round_: Round, seconds: float) -> Outcome:
    """Decide a round with SCIP."""
    return in_one_piece(round_, seconds, lambda: MathOpt(mathopt.SolverType.GSCIP))
