"""Month arithmetic, held against another library."""

from __future__ import annotations

from datetime import MAXYEAR, date

from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from scheduler.dates import add_months, overlap, whole_months

DAYS = st.dates()
MONTHS = st.integers(0, 130_000)


@given(DAYS, MONTHS)
def test_adding_months_clips_the_day_and_ends_with_the_calendar(day: date, months: int) -> None:
    found = add_months(day, months)
    if day.year * 12 + day.month - 1 + months >= (MAXYEAR + 1) * 12:
        assert found is None
    else:
        assert found == day + relativedelta(months=months)


def test_the_last_day_of_august_and_six_months() -> None:
    assert add_months(date(2027, 8, 31), 6) == date(2028, 2, 29)
    assert add_months(date(2026, 8, 31), 6) == date(2027, 2, 28)


@given(DAYS, DAYS)
def test_whole_months_is_the_greatest_number_that_fits(start: date, end: date) -> None:
    months = whole_months(start, end)
    assert months >= 0
    if end > start:
        reached, further = add_months(start, months), add_months(start, months + 1)
        assert reached is not None
        assert reached <= end
        assert further is None or further > end


@given(DAYS, DAYS, DAYS, DAYS)
def test_overlap_is_sharing_a_day(a: date, b: date, c: date, d: date) -> None:
    first, second = sorted((a, b)), sorted((c, d))
    shared = max(first[0], second[0]) < min(first[1], second[1])
    proper = first[0] < first[1] and second[0] < second[1]
    assert not proper or overlap(first[0], first[1], second[0], second[1]) == shared
