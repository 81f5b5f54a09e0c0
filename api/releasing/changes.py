"""What has changed since a round was frozen: a plan of it must not be released as if nothing had.

Compared are the records that the frozen document holds. A vacancy that is new takes nothing away
from a plan, and names decide nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from api.collecting.assembly import assembled
from models.store import rounds
from models.tables import Round
from scheduler.canonical import encode

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

    Parameters
    ----------
    session
        Sees the whole round. An imported round is its document, and never changes.
    """
    if round_.origin == "imported":
        return []
    frozen = rounds.snapshot(session, round_.id)
    assert frozen is not None, "a locked round is frozen"
    before = json.loads(frozen.content)
    now = assembled(session, round_, before["commitments"])
    return sorted(
        change for kind in KINDS for change in _changed(kind, before[kind], _by_id(now[kind]))
    )


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
