"""Times of the year at which something is due in Norway, as ``01-15,04-15 02:30``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Self

from api.clock import NORWAY

_FORM = re.compile(r"((?:\d\d-\d\d,)*\d\d-\d\d) (\d\d):(\d\d)", re.ASCII)

_ANY_YEAR = 2027
"""No leap year: 29 February is refused, for it does not come every year."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Days of the year, each as month and day, and the time of day."""

    days: tuple[tuple[int, int], ...]
    at: time

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the schedule of a text such as ``01-15,04-15,07-15,10-15 02:30``.

        Raises
        ------
        ValueError
            Where it is none, or names a day that does not come every year.
        """
        match = _FORM.fullmatch(text.strip())
        if match is None:
            raise ValueError("no days and time")
        days, hour, minute = match.groups()
        found = {date.fromisoformat(f"{_ANY_YEAR}-{day}") for day in days.split(",")}
        return cls(
            tuple(sorted((day.month, day.day) for day in found)), time(int(hour), int(minute))
        )

    def last_due(self, now: datetime) -> datetime:
        """Return the latest time, in UTC, that has come.

        A time that the clock shows twice is due the first time; one that it leaps over is due as
        long after the leap as it would have been after its beginning.
        """
        year = now.astimezone(NORWAY).year
        times = (self._instant(y, *day) for y in (year - 1, year) for day in self.days)
        return max(instant for instant in times if instant <= now)

    def _instant(self, year: int, month: int, day: int) -> datetime:
        return datetime.combine(date(year, month, day), self.at, NORWAY).astimezone(UTC)
