"""The catalogue of rules: each one's name, what it governs, and where it comes from.

A rule has one builder (`scheduler.admission` or `scheduler.model` and `scheduler.priority`), one
check (`scheduler.verify`), one sentence for people (the doors' text ``rules.<name>``) and one
source; a test holds the four together. What each rule says exactly stands in docs/model.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Stage = Literal["admission", "plan"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of docs/model.md: section 2 (admission) or section 3 (plan)."""

    name: str
    stage: Stage
    source: str


RULES = (
    Rule("WISH", "admission", "the municipality's request"),
    Rule("LEAD", "admission", "Finnmarkssykehuset's routine: cleared 6-9 months before the start"),
    Rule("REGISTERED", "admission", "spesialistforskriften §21: service counts from registration"),
    Rule("AGREEMENT", "admission", "annex to tjenesteavtale 7 (Finnmark), 6 or 7 elsewhere"),
    Rule("LIS1", "admission", "spesialistforskriften §9 and §18"),
    Rule("SUPERVISOR", "admission", "spesialistforskriften §25: a condition for counting service"),
    Rule("IN_PLAN", "admission", "Finnmarkssykehuset's routine: the wish is in the plan"),
    Rule("GOALS", "admission", "spesialistforskriften, annex 2: ALM-055 and ALM-085"),
    Rule("EXPERIENCE", "admission", "Helse Vest's ALIS portal: three years in general practice"),
    Rule("FTE", "admission", "spesialistforskriften §8 and §31: part-time counts in proportion"),
    Rule("AVAILABLE", "admission", "the candidate's leave"),
    Rule(
        "RELEASED", "admission", "Helse Vest's ALIS portal: windows nobody asked for are released"
    ),
    Rule("ONE", "plan", "one doctor, one post"),
    Rule("POSITIONS", "plan", "the unit's vacancy"),
    Rule("SUPERVISED", "plan", "the unit's capacity to supervise"),
    Rule("AWAY", "plan", "the municipality's cover for its patient lists"),
    Rule("ACCEPTED", "plan", "an accepted offer binds both sides"),
    Rule("PRIORITY", "plan", "Finnmarkssykehuset's routine: the municipality ranks its own"),
)
"""Every hard rule, in the order of docs/model.md."""
