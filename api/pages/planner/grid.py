"""The columns of a timeline: quarters, months or weeks, and which of them a period takes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import groupby

from babel.dates import format_date

from api.pages.rendering import text
from data.sentences import Language

ZOOMS = ("quarter", "month", "week")
"""From far to near."""

MOST_COLUMNS = 60
"""Five years of months, or a good year of weeks; what lies beyond is a link away."""

MONTHS = {"quarter": 3, "month": 1}


@dataclass(frozen=True, slots=True)
class Column:
    """Days ``[first, until)``; `group` stands above the names of several columns."""

    first: date
    until: date
    name: str
    group: str


@dataclass(frozen=True, slots=True)
class Grid:
    """Columns side by side, `before` and `after` of which others are left out.

    `middles` are the days in the middle of each: what begins after it begins in the next column.
    """

    zoom: str
    columns: Sequence[Column]
    middles: Sequence[date]
    before: date | None
    after: date | None

    def span(self, start: date, end: date) -> tuple[int, int]:
        """Return the first column that a period takes, and the one after its last.

        What begins or ends within a column is drawn from, or to, its nearer edge, so that two
        periods that touch never share one; a short period may come to none.
        """
        day = timedelta(1)
        return bisect_right(self.middles, start - day), bisect_right(self.middles, end - day)

    @property
    def groups(self) -> Iterator[tuple[str, int]]:
        """Each heading above the columns, with how many of them it is above."""
        for group, columns in groupby(self.columns, key=lambda column: column.group):
            yield group, len(list(columns))


def grid(language: Language, zoom: str, first: date, until: date, start: date | None) -> Grid:
    """Return the columns from the day `first` to the day `until`.

    Parameters
    ----------
    start
        The first day to be shown where there are more than `MOST_COLUMNS`; None = `first`.
    """
    every = list(_columns(language, zoom, first, until))
    starts = [column.first for column in every]
    at = max(0, bisect_right(starts, start) - 1) if start else 0
    at = min(at, max(0, len(every) - MOST_COLUMNS))
    shown = every[at : at + MOST_COLUMNS]
    before = every[max(0, at - MOST_COLUMNS)].first if at else None
    after = every[at + MOST_COLUMNS].first if at + MOST_COLUMNS < len(every) else None
    middles = [each.first + (each.until - each.first) // 2 for each in shown]
    return Grid(zoom, shown, middles, before, after)


def _columns(language: Language, zoom: str, first: date, until: date) -> Iterator[Column]:
    written = partial(format_date, locale=language)
    day = _beginning(zoom, first)
    while day < until or day == _beginning(zoom, first):
        after = _next(zoom, day)
        if zoom == "week":
            name, group = f"{day.isocalendar().week}", written(day, "LLL y")
        elif zoom == "month":
            name, group = written(day, "LLL"), str(day.year)
        else:
            quarter = (day.month + 2) // 3
            name, group = text(language, "pages_planner.quarter", number=quarter), str(day.year)
        yield Column(day, after, name, group)
        day = after


def _beginning(zoom: str, day: date) -> date:
    """Return the first day of the column that a day lies in."""
    if zoom == "week":
        return day - timedelta(day.weekday())
    months = MONTHS[zoom]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _next(zoom: str, day: date) -> date:
    if zoom == "week":
        return day + timedelta(7)
    month = day.month - 1 + MONTHS[zoom]
    return date(day.year + month // 12, month % 12 + 1, 1)
