"""Who is away when, month by month: what a municipality finds substitutes for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

Record = Mapping[str, Any]

MONTHS = 24
"""Most months that are shown."""


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody's stay.

    Attributes
    ----------
    last
        Her last day away.
    months
        Of each month that is shown, whether she is away on some day of it.
    """

    name: str
    unit: str
    start: date
    last: date
    months: Sequence[bool]


@dataclass(frozen=True, slots=True)
class Cover:
    """All stays of a municipality's candidates that are not over.

    Attributes
    ----------
    months
        The first day of each month that is shown.
    away
        How many are away on the fullest day of it.
    most
        How many the municipality can spare at a time; None = any number.
    """

    months: Sequence[date]
    absences: Sequence[Absence]
    away: Sequence[int]
    most: int | None

    def is_crowded(self, away: int) -> bool:
        """Tell whether more are away than can be spared."""
        return self.most is not None and away > self.most


def cover(
    placements: Sequence[Record], names: Mapping[str, str], most: int | None, today: date
) -> Cover | None:
    """Return who is away when, from the month of the first who is; None where nobody is."""
    stays = [
        (each, date.fromisoformat(each["start"]), date.fromisoformat(each["end"]))
        for each in placements
    ]
    stays = sorted((each for each in stays if each[2] > today), key=lambda each: each[1])
    if not stays:
        return None
    first = max(min(start for _, start, _ in stays), today).replace(day=1)
    end = max(end for _, _, end in stays)
    months = [first]
    while (following := _next(months[-1])) < end and len(months) < MONTHS:
        months.append(following)
    absences = [
        Absence(
            name=names.get(each["candidate"], each["candidate"]),
            unit=each["unit"],
            start=start,
            last=date.fromordinal(end.toordinal() - 1),
            months=[start < _next(month) and end > month for month in months],
        )
        for each, start, end in stays
    ]
    away = [_fullest(stays, month) for month in months]
    return Cover(months, absences, away, most)


def _fullest(stays: Sequence[tuple[Record, date, date]], month: date) -> int:
    """Return how many are away on a month's fullest day: its first, or one when somebody goes."""
    days = {month, *(start for _, start, _ in stays if month < start < _next(month))}
    return max(sum(start <= day < end for _, start, end in stays) for day in days)


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
