"""Which supervisors are needed."""

from __future__ import annotations

import json

from sqlmodel import Session, col, select

from models.store.placements import last_of_each, steps
from models.store.submissions import newest, take_turn
from models.tables import Participation, Placement, Round, Supervisor
from models.tables.release import UNDERWAY


def is_named_in_open_list(session: Session, supervisor: Supervisor) -> bool:
    """Tell whether the list that holds in some open round names a supervisor.

    Until the transaction ends, new lists of the municipality have to wait.
    """
    municipality = supervisor.municipality
    part = select(col(Participation.round)).where(col(Participation.municipality) == municipality)
    rounds = select(Round.id).where(col(Round.state) == "open", col(Round.id).in_(part))
    for round_id in session.exec(rounds.order_by(col(Round.id))).all():
        take_turn(session, round_id, municipality)
        held = newest(session, round_id, municipality)
        candidates = json.loads(held.content)["candidates"] if held else []
        if any(candidate.get("supervisor") == supervisor.id for candidate in candidates):
            return True
    return False


def is_named_in_placement(session: Session, supervisor: Supervisor) -> bool:
    """Tell whether service goes on, or is yet to be made up for, of which she answers for a part.

    That is a placement that is planned, has begun, or was interrupted and is the candidate's last
    one. Whoever supervised before another took over counts: her months count by her.
    """
    underway = select(Placement).where(
        col(Placement.municipality) == supervisor.municipality, col(Placement.state).in_(UNDERWAY)
    )
    last = last_of_each(session, supervisor.municipality)
    return any(
        supervisor.id == placement.supervisor
        or any(
            (step.figures or {}).get("supervisor") == supervisor.id
            for step in steps(session, placement.id)
        )
        for placement in (
            *session.exec(underway),
            *(each for each in last if each.state == "interrupted"),
        )
    )
