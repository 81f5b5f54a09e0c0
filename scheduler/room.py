"""Whether there is room for a part of a stay beside others, day by day."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Set
from datetime import date

from scheduler.dates import overlap
from scheduler.model import Resource
from scheduler.options import Option, Part


def days(resource: Resource, wanted: Part, y: Option) -> list[date]:
    """Days of `wanted` on which the count of others can peak while `y` takes none of the places."""
    starts = resource.starts
    within = slice(bisect_right(starts, wanted.start), bisect_left(starts, wanted.end))
    days = [wanted.start, *starts[within]]
    days += [own.end for own in y.parts if wanted.start < own.end < wanted.end]
    for own in y.parts:
        if takes(own, resource):
            days = [day for day in days if not own.start <= day < own.end]
    return days


def meet(one: Part, other: Part) -> bool:
    """Tell whether two parts of stays have a day in common."""
    return overlap(one.start, one.end, other.start, other.end)


def takes(part: Part, resource: Resource) -> bool:
    """Tell whether a part of a stay takes a place of what a colleague's would take one of."""
    if resource.rule == "POSITIONS":
        return part.window == resource.subject
    return resource.rule == "AWAY" or part.unit == resource.subject


def has_room(
    resource: Resource,
    wanted: Part,
    taken: Iterable[tuple[int, Part]],
    leaving: Set[int | None],
) -> bool:
    """Tell whether a part fits beside those that take a place, but for options that leave."""
    active = [part for i, part in taken if i not in leaving]
    for day in {wanted.start, *(part.start for part in (*active, *(p for _, p in resource.fixed)))}:
        count = sum(part.start <= day < part.end for part in active)
        if wanted.start <= day < wanted.end and count >= resource.free(day):
            return False
    return True
