"""Reasons in the words of people, beside the audit, which holds a digest of each alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from secrets import token_hex

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, select

from models.tables import AuditEntry, AuditReason

_AT_ONCE = 500
"""How many are asked for at once; a statement takes only so many values."""


def written(number: int, text: str) -> AuditReason:
    """Return the reason of an entry, with a salt of its own."""
    return AuditReason(number=number, salt=token_hex(16), text=text)


def digest_of(salt: bytes, text: bytes) -> str:
    """Return what an entry holds of its reason; no letter can move from salt to text."""
    return sha256(sha256(salt).digest() + text).hexdigest()


def reasons_of(session: Session, entries: Iterable[AuditEntry]) -> Mapping[int, str]:
    """Return the reasons of entries by their numbers, as far as they are not forgotten."""
    numbers = [entry.number for entry in entries]
    found: dict[int, str] = {}
    for first in range(0, len(numbers), _AT_ONCE):
        some = col(AuditReason.number).in_(numbers[first : first + _AT_ONCE])
        found |= {row.number: row.text for row in session.exec(select(AuditReason).where(some))}
    return found


def forget(session: Session, of_these: ColumnElement[bool]) -> list[int]:
    """Forget the reasons of the entries that a condition names; return their numbers.

    The caller says so in an entry: a reason that is gone without is found missing.
    """
    chosen = select(AuditEntry.number).where(of_these)
    rows = select(AuditReason.number).where(col(AuditReason.number).in_(chosen))
    numbers = sorted(session.exec(rows).all())
    session.exec(delete(AuditReason).where(col(AuditReason.number).in_(chosen)))
    return numbers
