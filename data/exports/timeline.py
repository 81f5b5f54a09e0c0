"""Who is where, and what stands free: the seats of every window, day by day.

A lane is one position of a window. Positions that nobody uses at all are one lane together, so a
window of a hundred free positions takes one line, not a hundred.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from scheduler.domain import Unit, Window
from scheduler.plans import Placement, Plan
from scheduler.rounds import Round


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days ``[start, end)`` of a lane: a placement's, or free where `placement` is None."""

    start: date
    end: date
    placement: Placement | None


@dataclass(frozen=True, slots=True)
class Lane:
    """One position of a window, or `seats` positions of it that nobody uses."""

    window: Window
    seats: int
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class UnitLanes:
    """A unit with the lanes of its windows, by opening day."""

    unit: Unit
    lanes: tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """A site with its units that offer or hold a seat."""

    id: str
    units: tuple[UnitLanes, ...]


def sites(round_: Round, plan: Plan) -> tuple[Site, ...]:
    """Return every site with a window, its units and their lanes; sorted by id."""
    held: dict[str, list[Placement]] = {}
    for placement in plan.placements:
        held.setdefault(placement.window, []).append(placement)
    offered: dict[str, list[Lane]] = {}
    for window in sorted(round_.windows, key=lambda w: (w.opens, w.id)):
        offered.setdefault(window.unit, []).extend(lanes(window, held.get(window.id, [])))
    units = sorted((u for u in round_.units if u.id in offered), key=lambda u: (u.site, u.id))
    return tuple(
        Site(site, tuple(UnitLanes(unit, tuple(offered[unit.id])) for unit in members))
        for site, members in groupby(units, key=lambda unit: unit.site)
    )


def lanes(window: Window, placements: Iterable[Placement]) -> list[Lane]:
    """Seat placements in a window's positions, each in the first that is free.

    A plan that keeps POSITIONS needs no more lanes than positions; one that does not gets more.
    """
    seated: list[list[Placement]] = []
    for placement in sorted(placements, key=lambda p: (p.start, p.end, p.candidate)):
        lane = next((one for one in seated if one[-1].end <= placement.start), None)
        if lane is None:
            seated.append([placement])
        else:
            lane.append(placement)
    found = [Lane(window, 1, _stretches(window, lane)) for lane in seated]
    if (unused := window.positions - len(seated)) > 0:
        found.append(Lane(window, unused, _stretches(window, [])))
    return found


def _stretches(window: Window, placements: Sequence[Placement]) -> tuple[Stretch, ...]:
    """Return a lane's placements with the free days of the window between them."""
    found: list[Stretch] = []
    free_from = window.opens
    for placement in placements:
        free_to = min(placement.start, window.closes)
        if free_from < free_to:
            found.append(Stretch(free_from, free_to, None))
        found.append(Stretch(placement.start, placement.end, placement))
        free_from = max(free_from, placement.end)
    if free_from < window.closes:
        found.append(Stretch(free_from, window.closes, None))
    return tuple(found)
