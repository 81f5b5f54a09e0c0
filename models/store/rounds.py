"""Rounds: taken for a change, moved, frozen, and what the register says that one consists of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Session, col, delete, select

from models.tables import (
    Agreement,
    Commitment,
    Municipality,
    Organisation,
    Participation,
    Round,
    Site,
    Snapshot,
    Standing,
    Submission,
    Transition,
    Unit,
    Window,
)


@dataclass(frozen=True, slots=True)
class Located:
    """A unit of the register with the id of its trust."""

    row: Unit
    trust: str


@dataclass(frozen=True, slots=True)
class Signed:
    """An agreement of the register with the id of its trust."""

    row: Agreement
    trust: str


def taken(session: Session, id_: str, *, alone: bool = True) -> Round | None:
    """Return a round as it is now, not to be moved by others before the transaction ends.

    Parameters
    ----------
    alone
        Whether others who take it have to wait; those who hand in lists may do so together.
    """
    asked = select(Round).where(col(Round.id) == id_).with_for_update(read=not alone)
    return session.exec(asked, execution_options={"populate_existing": True}).one_or_none()


def changed(session: Session, round_: Round, values: Mapping[str, Any]) -> None:
    """Change a round, and count the change even where it lies in other rows alone."""
    for name, value in values.items():
        setattr(round_, name, value)
    flag_modified(round_, "state")
    session.flush()


def moved(
    session: Session, round_: Round, state: str, *, author: str, now: datetime, reason: str | None
) -> None:
    """Put a round into a state, and note who did so and why."""
    round_.state = state
    noted(session, round_, author=author, now=now, reason=reason, changes={})


def noted(
    session: Session,
    round_: Round,
    *,
    author: str,
    now: datetime,
    reason: str | None,
    changes: Mapping[str, Any],
) -> None:
    """Note who changed what of a round, and why."""
    numbers = select(func.max(Transition.number)).where(col(Transition.round) == round_.id)
    session.add(
        Transition(
            round=round_.id,
            number=(session.exec(numbers).one() or 0) + 1,
            state=round_.state,
            reason=reason,
            changes=dict(changes) or None,
            moved_at=now,
            moved_by=author,
        )
    )
    session.flush()


def transitions(session: Session, round_id: str) -> Sequence[Transition]:
    """Return a round's changes of state, the first one first."""
    rows = select(Transition).where(col(Transition.round) == round_id)
    return session.exec(rows.order_by(col(Transition.number))).all()


def snapshot(session: Session, round_id: str, number: int | None = None) -> Snapshot | None:
    """Return a round's frozen document of this number, or the newest one; None without any."""
    rows = select(Snapshot).where(col(Snapshot.round) == round_id)
    if number is not None:
        rows = rows.where(col(Snapshot.number) == number)
    return session.exec(rows.order_by(col(Snapshot.number).desc()).limit(1)).first()


def frozen(
    session: Session, round_id: str, content: str, hash_: str, *, author: str, now: datetime
) -> Snapshot:
    """Keep a document as the round's next snapshot, and return it."""
    last = snapshot(session, round_id)
    row = Snapshot(
        id=uuid4().hex,
        round=round_id,
        number=last.number + 1 if last else 1,
        content=content,
        hash=hash_,
        made_at=now,
        made_by=author,
    )
    session.add(row)
    session.flush()
    return row


def before(session: Session, round_: Round) -> Round | None:
    """Return the newest round that an organisation collected lists for before this one."""
    lists = select(col(Submission.round))
    rows = select(Round).where(
        col(Round.organisation) == round_.organisation,
        col(Round.decision_date) < round_.decision_date,
        col(Round.id).in_(lists),
    )
    newest_first = (col(Round.decision_date).desc(), col(Round.id))
    return session.exec(rows.order_by(*newest_first).limit(1)).first()


def participants(session: Session, round_id: str) -> list[str]:
    """Return the numbers of the municipalities that take part, as far as they are in reach."""
    rows = select(col(Participation.municipality)).where(col(Participation.round) == round_id)
    return sorted(session.exec(rows))


def kept_near(session: Session, organisation: str, numbers: Iterable[str]) -> list[str]:
    """Return the municipalities whose record an organisation, or one of its region, keeps."""
    own = session.get_one(Organisation, organisation)
    region = {own.number, own.parent} - {None}
    near = select(col(Organisation.number)).where(
        or_(col(Organisation.number).in_(region), col(Organisation.parent).in_(region))
    )
    rows = select(col(Municipality.number)).where(
        col(Municipality.number).in_(list(numbers)), col(Municipality.organisation).in_(near)
    )
    return sorted(session.exec(rows))


