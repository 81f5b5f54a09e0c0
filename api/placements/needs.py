"""What placements have left to do: candidates made ready for their municipality's next list."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from sqlmodel import Session

from api.schemas.placements import Need, NeedAnswer
from api.schemas.requests import RequestedCandidate
from models.store.stays import last_of_each, lost, parts
from models.store.submissions import newest, supervisors
from models.tables import Placement
from scheduler.domain import GOALS

_NEEDS: Mapping[str, Need] = {
    "interrupted": "interrupted",
    "completed": "goal-not-reached",
    "cancelled": "cancelled",
}
"""What a placement leaves, by its last state."""

_OF_THAT_TIME = ("wishes", "available_from", "unavailable", "complete_by")
"""What a list says of a candidate that was true of that stay alone."""


def needs(session: Session, municipality: str) -> list[NeedAnswer]:
    """Return who of a municipality still needs service after her last placement, by candidate.

    That includes whose place was cancelled because the post is gone, or for another reason that is
    not hers: her round is over for her, since she was placed in it, and nobody else would bring her
    into the next one. Whoever withdrew needs nothing; a seat entered in error was none. Where an
    offer was withdrawn or a plan voided, she is still in that round, and planned anew in it. What
    one part of a divided stay leaves is a need although the other is to come.
    """
    present = supervisors(session, municipality)
    found: dict[str, list[Placement]] = {}
    for placement in lost(session, municipality):
        own = found.get(placement.candidate, [])
        of_one_stay = [each for each in own if each.publication == placement.publication]
        found[placement.candidate] = [*of_one_stay, placement]
    for placement in last_of_each(session, municipality):
        own = found.get(placement.candidate, [])
        is_left = any(each.publication == placement.publication for each in own)
        if not is_left and _open_goals(session, placement):
            found[placement.candidate] = [placement]
    return [
        NeedAnswer(
            placement=left[-1].id,
            reason=_NEEDS[left[-1].state],
            candidate=_prefilled(session, left, present),
        )
        for _, left in sorted(found.items())
    ]


def _prefilled(
    session: Session, left: Sequence[Placement], present: Container[str]
) -> RequestedCandidate:
    """Return a candidate as she was asked for, with what is still needed.

    Parameters
    ----------
    left
        The parts of her stay that left something to be done, the last one to end last.
    """
    placement = left[-1]
    months = sum(each.remaining_months or each.months_needed for each in left)
    asked = _asked(session, placement)
    kept = {name: value for name, value in asked.items() if name not in _OF_THAT_TIME}
    open_goals = _open_goals(session, placement)
    supervisor = placement.supervisor if placement.supervisor in present else None
    return RequestedCandidate.model_validate(
        kept
        | {
            "id": placement.candidate,
            "supervisor": supervisor,
            "in_individual_plan": asked.get("in_individual_plan", False),
            "months_needed": months,
            "learning_goals": open_goals or asked.get("learning_goals", list(GOALS)),
        }
    )


def _open_goals(session: Session, placement: Placement) -> list[str]:
    """Return the goals of a stay that was completed which no part of it has reached."""
    told = [each.goals for each in parts(session, placement) if each.goals]
    return [g for g in placement.goals or () if not any(goals[g] for goals in told)]


def _asked(session: Session, placement: Placement) -> dict[str, Any]:
    """Return what the list of the round says of a placement's candidate; nothing without one."""
    row = newest(session, placement.round, placement.municipality)
    asked: Iterator[dict[str, Any]] = iter(json.loads(row.content)["candidates"] if row else ())
    return next((each for each in asked if each["id"] == placement.candidate), {})
