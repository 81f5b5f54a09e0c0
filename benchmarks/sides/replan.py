"""Planning again after one decline: what was given stands, the one who declined is out.

Her seat is free, and everybody else holds an offer of what the plan gave.
"""

from __future__ import annotations

from dataclasses import replace

from benchmarks.outcome import Outcome
from benchmarks.sides.planning import planned
from scheduler.replanning import keeping, offering
from scheduler.rounds import Round


def decide(round_: Round, seconds: float) -> Outcome:
    """Plan a round, have the first one placed decline and wish no more, and plan again."""
    plan, spent = planned(round_, seconds)
    offered = offering(round_, plan)
    gone = next(p.candidate for p in plan.placements if p.candidate not in round_.accepted)
    left = tuple(c for c in offered.commitments if c.candidate != gone)
    declined = offered.replace(commitments=left)
    declined = declined.amended(replace(declined.candidate[gone], has_supervisor=False))
    again, _ = planned(keeping(declined), seconds)
    proven = float(again.status == "optimal")
    return Outcome(apart=spent, notes={"plan": spent, "proven": proven})
