"""The audit: one entry for each change and each reading of what concerns candidates, in a chain.

An entry's hash is that of the one before and of what the entry says, so none can be changed, left
out or put in without all that follow. What is cut off at the end only shows beside a head that was
noted elsewhere.

Reasons may name people, and have to be forgotten some day: an entry holds a digest, the text lies
beside. It can be taken away where a later entry says so, and be changed by nobody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal, TypedDict, Unpack

from sqlmodel import Session, col, select

from models.database import as_kept, take_lock
from models.scope import UNCONFINED
from models.store.owners import keeper_of, owner_of, planner_of
from models.store.reasons import digest_of, written
from models.tables import AuditEntry, AuditReason, Offer, Placement, Plan
from scheduler.canonical import encode

START = 64 * "0"
"""What stands before the first entry."""

_LOCK = 5_310_028
"""Number of the lock that whoever appends takes; any number nobody else uses."""

_INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"

_SAID = ("actor", "operation", "action", "organisation", "round", "municipality")
"""Columns that repeat what the content says."""

_COLUMNS = ("number", "at", *_SAID, "content", "previous", "hash")


Override = Literal[
    "closed",
    "completed-early",
    "late-list",
    "lead-waiver",
    "offer-withdrawn",
    "plan-by-hand",
    "reopened",
    "replanned",
    "voided",
]
"""What is done although a rule says otherwise."""


class About(TypedDict, total=False):
    """What an entry is about, as far as it is known; ids and numbers, never names.

    `organisation` is whose it is: who plans the round, owns what is named or keeps the
    municipality's record, in this order. Of a reading no `candidates` means everybody: of the
    municipality, or of the round. `named` holds what else an address names, `override` the rule
    that was set aside, and `reason` why. `forgotten` are the entries whose reasons were taken away,
    `hashes` the new hash of each document and plan, by the old one, that lost a text.
    """

    organisation: str | None
    round: str | None
    plan: str | None
    municipality: str | None
    candidates: Sequence[str] | None
    named: dict[str, str]
    reason: str | None
    override: Override | None
    forgotten: Sequence[int]
    hashes: dict[str, str]


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
    own
        The organisation that the actor acts for, if it is one; for what belongs to no other.
    """

    at: datetime
    actor: str
    operation: str
    action: str
    supplier: str | None = None
    own: str | None = None
    about: About = field(default_factory=About)

    @classmethod
    def change(cls, actor: str, operation: str, at: datetime, **about: Unpack[About]) -> Told:
        """Return the entry of a change that nobody made over HTTP."""
        return cls(at=at, actor=actor, operation=operation, action="change", about=about)


@dataclass(frozen=True, slots=True)
class Link:
    """An entry's place in the chain.

    `missing` are entries up to there whose reason is gone, and none has said that it was forgotten.
    """

    number: int = 0
    hash: str = START
    missing: frozenset[int] = frozenset()


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
    known = [_completed(session, told) for told in entries]
    take_lock(session, _LOCK)
    last, reasons = head(session), []
    for told, about in zip(entries, known, strict=True):
        text = about.get("reason")
        if text is not None:
            reason = written(last.number + 1, text)
            reasons.append(reason)
            about["reason"] = digest_of(reason.salt.encode(), text.encode())
        row = _entry(told, about, last)
        session.add(row)
        last = Link(row.number, row.hash)
    session.flush()  # they refer to the entries
    session.add_all(reasons)
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
    columns = [getattr(AuditEntry, name) for name in _COLUMNS]
    columns += [AuditReason.salt, AuditReason.text]
    kept = (as_kept(session, col(column)).label(column.key) for column in columns)
    beside = col(AuditReason.number) == col(AuditEntry.number)
    rows: Any = select(*kept).join(AuditReason, beside, isouter=True)
    ordered = (
        rows.where(col(AuditEntry.number) > after.number)
        .order_by(col(AuditEntry.number))
        .limit(most)
    )
    for row in session.exec(ordered, execution_options=UNCONFINED).mappings():
        after = _next(row, after)
    return after


def _next(kept: Mapping[str, bytes | None], after: Link) -> Link:
    """Return the place of the entry that comes after another one."""
    content = kept["content"] or b""
    here = Link(after.number + 1, hashed(after.hash, content))
    try:
        said = json.loads(content)
        holds = _is_as_said(kept, said, after, here) and _has_its_reason(kept, said)
    except (ValueError, KeyError, AttributeError):
        holds = False
    if not holds:
        raise Broken(here.number)
    is_missing = "reason" in said and kept["text"] is None
    missing = after.missing | ({here.number} if is_missing else set())
    return replace(here, missing=missing - {*said.get("forgotten", ())})


def _is_as_said(
    kept: Mapping[str, bytes | None], said: Mapping[str, Any], after: Link, here: Link
) -> bool:
    """Tell whether the columns of an entry repeat what it says, in its place."""
    expected = {name: said.get(name) for name in _SAID} | {
        "number": here.number,
        "at": said["at"].replace("T", " ").removesuffix("Z"),
        "previous": after.hash,
        "hash": here.hash,
    }
    return said.get("number") == here.number and all(
        kept[name] == (None if value is None else str(value).encode())
        for name, value in expected.items()
    )


def _has_its_reason(kept: Mapping[str, bytes | None], said: Mapping[str, Any]) -> bool:
    """Tell whether the reason beside an entry is the one that was given, or there is none."""
    salt, text = kept["salt"], kept["text"]
    if salt is None or text is None:
        return True
    return digest_of(salt, text) == said.get("reason")


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


def _completed(session: Session, told: Told) -> About:
    """Return what an entry is about, with what follows from it."""
    known = About(**told.about)
    named = known.get("named", {})
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
    known["organisation"] = _owner(session, known) or told.own
    return known


def _owner(session: Session, about: About) -> str | None:
    """Return the organisation that answers for what an entry is about."""
    round_, municipality = about.get("round"), about.get("municipality")
    if round_ is not None:
        return planner_of(session, round_)
    named = about.get("organisation") or owner_of(session, about.get("named", {}))
    return named or (keeper_of(session, municipality) if municipality else None)


def _one(session: Session, asked: Any) -> Any:
    return session.exec(asked, execution_options=UNCONFINED).one_or_none()
