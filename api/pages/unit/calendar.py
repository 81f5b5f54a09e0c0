"""When a unit has room, month by month: vacancies as lanes, and who is in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any

from data.exports.figures import month_axis
from data.exports.months import Months
from data.sentences import Language

Record = Mapping[str, Any]

MONTHS = 24
"""How many months are shown: vacancies are published a year ahead, and last for one."""

STEP = 6
"""By how many months one goes on or back."""

_REACH = 10
"""How many years from today one can go."""

_SPELT = 60.0
"""A width at which the names of months are abbreviated, and not cut to a letter."""


class Span:
    """The months that are shown.

    Parameters
    ----------
    month
        The first one in ISO text, ``2027-08``; without it, or far away, that of today.
    """

    def __init__(self, month: str | None, today: date) -> None:
        try:
            asked = date.fromisoformat(f"{month}-01")
        except ValueError:
            asked = today
        first = asked if abs(asked.year - today.year) <= _REACH else today
        self.first = first.replace(day=1)
        self._months = Months(self.first, MONTHS)

    @cached_property
    def end(self) -> date:
        """The day after the last one."""
        return _moved(self.first, MONTHS)

    @property
    def earlier(self) -> str:
        """The first month of those a step before, as it is asked for."""
        return f"{_moved(self.first, -STEP):%Y-%m}"

    @property
    def later(self) -> str:
        """The first month of those a step after."""
        return f"{_moved(self.first, STEP):%Y-%m}"

    @property
    def months(self) -> list[date]:
        """The first day of each month."""
        return self._months.days()

    def names(self, language: Language) -> Iterator[tuple[str, str, float]]:
        """Yield each month's name, its year where one begins, and where it is, in percent."""
        for number, tick in enumerate(month_axis(language, self._months, _SPELT)):
            yield tick.label, tick.year, round(100 * number / MONTHS, 3)

    def at(self, day: date) -> float:
        """Return where a day begins, in percent; days beyond the edges stand at them."""
        return round(100 * self._months.position(day) / MONTHS, 3)

    def part(self, start: date, end: date) -> tuple[float, float]:
        """Return where a time begins and how wide it is, in percent."""
        x = self.at(start)
        return x, round(self.at(end) - x, 3)


def _moved(month: date, by: int) -> date:
    """Return the month that lies so many months after, or before."""
    year, number = divmod(month.year * 12 + month.month - 1 + by, 12)
    return date(year, number + 1, 1)


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody who comes, has come or may come.

    `state` is that of a placement, or ``offered``.
    """

    candidate: str
    window: str
    start: date
    end: date
    state: str
    record: Record

    @property
    def is_agreed(self) -> bool:
        """Whether somebody has said yes."""
        return self.state != "offered"


@dataclass(frozen=True, slots=True)
class Bar:
    """A stay within the months shown: where it begins and how wide it is, in percent."""

    x: float
    width: float
    stay: Stay


@dataclass(frozen=True, slots=True)
class Row:
    """A vacancy: its bar, and its positions with who has each.

    `window` None = who comes without one that is shown: it was withdrawn, or is not registered.
    """

    window: Record | None
    x: float
    width: float
    lanes: Sequence[Sequence[Bar]]
    stays: Sequence[Stay]

    @property
    def positions(self) -> int:
        """How many lanes the vacancy has of its own."""
        return int(self.window["positions"]) if self.window else 0


def stays(placements: Sequence[Record], offers: Sequence[Record]) -> list[Stay]:
    """Return who comes: placements that hold, and open offers; the first to come first.

    Of a stay that was broken off the interface's list does not say when: it is not among them.
    """
    held = [each for each in placements if each["state"] in ("planned", "started", "completed")]
    found = [_stay(each, each["state"]) for each in held]
    found += [_stay(each, "offered") for each in offers]
    return sorted(found, key=lambda stay: (stay.start, stay.candidate))


def rows(span: Span, windows: Sequence[Record], coming: Sequence[Stay]) -> list[Row]:
    """Return the vacancies as they are drawn, the first to open first, and then who has none."""
    found = [
        _row(span, window, [stay for stay in coming if stay.window == window["id"]])
        for window in sorted(windows, key=lambda each: (each["opens"], each["id"]))
    ]
    known = {window["id"] for window in windows}
    others = [stay for stay in coming if stay.window not in known]
    shown = [stay for stay in others if stay.start < span.end and stay.end > span.first]
    return [*found, _row(span, None, shown)] if shown else found


def busiest(span: Span, coming: Sequence[Stay]) -> list[tuple[date, int, int]]:
    """Return of each month the most people on one day: agreed, and with open offers as well."""
    found = []
    edges = [*span.months, span.end]
    for month, after in pairwise(edges):
        here = [stay for stay in coming if stay.start < after and stay.end > month]
        days = {month, *(stay.start for stay in here if stay.start > month)}
        agreed = max(sum(_is_there(s, day) and s.is_agreed for s in here) for day in days)
        at_most = max(sum(_is_there(stay, day) for stay in here) for day in days)
        found.append((month, agreed, at_most))
    return found


def _is_there(stay: Stay, day: date) -> bool:
    return stay.start <= day < stay.end


def _stay(record: Record, state: str) -> Stay:
    start, end = date.fromisoformat(record["start"]), date.fromisoformat(record["end"])
    return Stay(record["candidate"], record["window"], start, end, state, record)


def _row(span: Span, window: Record | None, coming: Sequence[Stay]) -> Row:
    x, width = (0.0, 0.0) if window is None else span.part(*_open(window))
    lanes: list[list[Stay]] = [[] for _ in range(window["positions"] if window else 0)]
    for stay in coming:
        free = next((lane for lane in lanes if not lane or lane[-1].end <= stay.start), None)
        if free is None:  # more people than positions: what was agreed before it was shortened
            lanes.append(free := [])
        free.append(stay)
    bars = [[Bar(*span.part(each.start, each.end), each) for each in lane] for lane in lanes]
    return Row(window, x, width, bars, coming)


def _open(window: Record) -> tuple[date, date]:
    return date.fromisoformat(window["opens"]), date.fromisoformat(window["closes"])
