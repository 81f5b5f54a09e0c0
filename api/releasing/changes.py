"""What has changed since a round was frozen: a plan of it must not be released as if nothing had.

Compared are the records that the frozen document holds. A vacancy that is new takes nothing away
from a plan, and names decide nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from api.collecting.assembly import present
from api.collecting.sitting import Document
from models.store import offers, rounds
from models.tables import Round
from scheduler.canonical import encode
from scheduler.domain import MONTHS_NEEDED

KINDS = ("units", "windows", "municipalities", "candidates")

_NAMES = frozenset({"name"})


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """A record of the frozen document that is no more as it was; without `fields` it is gone."""

    kind: str
    id: str
    fields: tuple[str, ...]


def changes(session: Session, round_: Round) -> list[Change]:
    """Return what is no more as in the newest frozen document of a locked round.

    That an offer which the plan keeps has been accepted since is no change, nor what became of
    offers that were made since.

    Parameters
    ----------
    session
        Sees the whole round.
    """
    frozen = rounds.snapshot(session, round_.id)
    assert frozen is not None, "a locked round is frozen"
    before = json.loads(frozen.content)
    now = present(session, round_, before)
    offered = {offer.candidate for offer in offers.all_of(session, round_.id)}
    return sorted(
        {
            *(c for kind in KINDS for c in _changed(kind, before[kind], _by_id(now[kind]))),
            *_seats(before, now, offered),
        }
    )


def _seats(before: Document, now: Document, offered: Set[str]) -> Iterator[Change]:
    """Yield the seats that are held no more as they were, and those taken from elsewhere since."""
    held, known = _by_holder(now), _by_holder(before)
    for candidate, seats in known.items():
        current = held.get(candidate)
        if current is None:
            yield Change("commitments", candidate, ())
        elif fields := tuple(_moved(seats, current)):
            yield Change("commitments", candidate, fields)
    for candidate in held.keys() - known.keys() - offered:
        yield Change("commitments", candidate, ("state",))


def _by_holder(document: Document) -> Mapping[str, list[Mapping[str, Any]]]:
    """Return the seats of each candidate, the first one first, with the months that each counts."""
    needed = {
        each["id"]: each.get("months_needed", MONTHS_NEEDED) for each in document["candidates"]
    }
    found: dict[str, list[Mapping[str, Any]]] = {}
    for seat in sorted(document["commitments"], key=lambda each: str(each["start"])):
        months = seat.get("months") or needed.get(seat["candidate"])
        found.setdefault(seat["candidate"], []).append({**seat, "months": months})
    return found


def _moved(
    seats: Sequence[Mapping[str, Any]], current: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    for field in ("window", "start", "months"):
        if [each[field] for each in seats] != [each[field] for each in current]:
            yield field
    if (seats[0]["state"], current[0]["state"]) == ("accepted", "offered"):
        yield "state"


def _changed(
    kind: str, before: list[Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]
) -> Iterator[Change]:
    for record in before:
        current = now.get(record["id"])
        fields = () if current is None else tuple(_differing(record, current))
        if current is None or fields:
            yield Change(kind, record["id"], fields)


def _differing(record: Mapping[str, Any], current: Mapping[str, Any]) -> Iterator[str]:
    """Yield the fields that differ, where the register says something of them."""
    for field in sorted(record.keys() & current.keys() - _NAMES):
        if _plain(record[field]) != _plain(current[field]):
            yield field


def _plain(value: Any) -> Any:
    """Return a value without what a list's order, or a field left out, has to say."""
    if isinstance(value, list):
        return sorted((_plain(each) for each in value), key=encode)
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items() if each is not None}
    return value


def _by_id(records: list[Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    return {record["id"]: record for record in records}
