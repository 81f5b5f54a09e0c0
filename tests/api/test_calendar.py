"""Norwegian days: holidays that move, weekends, the two nights of the clock change."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from api.calendar import end_of_day, last_date, working_days_after, working_days_before
from api.clock import norwegian_date


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2026-11-20", 1, "2026-11-23"),  # a Friday
        ("2026-11-21", 1, "2026-11-23"),  # a Saturday
        ("2026-11-21", 3, "2026-11-25"),
        ("2026-11-20", 0, "2026-11-20"),
        ("2027-03-24", 1, "2027-03-30"),  # Easter: Thursday and Friday, Sunday and Monday
        ("2027-03-24", 3, "2027-04-01"),
        ("2028-04-12", 1, "2028-04-18"),
        ("2026-04-30", 1, "2026-05-04"),  # 1 May, a Friday
        ("2027-05-05", 1, "2027-05-07"),  # Ascension Day
        ("2027-05-14", 1, "2027-05-18"),  # Whit Monday and 17 May are one day
        ("2026-05-13", 3, "2026-05-19"),  # Ascension Day, weekend, Sunday 17 May
        ("2026-12-23", 1, "2026-12-24"),  # Christmas Eve is worked
        ("2026-12-24", 1, "2026-12-28"),
        ("2026-12-31", 1, "2027-01-04"),
        ("2027-01-29", 3, "2027-02-03"),
        ("2028-02-28", 1, "2028-02-29"),
        ("2028-02-29", 1, "2028-03-01"),
        ("2027-02-26", 1, "2027-03-01"),
    ],
)
def test_weekends_and_public_holidays_are_not_counted(day: str, count: int, expected: str) -> None:
    assert working_days_after(date.fromisoformat(day), count) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2026-11-23", 1, "2026-11-20"),  # a Monday
        ("2026-11-22", 1, "2026-11-20"),  # a Sunday
        ("2027-03-30", 1, "2027-03-24"),  # after Easter
        ("2027-05-18", 1, "2027-05-14"),
        ("2026-12-28", 2, "2026-12-23"),
        ("2028-03-01", 1, "2028-02-29"),
    ],
)
def test_working_days_are_counted_back_as_well(day: str, count: int, expected: str) -> None:
    assert working_days_before(date.fromisoformat(day), count) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("day", "over"),
    [
        ("2026-11-22", "2026-11-22T23:00:00+00:00"),
        ("2026-07-31", "2026-07-31T22:00:00+00:00"),
        ("2026-10-24", "2026-10-24T22:00:00+00:00"),  # 25 hours later the next one is over
        ("2026-10-25", "2026-10-25T23:00:00+00:00"),
        ("2027-10-30", "2027-10-30T22:00:00+00:00"),
        ("2027-10-31", "2027-10-31T23:00:00+00:00"),
        ("2027-03-27", "2027-03-27T23:00:00+00:00"),  # 23 hours later the next one is over
        ("2027-03-28", "2027-03-28T22:00:00+00:00"),
        ("2028-02-28", "2028-02-28T23:00:00+00:00"),
        ("2028-02-29", "2028-02-29T23:00:00+00:00"),
        ("2026-12-31", "2026-12-31T23:00:00+00:00"),
    ],
)
def test_a_day_is_over_when_it_is_midnight_in_norway(day: str, over: str) -> None:
    moment = end_of_day(date.fromisoformat(day))
    assert last_date(moment) == date.fromisoformat(day)
    assert moment == datetime.fromisoformat(over)
    assert moment.tzinfo is UTC


def test_the_last_moment_of_a_day_still_has_its_date() -> None:
    night = end_of_day(date(2026, 10, 25))
    assert norwegian_date(night) == date(2026, 10, 26)
    assert norwegian_date(night.replace(hour=22, minute=59, second=59)) == date(2026, 10, 25)
