"""Who sits in a round's windows since an earlier round: they hold their seats, unnamed.

Whoever plans this round need not know who they are. They wish for nothing, stand last in their
municipality's order and count in no tier; but nobody else is given what they have. Who is listed
again while a place is underway is not planned: nobody can have two. But whoever has lost one part
of a divided stay is, beside the part that stands: she is unavailable then.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from models.tables import Placement

Document = dict[str, Any]

_SEAT = re.compile("seat-[0-9a-f]{16}")


def is_seat(candidate: str) -> bool:
    """Tell whether a candidate of a collected round stands for a seat of an earlier one."""
    return _SEAT.fullmatch(candidate) is not None


def without(document: Document, left: Collection[str]) -> Document:
    """Return a round's document without some candidates, their ranks and their seats."""
    return document | {
        "candidates": [each for each in document["candidates"] if each["id"] not in left],
        "priorities": list(_remaining(document["priorities"], left)),
        "commitments": [each for each in document["commitments"] if _holder(each) not in left],
    }


def beside(document: Document, standing: Sequence[Placement]) -> Document:
    """Return a round's document in which nobody is available while she has a place elsewhere."""
    away: dict[str, list[Document]] = {}
    for each in standing:
        period = {"from": str(each.start), "to": str(each.end)}
        away.setdefault(each.candidate, []).append(period)
    return document | {
        "candidates": [
            each | {"unavailable": [*each["unavailable"], *away[each["id"]]]}
            if each["id"] in away
            else each
            for each in document["candidates"]
        ]
    }


def with_sitting(document: Document, sitting: Sequence[Placement]) -> Document:
    """Return a round's document with placements of other rounds as accepted commitments.

    Places in windows that it does not hold are left out: nothing of it can collide with them.
    """
    windows = {each["id"] for each in document["windows"]}
    taking = [each for each in sitting if each.window in windows]
    decided = document["round"]["decision_date"]
    return document | {
        "candidates": [*document["candidates"], *(_candidate(each, decided) for each in taking)],
        "priorities": list(_orders(document, taking)),
        "commitments": [*document["commitments"], *map(_commitment, taking)],
    }


def _id(placement: Placement) -> str:
    return f"seat-{sha256(placement.id.encode()).hexdigest()[:16]}"


def _candidate(placement: Placement, decided: str) -> Document:
    return {
        "id": _id(placement),
        "municipality": placement.municipality,
        "submitted_on": decided,
        "months_needed": placement.months_needed,
        "has_supervisor": placement.supervisor is not None,
        "in_individual_plan": True,
    }


def _commitment(placement: Placement) -> Document:
    return {
        "candidate": _id(placement),
        "window": placement.window,
        "start": str(placement.start),
        "state": "accepted",
    }


def _orders(document: Document, taking: Sequence[Placement]) -> Iterator[Document]:
    """Yield the orders, the seats last in their municipality's default one."""
    last: dict[str, list[str]] = {}
    for placement in taking:
        last.setdefault(placement.municipality, []).append(_id(placement))
    for order in document["priorities"]:
        own = [] if order["unit"] is not None else last.pop(order["municipality"], [])
        yield {**order, "order": [*order["order"], *own]}
    for municipality, ids in last.items():
        listed = [c["id"] for c in document["candidates"] if c["municipality"] == municipality]
        yield {"municipality": municipality, "unit": None, "order": [*listed, *ids]}


def _remaining(
    priorities: Sequence[Mapping[str, Any]], left: Collection[str]
) -> Iterator[Document]:
    for each in priorities:
        order = [candidate for candidate in each["order"] if candidate not in left]
        if order:
            yield {**each, "order": order}


def _holder(commitment: object) -> object:
    return commitment.get("candidate") if isinstance(commitment, dict) else None
