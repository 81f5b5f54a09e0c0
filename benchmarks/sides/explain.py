"""Explaining their outcomes to some candidates, to each as if she alone had asked."""

from __future__ import annotations

from statistics import median
from time import monotonic

from benchmarks.outcome import Outcome
from benchmarks.sides.planning import planned
from scheduler.explain import Explainer
from scheduler.plans import Plan
from scheduler.rounds import Round

MOST = 5
"""How many are explained, spread over those who are owed an explanation."""


def decide(round_: Round, seconds: float) -> Outcome:
    """Plan a round, and explain; what is measured is the median of one explanation."""
    plan, spent = planned(round_, seconds)
    owed = [account.candidate for account in (*plan.unplaced, *plan.passed_over)]
    began = monotonic()
    taken = [_explained(round_, plan, name) for name in owed[:: max(1, len(owed) // MOST)][:MOST]]
    every = monotonic() - began
    own = median(taken) if taken else 0.0
    return Outcome(apart=spent + every - own, notes={"plan": spent, "explained": float(len(taken))})


def _explained(round_: Round, plan: Plan, candidate: str) -> float:
    """Return how many seconds an explanation takes that nobody has asked for before."""
    began = monotonic()
    Explainer(round_, plan).explanation(candidate)
    return monotonic() - began
