"""Marks count months as the rule LEAD does: month ends, and 29 February."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from api.deadlines.marks import latest_before
from scheduler.dates import add_months


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2027-08-01", 9, "2026-11-01"),
        ("2027-08-01", 6, "2027-02-01"),
        ("2027-08-31", 6, "2027-02-28"),
        ("2027-02-28", 6, "2026-08-31"),  # clipped: three days of August lead there
        ("2028-02-28", 6, "2027-08-28"),
        ("2028-02-29", 6, "2027-08-31"),
        ("2028-08-29", 6, "2028-02-29"),
        ("2028-08-31", 6, "2028-02-29"),
        ("2028-02-29", 12, "2027-02-28"),
        ("2029-02-28", 12, "2028-02-29"),
        ("2027-06-30", 9, "2026-09-30"),
        ("2027-01-31", 9, "2026-04-30"),
        ("2027-01-01", 0, "2027-01-01"),
    ],
)
def test_a_mark_is_the_last_day_that_leaves_so_many_months(
    day: str, months: int, expected: str
) -> None:
    assert latest_before(date.fromisoformat(day), months) == date.fromisoformat(expected)


def test_one_day_later_would_always_be_too_late() -> None:
    for offset in range(1500):
        start = date(2027, 1, 1) + timedelta(days=offset)
        mark = latest_before(start, 6)
        on_time, late = add_months(mark, 6), add_months(mark + timedelta(days=1), 6)
        assert on_time is not None
        assert late is not None
        assert on_time <= start < late
