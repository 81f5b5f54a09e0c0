"""From what a document says of one candidate back to the explanation that it was written from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from scheduler.explained import Explanation, WishExplained
from scheduler.plans import Placement, Reason


def explanation_of(record: Mapping[str, Any]) -> Explanation:
    """Return the explanation of an entry of a ``rotations/explanations@1`` document."""
    candidate = record["candidate"]
    return Explanation(
        candidate,
        tuple(_placements(candidate, record["placement"])),
        _reasons(record["reasons"], None),
        tuple(_wish(wish) for wish in record["wishes"]),
    )


def _placements(candidate: str, given: Mapping[str, Any] | None) -> Iterator[Placement]:
    """Yield what a candidate got, the second part of her stay after the first."""
    if given is None:
        return
    for seat in filter(None, (given, given.get("then"))):
        yield Placement(
            candidate=candidate,
            window=seat["window"],
            unit=seat["unit"],
            start=date.fromisoformat(seat["start"]),
            end=date.fromisoformat(seat["end"]),
            wish_class=given["class"],
            months=seat.get("months"),
        )


def _wish(explained: Mapping[str, Any]) -> WishExplained:
    parts = (_reasons(explained[p], explained["wish"]) for p in ("reasons", "causes", "remedies"))
    return WishExplained(explained["wish"], *parts)


def _reasons(told: Sequence[Mapping[str, Any]], wish: int | None) -> tuple[Reason, ...]:
    return tuple(
        Reason(each["code"], wish, {k: v for k, v in each.items() if k != "code"}) for each in told
    )
