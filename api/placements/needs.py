"""What placements have left to do: candidates made ready for their municipality's next list."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from typing import Any

from sqlmodel import Session

from api.schemas.placements import Need, NeedAnswer
from api.schemas.requests import RequestedCandidate
from models.store.placements import last_of_each
from models.store.submissions import newest, supervisors
from models.tables import Placement
from scheduler.domain import GOALS

_OF_THAT_TIME = ("wishes", "available_from", "unavailable", "complete_by")
"""What a list says of a candidate that was true of that stay alone."""


def needs(session: Session, municipality: str) -> list[NeedAnswer]:
    """Return who of a municipality still needs service after her last placement, by candidate."""
    present = supervisors(session, municipality)
    found = ((placement, _need(placement)) for placement in last_of_each(session, municipality))
    return [
        NeedAnswer(
            placement=placement.id,
            reason=need,
            candidate=_prefilled(session, placement, present),
        )
        for placement, need in found
        if need is not None
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
