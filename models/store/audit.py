"""The audit: one entry for each change and each reading of what concerns candidates, in a chain.

An entry's hash is that of the one before and of what the entry says, so none can be changed, left
out or put in without all that follow. What is cut off at the end only shows beside a head that was
noted elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypedDict, Unpack

from sqlmodel import Session, col, select

from models.database import as_kept, take_lock
from models.scope import UNCONFINED
from models.tables import AuditEntry, Offer, Placement, Plan, Round
from scheduler.canonical import encode

START = 64 * "0"
"""What stands before the first entry."""

_LOCK = 5_310_028
"""Number of the lock that whoever appends takes; any number nobody else uses."""

_INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"

_SAID = ("actor", "operation", "action", "round", "municipality")
"""Columns that repeat what the content says."""

_COLUMNS = ("number", "at", *_SAID, "content", "previous", "hash")


class About(TypedDict, total=False):
    """What an entry is about, as far as it is known; ids and numbers, never names.

    `organisations` plan the round, or else are those that the caller acts for. Of a reading no
    `candidates` means everybody: of the municipality, or of the round. `named` holds what else an
    address names, `override` the rule that was set aside, and `reason` why.
    """

    organisations: Sequence[str]
    round: str | None
    plan: str | None
    municipality: str | None
    candidates: Sequence[str] | None
    named: dict[str, str]
    reason: str | None
    override: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is to be entered: who did what, when, and what about.

    Attributes
    ----------
    actor
        ``issuer|subject``, or the name of a command or of the service's own work.
    action
        ``change`` or ``read``.
    supplier
        Organisation number of who acted for the actor.
    """

    at: datetime
    actor: str
    operation: str
    action: str
    supplier: str | None = None
    about: About = field(default_factory=About)

    @classmethod
    def change(cls, actor: str, operation: str, at: datetime, **about: Unpack[About]) -> Told:
        """Return the entry of a change that nobody made over HTTP."""
        return cls(at=at, actor=actor, operation=operation, action="change", about=about)


@dataclass(frozen=True, slots=True)
class Link:
    """An entry's place in the chain."""

    number: int = 0
    hash: str = START


class Broken(Exception):
    """The chain does not hold from the entry of this number on."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def append(session: Session, entries: Sequence[Told]) -> None:
    """Enter what was done, at the end of the caller's transaction: nobody else can until it ends.

    What was done before is sent to the database first, so that the wait of others is short.
    """
    session.flush()
    known = [_completed(session, told.about) for told in entries]
    take_lock(session, _LOCK)
    last = head(session)
    for told, about in zip(entries, known, strict=True):
        row = _entry(told, about, last)
        session.add(row)
        last = Link(row.number, row.hash)
    session.flush()


def head(session: Session) -> Link:
    """Return the last entry's place in the chain."""
    rows = select(AuditEntry.number, AuditEntry.hash).order_by(col(AuditEntry.number).desc())
    last = session.exec(rows.limit(1), execution_options=UNCONFINED).first()
    return Link(*last) if last else Link()


def hash_of(session: Session, number: int) -> str | None:
    """Return the hash of an entry; that of none is `START`."""
    asked = select(AuditEntry.hash).where(col(AuditEntry.number) == number)
    kept = session.exec(asked, execution_options=UNCONFINED).one_or_none()
    return kept if number else START


def followed(session: Session, after: Link, most: int = 1000) -> Link:
    """Follow the chain for `most` entries at most, and return where that leads.

    Columns are compared as the database keeps them, letter by letter.

    Raises
    ------
    Broken
        With the first entry that is not what it was, or not where it was.
    """
    kept = (as_kept(session, col(getattr(AuditEntry, name))).label(name) for name in _COLUMNS)
    rows: Any = select(*kept).where(col(AuditEntry.number) > after.number)
    ordered = rows.order_by(col(AuditEntry.number)).limit(most)
    for row in session.exec(ordered, execution_options=UNCONFINED).mappings():
        after = _next(row, after)
    return after


def _next(kept: Mapping[str, bytes | None], after: Link) -> Link:
    """Return the place of the entry that comes after another one."""
    content = kept["content"] or b""
    here = Link(after.number + 1, hashed(after.hash, content))
    try:
        said = json.loads(content)
        expected = {name: said.get(name) for name in _SAID} | {
            "number": here.number,
            "at": said["at"].replace("T", " ").removesuffix("Z"),
            "previous": after.hash,
            "hash": here.hash,
        }
        holds = said.get("number") == here.number and all(
            kept[name] == (None if value is None else str(value).encode())
            for name, value in expected.items()
        )
    except (ValueError, KeyError, AttributeError):
        holds = False
    if not holds:
        raise Broken(here.number)
    return here


def hashed(previous: str, content: bytes) -> str:
    """Return the hash of an entry: of the one before, and of what it says itself."""
    return sha256(previous.encode() + content).hexdigest()


def _entry(told: Told, about: About, last: Link) -> AuditEntry:
    """Return the entry after `last`; its columns repeat the content as that is spelt."""
    content = encode(
        {name: value for name, value in about.items() if value is not None}
        | {
            "number": last.number + 1,
            "at": told.at.astimezone(UTC).strftime(_INSTANT),
            "actor": told.actor,
            "operation": told.operation,
            "action": told.action,
        }
        | ({"supplier": told.supplier} if told.supplier else {})
    )
    said = json.loads(content)
    return AuditEntry(
        number=last.number + 1,
        at=told.at,
        **{name: said.get(name) for name in _SAID},
        content=content.decode(),
        previous=last.hash,
        hash=hashed(last.hash, content),
    )


def _completed(session: Session, about: About) -> About:
    """Return what an entry is about, with what follows from it."""
    known = About(**about)
    named = about.get("named", {})
    for kind, table in (("offers", Offer), ("placements", Placement)):
        if kind in named:
            asked: Any = select(table.round, table.municipality, table.candidate)
            row = _one(session, asked.where(col(table.id) == named[kind]))
            if row is not None:
                known.setdefault("round", row.round)
                known.setdefault("municipality", row.municipality)
                known.setdefault("candidates", [row.candidate])
    plan, round_ = known.get("plan"), known.get("round")
    if plan is not None and round_ is None:
        known["round"] = round_ = _one(session, select(Plan.round).where(col(Plan.id) == plan))
    if round_ is not None:
        planned_by = _one(session, select(Round.organisation).where(col(Round.id) == round_))
        known["organisations"] = [planned_by] if planned_by else []
    return known


def _one(session: Session, asked: Any) -> Any:
    return session.exec(asked, execution_options=UNCONFINED).one_or_none()
