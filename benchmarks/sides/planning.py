"""What sides share that need a plan first: it is made apart from what they measure."""

from __future__ import annotations

from time import monotonic

from scheduler.planner import plan_round
from scheduler.plans import Plan
from scheduler.rounds import Round
from scheduler.watch import Limits, Watch


def planned(round_: Round, seconds: float) -> tuple[Plan, float]:
    """Return a plan of a round made within so many seconds, and how many it took."""
    began = monotonic()
    plan = plan_round(round_, Limits(seconds=seconds), Watch(clock=monotonic))
    return plan, monotonic() - began
