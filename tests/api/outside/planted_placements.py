"""Placements of those whom a published plan has placed: promised, under way, broken off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import cycle
from typing import Any

from sqlmodel import SQLModel

from models.tables import Placement, PlacementStep
from scheduler import plans
from tests.api.outside import seeing
from tests.api.outside.planted_rounds import Planting
from tests.api.outside.world import HANDED_IN
from tests.api.served import NOW

START, END = date(2026, 7, 15), date(2027, 1, 15)
"""A stay about the time at which the world stands still: each step lies in its past.

It is over on the day for which rounds decide: nobody sits in their windows.
"""

STATES: Mapping[str, tuple[str, ...]] = {
    "started": ("planned", "started", "evaluation"),
    "planned": ("planned",),
    "interrupted": ("planned", "started", "interrupted"),
}
"""The steps that led to each state."""

NOBODY_HAS_BEGUN = "t-published"
"""A round whose publication can still be voided."""

STEPS: Mapping[str, Mapping[str, Any]] = {
    "start_placement": {"day": "2026-07-15"},
    "note_placement_contact": {"day": "2026-10-01"},
    "change_placement_supervisor": {"day": "2026-10-01", "supervisor": None},
    "interrupt_placement": {"day": "2026-11-01", "remaining_months": 4},
    "invite_to_evaluation": {"day": "2027-01-05"},
    "complete_placement": {
        "day": "2026-11-20",
        "goals": {"ALM-055": True, "ALM-085": False},
        "reason": "Målene er nådd",
    },
    "cancel_placement": {"reason": "post-gone"},
}
"""What is sent with each step, by its operation."""


def placements(planting: Planting, publication: str, made: plans.Plan) -> Iterator[SQLModel]:
    """Yield the placement of everybody whom a plan places, in one state after the other."""
    municipalities = {id_: number for number, ids in planting.people.items() for id_ in ids}
    states = list(STATES) if planting.name != NOBODY_HAS_BEGUN else ["planned"]
    for placed, state in zip(made.placements, cycle(states), strict=False):
        number = municipalities[placed.candidate]
        owner = replace(planting.of(number, placed.candidate), unit=placed.unit)
        aviary = planting.world.aviary
        id_ = aviary.handle(seeing.PLACEMENT, owner)
        planting.world.add("placement", owner, {"id": id_}, round=planting.owner)
        in_time = planting.setting.organisation in HANDED_IN[number]
        yield Placement(
            id=id_,
            publication=publication,
            round=planting.id,
            municipality=number,
            candidate=placed.candidate,
            unit=placed.unit,
            window=placed.window,
            start=START,
            end=END,
            fte_percent=100,
            months_needed=6,
            supervisor=planting.world.supervisors[number] if in_time else None,
            state=state,
            remaining_months=4 if state == "interrupted" else None,
        )
        for step, kind in enumerate(STATES[state], 1):
            word = aviary.word(seeing.STEP, owner)
            yield PlacementStep(
                placement=id_,
                number=step,
                kind=kind,
                day=START,
                noted_at=NOW,
                noted_by=f"rotations-local|{word}",
            )
