"""What the audit tells: of a candidate, of a round's overridden rules, entry by entry."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.scope import UNCONFINED
from models.tables import AuditEntry, Offer, Placement, Round, Snapshot, Submission

ERASE = "candidate erase"
"""As what an erasure is entered."""

_LISTED = '"candidates":['
_OVERRIDE = '"override":'
_NAMED = '"named":'
"""How canonical JSON writes a key; within a text the quotes would be escaped."""


def entries(
    *, round_id: str | None = None, after: int = 0, newest_first: bool = False
) -> SelectOfScalar[AuditEntry]:
    """Return the question for entries, in their order or the newest first.

    Parameters
    ----------
    after
        Only those that follow this number in the order asked for; 0 = all.
    """
    number = col(AuditEntry.number)
    rows = select(AuditEntry).order_by(number.desc() if newest_first else number)
    if after:
        rows = rows.where(number < after if newest_first else number > after)
    return rows if round_id is None else rows.where(col(AuditEntry.round) == round_id)


def narrowed(
    rows: SelectOfScalar[AuditEntry],
    *,
    actor: str | None,
    operation: str | None,
    action: str | None,
    since: datetime | None,
    until: datetime | None,
) -> SelectOfScalar[AuditEntry]:
    """Return the question for those of some entries that are of this; None = of any.

    They are from `since` on, and before `until`.
    """
    named = {"actor": actor, "operation": operation, "action": action}
    for name, value in named.items():
        if value is not None:
            rows = rows.where(col(getattr(AuditEntry, name)) == value)
    if since is not None:
        rows = rows.where(col(AuditEntry.at) >= since)
    return rows if until is None else rows.where(col(AuditEntry.at) < until)


def about(session: Session, candidate: str, municipality: str | None) -> ColumnElement[bool]:
    """Return the condition that an entry is about a candidate: by her id, or as one of all.

    Parameters
    ----------
    municipality
        Hers; None where her id begins with it.
    """
    home = municipality or candidate.partition("-")[0]
    everybody = ~col(AuditEntry.content).contains(_LISTED, autoescape=True)
    known = _rounds(session, candidate, home)
    whole = [
        (col(AuditEntry.round) == round_id) & (col(AuditEntry.at) >= since)
        for round_id, since in known.items()
    ]
    is_reading = col(AuditEntry.action) == "read"
    of_no_round = col(AuditEntry.round).is_(None)
    of_nothing = ~col(AuditEntry.content).contains(_NAMED, autoescape=True)
    of_home = col(AuditEntry.municipality) == home
    whole += [of_no_round & (of_home | (col(AuditEntry.municipality).is_(None) & of_nothing))]
    of_all = and_(is_reading, everybody, _may_be_of(home), or_(*whole))
    return or_(_naming(candidate, home, known), of_all)


def erased(session: Session, round_id: str) -> frozenset[str]:
    """Return the ids of a round's candidates who have been erased."""
    rows = entries(round_id=round_id).where(
        col(AuditEntry.operation) == ERASE, col(AuditEntry.action) == "change"
    )
    return frozenset(c for row in session.exec(rows) for c in json.loads(row.content)["candidates"])


def subjects(session: Session, ids: Iterable[str]) -> Sequence[Offer | Placement]:
    """Return the offers and placements among what has these ids."""
    wanted = [*ids]
    found: list[Offer | Placement] = []
    tables: tuple[Any, ...] = (Offer, Placement)
    for table in tables:
        rows = select(table).where(col(table.id).in_(wanted))
        found += session.exec(rows, execution_options=UNCONFINED)
    return found


def change(session: Session, actor: str, operation: str, at: datetime) -> Mapping[str, Any]:
    """Return what the entry of a change says; nothing where it is not entered."""
    rows = select(AuditEntry).where(
        col(AuditEntry.at) == at,
        col(AuditEntry.actor) == actor,
        col(AuditEntry.operation) == operation,
        col(AuditEntry.action) == "change",
    )
    entry = session.exec(rows.limit(1), execution_options=UNCONFINED).first()
    return said(entry) if entry is not None else {}


def naming(session: Session, candidate: str, municipality: str) -> ColumnElement[bool]:
    """Return the condition that an entry names a candidate by her id."""
    return _naming(candidate, municipality, _rounds(session, candidate, municipality))


def _naming(candidate: str, municipality: str, rounds: Iterable[str]) -> ColumnElement[bool]:
    her = col(AuditEntry.content).contains(_written(candidate), autoescape=True)
    in_hers = or_(col(AuditEntry.round).is_(None), col(AuditEntry.round).in_(list(rounds)))
    return and_(her, in_hers, _may_be_of(municipality))


def _may_be_of(municipality: str) -> ColumnElement[bool]:
    named = col(AuditEntry.municipality)
    return or_(named.is_(None), named == municipality)


def _rounds(session: Session, candidate: str, municipality: str) -> Mapping[str, datetime]:
    """Return the rounds that know a candidate, each with since when."""
    written = _written(candidate)
    lists = select(Submission).where(
        col(Submission.municipality) == municipality,
        col(Submission.content).contains(written, autoescape=True),
    )
    frozen = (
        select(Snapshot)
        .join(Round, col(Round.id) == col(Snapshot.round))
        .where(
            col(Round.origin) == "imported",
            col(Snapshot.content).contains(written, autoescape=True),
        )
    )
    found = [
        (row.round, row.submitted_at)
        for row in session.exec(lists)
        if any(each["id"] == candidate for each in json.loads(row.content)["candidates"])
    ]
    found += [
        (row.round, row.made_at)
        for row in session.exec(frozen)
        if (candidate, municipality) in _people(row.content)
    ]
    return dict(sorted(found, key=lambda each: each[1], reverse=True))  # the first time holds


def _written(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _people(document: str) -> set[tuple[str, str]]:
    return {(each["id"], each["municipality"]) for each in json.loads(document)["candidates"]}


def overrides(session: Session, round_id: str) -> Sequence[AuditEntry]:
    """Return the changes of a round that set a rule aside, the first one first."""
    rows = entries(round_id=round_id).where(
        col(AuditEntry.action) == "change",
        col(AuditEntry.content).contains(_OVERRIDE, autoescape=True),
    )
    return session.exec(rows).all()


def counted(rows: Sequence[AuditEntry]) -> Mapping[str, int]:
    """Return how many overrides there are of each kind."""
    return dict(sorted(Counter(said(row)["override"] for row in rows).items()))


def whom(rows: Sequence[AuditEntry]) -> Mapping[str, frozenset[str]]:
    """Return whom the overrides of each kind name, all together."""
    found: dict[str, frozenset[str]] = {}
    for entry in map(said, rows):
        kind = entry["override"]
        found[kind] = found.get(kind, frozenset()) | {*(entry.get("candidates") or ())}
    return found


def said(row: AuditEntry) -> dict[str, Any]:
    """Return what an entry says."""
    content: dict[str, Any] = json.loads(row.content)
    return content
