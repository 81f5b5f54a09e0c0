"""Which supervisors are needed."""

from __future__ import annotations

import json

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.tables import Participation, Round, Submission, Supervisor


def is_named_in_open_list(session: Session, supervisor: Supervisor) -> bool:
    """Tell whether the list that holds in some open round names a supervisor.

    The rounds are locked until the transaction ends, so that no list comes in meanwhile.
    """
    taking_part = select(col(Participation.round)).where(
        col(Participation.municipality) == supervisor.municipality
    )
    rounds = select(Round).where(col(Round.state) == "open", col(Round.id).in_(taking_part))
    opened = [row.id for row in session.exec(rounds.order_by(col(Round.id)).with_for_update())]
    later = aliased(Submission)
    newest = (
        select(func.max(later.number))
        .where(later.round == Submission.round, later.municipality == Submission.municipality)
        .scalar_subquery()
    )
    lists = select(Submission.content).where(
        col(Submission.round).in_(opened),
        col(Submission.municipality) == supervisor.municipality,
        col(Submission.number) == newest,
    )
    return any(
        candidate.get("supervisor") == supervisor.id
        for content in session.exec(lists)
        for candidate in json.loads(content)["candidates"]
    )
