"""Who sits where in a plan: the seats of every window, and how each stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.pages.parts import parts

Record = Mapping[str, Any]

Seat = tuple[str, str, str]
"""Somebody's: candidate, window, first day."""

KINDS = ("accepted", "offered", "new", "lost", "free")
"""How a seat stands: taken, offered, new in this plan, turned down or taken back, nobody's."""

_ANSWERED = {
    "open": "offered",
    "accepted": "accepted",
    "declined": "lost",
    "expired": "lost",
    "withdrawn": "lost",
}
"""How a seat stands by the offer that was made of it; other ends leave it as it was planned."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days ``[start, end)`` of a seat: somebody's, or free.

    `wish` is the number of the wish that came true; None or 0 where none covers it.
    """

    kind: str
    start: date
    end: date
    candidate: str = ""
    municipality: str = ""
    wish: int | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """One seat of a window, or `seats` of it that nobody uses."""

    window: Record
    seats: int
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Since:
    """What became of a plan that was published: its offers, and placements that came to nothing.

    Of an offer that stands, one part of a divided stay may have come to nothing.
    """

    offers: Sequence[Record] = ()
    cancelled: Sequence[Record] = ()

    def answered(self) -> dict[Seat, str]:
        """Return how the seats stand that were offered."""
        told = {
            (offer["candidate"], part["window"], part["start"]): _ANSWERED[offer["state"]]
            for offer in self.offers
            if offer["state"] in _ANSWERED
            for part in parts(offer)
        }
        stand = {offer["id"] for offer in self.offers if offer["state"] == "accepted"}
        gone = [each for each in self.cancelled if each["offer"] in stand]
        return told | {(each["candidate"], each["window"], each["start"]): "lost" for each in gone}


def lanes(round_: Record, plan: Record, since: Since) -> dict[str, list[Lane]]:
    """Return the lanes of each unit that offers or holds a seat, by opening day.

    Parameters
    ----------
    round_, plan
        Documents ``rotations/round@1`` and ``rotations/plan@1``.
    since
        What became of the plan, where it was published.
    """
    stretches = _placed(round_, plan, since.answered())
    found: dict[str, list[Lane]] = defaultdict(list)
    for window in sorted(round_["windows"], key=lambda each: (each["opens"], each["id"])):
        found[window["unit"]] += _of_window(window, stretches.get(window["id"], []))
    return found


def _placed(round_: Record, plan: Record, told: Mapping[Seat, str]) -> dict[str, list[Stretch]]:
    """Return the placements of each window."""
    municipality = {each["id"]: each["municipality"] for each in round_["candidates"]}
    held = {(c["candidate"], c["window"], c["start"]): c["state"] for c in round_["commitments"]}
    found: dict[str, list[Stretch]] = defaultdict(list)
    for each in plan["placements"]:
        seat = (each["candidate"], each["window"], each["start"])
        found[each["window"]].append(
            Stretch(
                kind=told.get(seat) or held.get(seat) or "new",
                start=date.fromisoformat(each["start"]),
                end=date.fromisoformat(each["end"]),
                candidate=each["candidate"],
                municipality=municipality[each["candidate"]],
                wish=each["class"],
            )
        )
    return found


def _of_window(window: Record, stretches: Sequence[Stretch]) -> Iterator[Lane]:
    """Yield a window's seats: each placement in the first that is free."""
    seated: list[list[Stretch]] = []
    for stretch in sorted(stretches, key=lambda each: (each.start, each.end, each.candidate)):
        lane = next((one for one in seated if one[-1].end <= stretch.start), None)
        if lane is None:
            seated.append([stretch])
        else:
            lane.append(stretch)
    for lane in seated:
        yield Lane(window, 1, tuple(_with_free(window, lane)))
    if (unused := window["positions"] - len(seated)) > 0:
        yield Lane(window, unused, tuple(_with_free(window, ())))


def _with_free(window: Record, stretches: Sequence[Stretch]) -> Iterator[Stretch]:
    """Yield a lane's placements and the free days of the window between them."""
    opens, closes = (date.fromisoformat(window[name]) for name in ("opens", "closes"))
    free_from = opens
    for stretch in stretches:
        if free_from < min(stretch.start, closes):
            yield Stretch("free", free_from, min(stretch.start, closes))
        yield stretch
        free_from = max(free_from, stretch.end)
    if free_from < closes:
        yield Stretch("free", free_from, closes)
