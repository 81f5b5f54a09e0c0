"""The audit as a whole: followed from its first entry, and searched for one candidate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Unpack

from sqlmodel import col, select

from api.schemas.fields import written_instant
from models.backup import standing_still
from models.database import Database
from models.migrate import is_current
from models.scope import EVERYTHING
from models.store.audit import About, Broken, Link, Told, append, followed, hash_of
from models.store.sightings import about, entries, said
from models.store.soundness import Fault, fault
from models.tables import Organisation

BACKUP, SAW = "rotations backup", "rotations audit saw"
"""Who is recorded as having read what is kept of everybody, or who saw somebody."""


class Unsound(Exception):
    """The audit is not kept as it was made; `fault` says what is not.

    Parameters
    ----------
    fault
        ``index`` or ``guard``.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


class Unknown(Exception):
    """The audit has no entry of this number and hash: it was cut short, or made anew."""


def verified(database: Database, noted: Link | None = None) -> Link:
    """Follow the audit to its end, some entries at a time, and return the last one's place.

    Of a file that is done in a copy beside it, since whoever reads keeps writers out.

    Parameters
    ----------
    noted
        An entry's place as it was noted elsewhere.

    Raises
    ------
    Broken
        With the first entry that does not hold, or whose reason is gone and was not forgotten.
    Unsound
        With what is wrong with its indexes or triggers.
    Unknown
        Where the chain does not lead through `noted`.
    """
    with standing_still(database) as still, still.reading(EVERYTHING) as session:
        last, before = Link(), None
        while last != before:
            before, last = last, followed(session, last)
        if last.missing:
            raise Broken(min(last.missing))
        wrong = fault(session)
        if wrong is not None:
            raise Unsound(wrong)
        if noted is not None and hash_of(session, noted.number) != noted.hash:
            raise Unknown
    return last


def enter_whole(database: Database, now: datetime) -> None:
    """Enter that a backup takes everything about everybody, for each organisation's auditors.

    A database of an older version, which may have no audit, is left as it is.
    """
    if not is_current(database):
        return
    with database.writing(EVERYTHING) as session:
        numbers = select(Organisation.number).order_by(col(Organisation.number))
        owners: list[str | None] = [*session.exec(numbers)]
        append(session, [_reading(BACKUP, now, organisation=owner) for owner in owners or [None]])


def seen(
    database: Database, candidate: str, municipality: str | None, now: datetime
) -> Iterator[str]:
    """Yield who read or changed what about a candidate, a line each, the first one first.

    That it was asked is entered before, and is the last line.
    """
    home = municipality or candidate.partition("-")[0]
    with database.writing(EVERYTHING) as session:
        append(session, [_reading(SAW, now, municipality=home, candidates=[candidate])])
    with database.reading(EVERYTHING) as session:
        rows = entries().where(about(session, candidate, municipality))
        for row in session.exec(rows).all():
            entry = said(row)
            where = " ".join(str(entry[name]) for name in ("round", "plan") if entry.get(name))
            when = written_instant(row.at)
            yield f"{row.number} {when} {row.actor} {row.action} {row.operation} {where}".rstrip()


def _reading(actor: str, now: datetime, **about: Unpack[About]) -> Told:
    """Return the entry of a command that shows what is kept of people."""
    operation = actor.removeprefix("rotations ")
    return Told(at=now, actor=actor, operation=operation, action="read", about=about)
