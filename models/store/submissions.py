"""Municipalities' lists: handed in whole, numbered, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.scope import UNCONFINED
from models.store.waiting import waits
from models.tables import Participation, Round, Standing, Submission, Supervisor


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """A list as it comes in: its canonical text, the hash of that, who brings it and when.

    `late_reason` says why it is taken after the deadline.
    """

    content: str
    hash: str
    author: str
    now: datetime
    late_reason: str | None = None


def take_turn(session: Session, round_id: str, municipality: str) -> bool:
    """Wait until nobody else hands in this municipality's list; False where it has no part."""
    part = select(Participation).where(
        col(Participation.round) == round_id, col(Participation.municipality) == municipality
    )
    return session.exec(part.with_for_update()).first() is not None


def takes_part(session: Session, round_id: str, municipality: str) -> bool:
    """Tell whether a municipality takes part in a round; both must be in reach."""
    part = (
        select(Participation)
        .join(Round, col(Round.id) == col(Participation.round))
        .where(col(Round.id) == round_id, col(Participation.municipality) == municipality)
    )
    return session.exec(part).first() is not None


def newest(session: Session, round_id: str, municipality: str) -> Submission | None:
    """Return the list that holds; None where none is in, or none in reach."""
    rows = _of(round_id, municipality).order_by(col(Submission.number).desc())
    return session.exec(rows.limit(1)).first()


def numbered(session: Session, round_id: str, municipality: str, number: int) -> Submission | None:
    """Return the list of this number."""
    rows = _of(round_id, municipality).where(col(Submission.number) == number)
    return session.exec(rows).one_or_none()


def handed_in(
    session: Session, round_id: str, municipality: str, most: int
) -> Sequence[Submission]:
    """Return the lists of a municipality, the newest first, `most` at most."""
    rows = _of(round_id, municipality).order_by(col(Submission.number).desc())
    return session.exec(rows.limit(most)).all()


def in_force(session: Session, round_id: str, back: int = 0) -> dict[str, Submission]:
    """Return the list that holds of each municipality that takes part, by municipality.

    Parameters
    ----------
    back
        How many lists before the one that holds; who has not handed in so many has none.
    """
    last = (
        select(col(Submission.municipality), func.max(Submission.number).label("number"))
        .where(col(Submission.round) == round_id)
        .group_by(col(Submission.municipality))
        .subquery()
    )
    rows = (
        select(Submission)
        .join(
            last,
            (last.c.municipality == col(Submission.municipality))
            & (last.c.number - back == col(Submission.number)),
        )
        .join(
            Participation,
            (col(Participation.round) == col(Submission.round))
            & (col(Participation.municipality) == col(Submission.municipality)),
        )
        .where(col(Submission.round) == round_id)
        .order_by(col(Submission.municipality))
    )
    return {row.municipality: row for row in session.exec(rows)}


def hand_in(session: Session, round_id: str, municipality: str, list_: HandedIn) -> Submission:
    """Keep a list as the municipality's newest, and return it."""
    before = newest(session, round_id, municipality)
    row = Submission(
        id=uuid4().hex,
        round=round_id,
        municipality=municipality,
        number=before.number + 1 if before else 1,
        content=list_.content,
        hash=list_.hash,
        submitted_at=list_.now,
        submitted_by=list_.author,
        late_reason=list_.late_reason,
    )
    session.add(row)
    session.flush()
    return row


def first_seen(
    session: Session, round_: Round, municipality: str, candidates: Iterable[str], today: date
) -> dict[str, Standing]:
    """Return what is known of candidates who come into a list of a round now, not yet kept.

    Who stood in one before keeps her date, and what a planner has said of her.
    """
    known = select(col(Standing.candidate)).where(
        col(Standing.round) == round_.id, col(Standing.municipality) == municipality
    )
    before = set(session.exec(known))
    new = {candidate for candidate in candidates if candidate not in before}
    waited = waits(session, round_, municipality, new)
    return {
        candidate: Standing(
            round=round_.id,
            candidate=candidate,
            municipality=municipality,
            submitted_on=today,
            rounds_waited=waited[candidate].rounds if candidate in waited else 0,
        )
        for candidate in sorted(new)
    }


def supervisors(session: Session, municipality: str) -> Mapping[str, Supervisor]:
    """Return a municipality's supervisors by id, for whoever may hand in its list."""
    rows = select(Supervisor).where(col(Supervisor.municipality) == municipality)
    return {row.id: row for row in session.exec(rows, execution_options=UNCONFINED)}


def supervisors_in_reach(session: Session, municipality: str) -> Mapping[str, Supervisor]:
    """Return those of a municipality's supervisors by id whom the caller may see."""
    rows = select(Supervisor).where(col(Supervisor.municipality) == municipality)
    return {row.id: row for row in session.exec(rows)}


def _of(round_id: str, municipality: str) -> SelectOfScalar[Submission]:
    return select(Submission).where(
        col(Submission.round) == round_id, col(Submission.municipality) == municipality
    )


def supervisor_ids(session: Session, municipalities: Iterable[str]) -> set[str]:
    """Return the ids of every supervisor on record, whoever may see her: who she is stays there."""
    rows = select(Supervisor.id).where(col(Supervisor.municipality).in_(list(municipalities)))
    return set(session.exec(rows.execution_options(**UNCONFINED)))
