"""HiGHS through MathOpt, tier by tier on the same rows."""

from __future__ import annotations

from benchmarks.mathopt import MathOpt
from benchmarks.outcome import Outcome
from benchmarks.sides.searching import in_one_piece
from scheduler.rounds import Round


def decide(round_: Round, seconds: float) -> Outcome:
    """Decide a round with HiGHS."""
    return in_one_piece(round_, seconds, MathOpt)
