"""Days as they are counted in Norway: working days, and when a day is over."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import holidays

from api.clock import NORWAY, norwegian_date

_SATURDAY = 5


def working_days_after(day: date, count: int) -> date:
    """Return the working day that comes so many working days after a day.

    Weekends and public holidays are not counted, nor is the day itself.
    """
    while count > 0:
        day += timedelta(days=1)
        count -= _is_worked(day)
    return day


def working_days_before(day: date, count: int) -> date:
    """Return the working day that comes so many working days before a day."""
    while count > 0:
        day -= timedelta(days=1)
        count -= _is_worked(day)
    return day


def end_of_day(day: date) -> datetime:
    """Return the instant, in UTC, at which a day is over in Norway.

    It is the first one of the day after: a day that begins summer time has 23 hours.
    """
    midnight = datetime.combine(day + timedelta(days=1), time(), NORWAY)
    return midnight.astimezone(UTC)


def last_date(deadline: datetime) -> date:
    """Return the last day in Norway on which there is time left before an instant.

    What ends at midnight ends with the day before.
    """
    return norwegian_date(deadline - timedelta(microseconds=1))


def _is_worked(day: date) -> bool:
    return day.weekday() < _SATURDAY and day not in _free(day.year)


@cache
def _free(year: int) -> frozenset[date]:
    """Return the public holidays of a year."""
    return frozenset(holidays.country_holidays("NO", years=year))
