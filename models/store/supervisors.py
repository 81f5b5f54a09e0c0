"""Which supervisors are needed."""

from __future__ import annotations

import json

from sqlmodel import Session, col, select

from models.store.submissions import newest, take_turn
from models.tables import Participation, Placement, PlacementStep, Round, Supervisor


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
    """Tell whether she answers for service: of any placement that has not come to nothing.

    Whoever supervised before another took over counts, and so does what is over: months count by
    who supervised them, however long ago.
    """
    rows = (
        select(Placement.supervisor, PlacementStep.figures)
        .join(PlacementStep, col(PlacementStep.placement) == col(Placement.id))
        .where(
            col(Placement.municipality) == supervisor.municipality,
            col(Placement.state) != "cancelled",
        )
    )
    return any(
        supervisor.id in (last, (figures or {}).get("supervisor"))
        for last, figures in session.exec(rows)
    )
