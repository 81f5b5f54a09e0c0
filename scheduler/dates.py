"""Calendar dates and half-open periods.

A period is ``[start, end)``. Months are added as MODEL.md defines: the day of month stays, clipped
to the last day of a shorter month. The calendar ends with the year 9999.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, date
from functools import lru_cache


@lru_cache(maxsize=1 << 14)
def add_months(day: date, months: int) -> date | None:
    """Return the date `months` later, or None beyond the year 9999.

    Parameters
    ----------
    day
        Any date.
    months
        Whole months, at least 0.
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if year > MAXYEAR:
        return None
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def whole_months(start: date, end: date) -> int:
    """Return the greatest n with ``add_months(start, n) <= end``; 0 where end < start."""
    if end <= start:
        return 0
    months = (end.year - start.year) * 12 + end.month - start.month
    reached = add_months(start, months)
    return months if reached is not None and reached <= end else months - 1


def overlap(start: date, end: date, other_start: date, other_end: date) -> bool:
    """Tell whether the half-open periods share a day."""
    return start < other_end and other_start < end