def invite(session: Session, round_id: str, municipalities: Iterable[str]) -> None:
    """Let exactly these municipalities take part."""
    session.exec(delete(Participation).where(col(Participation.round) == round_id))
    session.add_all(Participation(round=round_id, municipality=each) for each in municipalities)
    session.flush()


def units(session: Session, organisation: str) -> list[Located]:
    """Return the units of an organisation, or of every trust of a region."""
    rows = (
        select(Unit, Organisation.trust)
        .join(Site, col(Site.id) == col(Unit.site))
        .join(Organisation, col(Organisation.number) == col(Site.organisation))
        .where(_covered(organisation))
    )
    return [Located(unit, trust) for unit, trust in session.exec(rows) if trust is not None]


def wishable(session: Session, organisation: str) -> list[tuple[str, str]]:
    """Return id and name of what can be wished for: trusts, their sites, and the units there."""
    trusts = list(session.exec(select(Organisation).where(_covered(organisation))))
    places = [(trust.trust, trust.name) for trust in trusts if trust.trust is not None]
    numbers = [trust.number for trust in trusts]
    sites = session.exec(
        select(Site).where(col(Site.organisation).in_(numbers)).order_by(col(Site.id))
    ).all()
    places += [(site.id, site.name) for site in sites]
    names = {site.id: site.name for site in sites}
    departments = [located.row for located in units(session, organisation)]
    departments.sort(key=lambda unit: (unit.site, unit.id))
    return places + [
        (unit.id, f"{names[unit.site]}: {unit.name or unit.id}") for unit in departments
    ]


def windows(
    session: Session, round_: Round, located: Sequence[Located], named: Sequence[str] = ()
) -> list[tuple[Window, bool]]:
    """Return the windows of units in which a round plans, and whether each is open to it.

    Open is one that is not withdrawn, closes after the decision date and is confirmed, unless the
    round takes tentative ones too. Others are returned only where they are `named`.
    """
    is_open = col(Window.withdrawn_at).is_(None) & (col(Window.closes) > round_.decision_date)
    if not round_.tentative_windows:
        is_open &= col(Window.certainty) == "confirmed"
    rows = select(Window, is_open).where(
        col(Window.unit).in_([unit.row.id for unit in located]),
        or_(is_open, col(Window.id).in_(named)),
    )
    return [(window, bool(open_)) for window, open_ in session.exec(rows)]


def municipalities(session: Session, numbers: Sequence[str]) -> list[Municipality]:
    """Return the municipalities of these numbers that the register knows."""
    rows = select(Municipality).where(col(Municipality.number).in_(numbers))
    return list(session.exec(rows))


def agreements(session: Session, numbers: Sequence[str]) -> list[Signed]:
    """Return the agreements of these municipalities with trusts."""
    rows = (
        select(Agreement, Organisation.trust)
        .join(Organisation, col(Organisation.number) == col(Agreement.organisation))
        .where(col(Agreement.municipality).in_(numbers))
    )
    return [Signed(row, trust) for row, trust in session.exec(rows) if trust is not None]


def commitments(session: Session, round_id: str) -> Sequence[Commitment]:
    """Return the seats that candidates of a round already hold, sorted."""
    rows = select(Commitment).where(col(Commitment.round) == round_id)
    order = (col(Commitment.candidate), col(Commitment.window), col(Commitment.start))
    return session.exec(rows.order_by(*order)).all()


def commit_to(session: Session, round_id: str, held: Iterable[Commitment]) -> None:
    """Let exactly these seats be held."""
    session.exec(delete(Commitment).where(col(Commitment.round) == round_id))
    session.add_all(held)
    session.flush()


def standings(session: Session, round_id: str) -> dict[str, Standing]:
    """Return what is known of candidates, by candidate, as far as they are in reach."""
    rows = select(Standing).where(col(Standing.round) == round_id)
    return {row.candidate: row for row in session.exec(rows)}


def _covered(organisation: str) -> ColumnElement[bool]:
    number, region = col(Organisation.number), col(Organisation.parent)
    return or_(number == organisation, region == organisation)
