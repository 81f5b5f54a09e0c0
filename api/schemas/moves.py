"""Moves of a plan by hand, as they are tried, made and answered."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from api.schemas.fields import Answer, Reason
from api.schemas.plans import (
    BrokenAnswer,
    ChangeAnswer,
    PlacementAnswer,
    ReasonAnswer,
    TierChangeAnswer,
)
from data.forms.fields import Day, Form, Ident, described

MOST_MOVES = 50
"""Most candidates moved at once."""


class MoveForm(Form):
    """Where a candidate is to go; without window and start she is to have no place."""

    candidate: Ident = described("Id of the candidate.", "5601-c1")
    window: Ident | None = described("Id of the window.", "hammerfest-medisin-1", default=None)
    start: Day | None = described("First day of her stay.", "2027-08-01", default=None)


class MovesForm(Form):
    """Moves that are made together, and why."""

    moves: Annotated[list[MoveForm], Field(min_length=1, max_length=MOST_MOVES)] = described(
        "Made in order, so that the last one of a candidate holds; everybody else stays in place.",
        [{"candidate": "5601-c1", "window": "hammerfest-medisin-1", "start": "2027-08-01"}],
    )
    reason: Reason | None = described(
        "Why, in writing; it must be given where something is saved.",
        "Avtalt med begge kommunene",
        default=None,
    )


class StartAnswer(Answer):
    """A day on which a candidate could begin in a window."""

    start: date = described("First day.", "2027-08-01")
    end: date = described("The day after the last day.", "2028-02-01")
    wish_class: int = described(
        "Which wish it meets, 1 = the first.", 1, serialization_alias="class"
    )
    held: ReasonAnswer | None = described(
        "What the others of the plan fill already; null = there is room.", None
    )


class WindowSeatsAnswer(Answer):
    """When a candidate could begin in a window."""

    window: str = described("Id of the window.", "hammerfest-medisin-1")
    unit: str = described("Id of the unit.", "hammerfest-medisin")
    unit_name: str = described("Name of the unit.", "Medisin, Hammerfest")
    starts: list[StartAnswer] = described("In the order of the days.", [])


class SeatsAnswer(Answer):
    """Every undivided stay that the admission rules allow a candidate."""

    candidate: str = described("Id of the candidate.", "5601-c1")
    municipality: str = described("Number of the municipality.", "5601")
    placement: PlacementAnswer | None = described("The place the plan gives her, if any.", None)
    windows: list[WindowSeatsAnswer] = described(
        "Windows, that with the best wish first; none where no rule lets her begin anywhere.", []
    )


class PersonMovedAnswer(ChangeAnswer):
    """Somebody whose place differs, and what that means to her."""

    difference: Literal["placed", "lost", "better", "worse", "moved"] = described(
        "A place, none any more, a better or worse wish, or another place as good.", "better"
    )


class TierMovedAnswer(TierChangeAnswer):
    """A tier, or a level of it, before and after."""

    outcome: Literal["better", "worse", "same"] = described(
        "How it comes out; the first tier that differs says which plan is better.", "worse"
    )


class MovesTriedAnswer(Answer):
    """What a plan with the moves in it would be."""

    verified: bool = described("Every rule is kept, so that it can be saved.", True)
    broken: list[BrokenAnswer] = described("The rules that would be broken.", [])
    changes: list[PersonMovedAnswer] = described("Whose place differs.", [])
    tiers: list[TierMovedAnswer] = described("Tier by tier, in the order of the policy.", [])
