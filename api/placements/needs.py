"""What placements have left to do: candidates made ready for their municipality's next list."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from typing import Any

from sqlmodel import Session

from api.schemas.placements import Need, NeedAnswer
from api.schemas.requests import RequestedCandidate
from models.store.placements import last_of_each, lost
from models.store.submissions import newest, supervisors
from models.tables import Placement
from scheduler.domain import GOALS

_OF_THAT_TIME = ("wishes", "available_from", "unavailable", "complete_by")
"""What a list says of a candidate that was true of that stay alone."""


def needs(session: Session, municipality: str) -> list[NeedAnswer]:
    """Return who of a municipality still needs service after her last placement, by candidate.

    That includes whose place was cancelled because the post is gone, or for another reason that is
    not hers: her round is over for her, since she was placed in it, and nobody else would bring her
    into the next one. Whoever withdrew needs nothing; a seat entered in error was none. Where an
    offer was withdrawn or a plan voided, she is still in that round, and planned anew in it.
    """
    present = supervisors(session, municipality)
    found: dict[str, tuple[Placement, Need]] = {}
    for placement in lost(session, municipality):
        found[placement.candidate] = placement, "cancelled"
    for placement in last_of_each(session, municipality):
        if need := _need(placement):
            found[placement.candidate] = placement, need
    return [
        NeedAnswer(
            placement=placement.id,
            reason=need,
            candidate=_prefilled(session, placement, present),
        )
        for _, (placement, need) in sorted(found.items())
    ]


def _need(placement: Placement) -> Need | None:
    if placement.state == "interrupted" and placement.remaining_months:
        return "interrupted"
    if placement.state == "completed" and not all((placement.goals or {}).values()):
        return "goal-not-reached"
    return None


def _prefilled(
    session: Session, placement: Placement, present: Container[str]
) -> RequestedCandidate:
    """Return a candidate as she was asked for, with what is still needed."""
    asked = _asked(session, placement)
    kept = {name: value for name, value in asked.items() if name not in _OF_THAT_TIME}
    open_goals = [goal for goal, reached in (placement.goals or {}).items() if not reached]
    supervisor = placement.supervisor if placement.supervisor in present else None
    return RequestedCandidate.model_validate(
        kept
        | {
            "id": placement.candidate,
            "supervisor": supervisor,
            "in_individual_plan": asked.get("in_individual_plan", False),
            "months_needed": placement.remaining_months or placement.months_needed,
            "learning_goals": open_goals or asked.get("learning_goals", list(GOALS)),
        }
    )


def _asked(session: Session, placement: Placement) -> dict[str, Any]:
    """Return what the list of the round says of a placement's candidate; nothing without one."""
    row = newest(session, placement.round, placement.municipality)
    asked: Iterator[dict[str, Any]] = iter(json.loads(row.content)["candidates"] if row else ())
    return next((each for each in asked if each["id"] == placement.candidate), {})
