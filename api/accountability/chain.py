"""The audit as a whole: followed from its first entry, and searched for one candidate."""

from __future__ import annotations

from collections.abc import Iterator

from api.schemas.fields import written_instant
from models.database import Database
from models.scope import EVERYTHING
from models.store.audit import Broken, Link, followed, hash_of
from models.store.sightings import about, entries, said


class Unknown(Exception):
    """The audit has no entry of this number and hash: it was cut short, or made anew."""


def verified(database: Database, noted: Link | None = None) -> Link:
    """Follow the audit to its end, some entries at a time, and return the last one's place.

    Parameters
    ----------
    noted
        An entry's place as it was noted elsewhere.

    Raises
    ------
    Broken
        With the first entry that does not hold, or whose reason is gone and was not forgotten.
    Unknown
        Where the chain does not lead through `noted`.
    """
    last, before = Link(), None
    while last != before:
        before = last
        with database.reading(EVERYTHING) as session:  # each time anew: writers wait for readers
            last = followed(session, before)
    if last.missing:
        raise Broken(min(last.missing))
    if noted is not None:
        with database.reading(EVERYTHING) as session:
            if hash_of(session, noted.number) != noted.hash:
                raise Unknown
    return last


def seen(database: Database, candidate: str, municipality: str | None) -> Iterator[str]:
    """Yield who read or changed what about a candidate, a line each, the first one first."""
    with database.reading(EVERYTHING) as session:
        rows = entries().where(about(session, candidate, municipality))
        for row in session.exec(rows).all():
            entry = said(row)
            where = " ".join(str(entry[name]) for name in ("round", "plan") if entry.get(name))
            when = written_instant(row.at)
            yield f"{row.number} {when} {row.actor} {row.action} {row.operation} {where}".rstrip()
