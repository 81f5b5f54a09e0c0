"""Free texts that stand with a candidate, and whether they name her.

No id leads from a text to whom it names. So those of her rounds and her municipality are held
against her id and the words of her name; what names her otherwise only a person can tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from sqlalchemy import inspect, or_
from sqlmodel import Session, SQLModel, col, select

from api.accountability.texts import ERASED
from models.store.personal import Held, entry_of, record_of
from models.tables import (
    AuditEntry,
    AuditReason,
    IdempotencyKey,
    Offer,
    Publication,
    Standing,
    Submission,
    Transition,
)

SHORTEST = 3
"""Letters of a word of a name that is looked for."""

_TEXTS: tuple[tuple[Any, str], ...] = (
    (Transition, "reason"),
    (Publication, "reason"),
    (Offer, "reason"),
    (Submission, "late_reason"),
    (Standing, "lead_waiver"),
)
"""Columns of a round's tables that people write what they like in."""


@dataclass(frozen=True, slots=True)
class FreeText:
    """A text in somebody's words: the row that holds it, and in which column."""

    row: SQLModel
    column: str

    @property
    def place(self) -> str:
        """Where it stands: table and key."""
        key = "/".join(map(str, inspect(self.row, raiseerr=True).identity))
        return f"{self.row.__tablename__}:{key}"

    @property
    def text(self) -> str:
        """What it says."""
        said: str = getattr(self.row, self.column)
        return said

    def erase(self) -> None:
        """Put a word in its place."""
        setattr(self.row, self.column, ERASED)


class Name:
    """A candidate's id and the words of her name, as they may stand in a text.

    Parameters
    ----------
    names
        What she is called, in lists and documents.
    """

    def __init__(self, candidate: str, names: Iterable[str]) -> None:
        words = {word for name in names for word in re.findall(r"\w+", normalize("NFC", name))}
        known = sorted(re.escape(word) for word in words if len(word) >= SHORTEST)
        called = "|".join([rf"{re.escape(candidate)}(?!-)", *known])
        self._pattern = re.compile(rf"(?<!\w)(?:{called})(?:['’]?s)?(?!\w)", re.IGNORECASE)

    def is_in(self, text: str) -> bool:
        """Tell whether a text holds her id, or a word of her name, also in the genitive."""
        return self._pattern.search(normalize("NFC", text)) is not None


def name_of(rows: Held) -> Name:
    """Return what a candidate is called, as far as it is kept."""
    entries = [entry_of(row, rows.candidate) for row in rows.lists]
    entries += [record_of(row, rows.municipality, rows.candidate) for row in rows.documents]
    names = (entry.get("name") for entry in entries if entry is not None)
    return Name(rows.candidate, (name for name in names if name))


def texts_beside(session: Session, rows: Held) -> Iterator[FreeText]:
    """Yield the free texts of a candidate's rounds and municipality that are not hers alone."""
    hers = {id(row) for part in (rows.lists, rows.offers, rows.standings) for row in part}
    for table, column in _TEXTS:
        kept = col(getattr(table, column))
        asked = select(table).where(col(table.round).in_(rows.rounds), kept != ERASED)
        for row in session.exec(asked):
            if id(row) not in hers:
                yield FreeText(row, column)
    near = or_(
        col(AuditEntry.round).in_(rows.rounds), col(AuditEntry.municipality) == rows.municipality
    )
    reasons = select(AuditReason).join(AuditEntry).where(near).order_by(col(AuditReason.number))
    for reason in session.exec(reasons):
        yield FreeText(reason, "text")


def answers_naming(session: Session, rows: Held, name: Name) -> list[IdempotencyKey]:
    """Return the answers about or to a candidate, and those to others that name her."""
    hers = {id(row) for row in rows.answers}
    return [
        row
        for row in session.exec(select(IdempotencyKey))
        if id(row) in hers or name.is_in(row.body)
    ]
