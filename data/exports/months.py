"""The months a report shows, and how many seats are offered, held and wished for in each."""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from data.exports.keyfigures import decided_placements
from scheduler.dates import add_months
from scheduler.plans import Plan
from scheduler.rounds import Round

LONGEST = 120
"""Most months a figure shows; what lies beyond stands in the tables only."""

COUNTED_ON = 15
"""Day of month on which seats are counted."""

Stay = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Months:
    """`count` whole months from `first`, a first day of a month."""

    first: date
    count: int

    def position(self, day: date) -> float:
        """Return how many months lie between the first day shown and `day`, 0 to `count`."""
        months = _number(day) - _number(self.first)
        exact = months + (day.day - 1) / monthrange(day.year, day.month)[1]
        return max(0.0, min(float(self.count), exact))

    def days(self, day_of_month: int = 1) -> list[date]:
        """Return that day of every month shown."""
        numbers = range(_number(self.first), _number(self.first) + self.count)
        return [_first_day(number).replace(day=day_of_month) for number in numbers]


@dataclass(frozen=True, slots=True)
class MonthCount:
    """Persons or seats on the 15th of a month.

    `offered` counts positions of open windows, no more than the unit can supervise; `held`
    placements; `wished` candidates who would be away had each got the first wish on its ideal day.
    """

    month: date
    offered: int
    held: int
    wished: int


def shown_months(round_: Round, plan: Plan) -> Months:
    """Return the months from the first opening or start to the last closing or end.

    Where that is longer than `LONGEST`, the months from a year before the decision date.
    """
    starts = [w.opens for w in round_.windows] + [p.start for p in plan.placements]
    ends = [w.closes for w in round_.windows] + [p.end for p in plan.placements]
    first = _number(min(starts, default=round_.decision_date))
    last_end = max(ends, default=round_.decision_date)
    after = _number(last_end) + (last_end.day > 1)
    if after - first > LONGEST:
        first = max(first, _number(round_.decision_date) - 12)
    after = min(max(after, first + 1), first + LONGEST, _number(date.max) + 1)
    return Months(_first_day(first), after - first)


def _number(day: date) -> int:
    """Number months throughout: the month of `day`, in months since the year 0."""
    return day.year * 12 + day.month - 1


def _first_day(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def month_counts(round_: Round, plan: Plan, months: Months) -> list[MonthCount]:
    """Count seats and persons on the 15th of every month shown."""
    days = months.days(COUNTED_ON)
    held = _active(((p.start, p.end) for p in plan.placements), days)
    wished = _active(_first_wishes(round_, plan), days)
    offered = _offered(round_, days)
    return [
        MonthCount(day.replace(day=1), *counts)
        for day, *counts in zip(days, offered, held, wished, strict=True)
    ]


def _offered(round_: Round, days: list[date]) -> list[int]:
    windows: dict[str, list[Stay]] = {unit.id: [] for unit in round_.units}
    for window in round_.windows:
        windows[window.unit] += [(window.opens, window.closes)] * window.positions
    total = [0] * len(days)
    for unit, open_days in windows.items():
        limit = round_.unit[unit].supervised_places
        for n, active in enumerate(_active(open_days, days)):
            total[n] += active if limit is None else min(active, limit)
    return total


def _first_wishes(round_: Round, plan: Plan) -> Iterable[Stay]:
    """Yield when each candidate the round could decide for would be away by the first wish."""
    decided = {p.candidate for p in decided_placements(round_, plan)}
    decided |= {account.candidate for account in plan.unplaced}
    for placement in plan.placements:
        if placement.candidate not in decided:
            yield placement.start, placement.end
    for candidate in round_.candidates:
        if candidate.id in decided and candidate.wishes:
            start = candidate.wishes[0].ideal_start
            yield start, add_months(start, candidate.months_needed) or date.max


def _active(stays: Iterable[Stay], days: list[date]) -> list[int]:
    """Count the half-open stays that are active on each day."""
    listed = list(stays)
    starts = sorted(start for start, _ in listed)
    ends = sorted(end for _, end in listed)
    return [bisect_right(starts, day) - bisect_right(ends, day) for day in days]
