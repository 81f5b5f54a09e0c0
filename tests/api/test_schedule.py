"""Times of the year at which something is due: each once, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from api.clock import NORWAY
from api.schedule import Schedule
from api.settings import Settings

BEGIN = datetime(2020, 1, 2, tzinfo=UTC)
QUARTERS = Schedule.read("01-15,04-15,07-15,10-15 02:30")


def instants(begin: datetime, hours: int, minutes: int = 10) -> list[datetime]:
    """Every so many minutes from a beginning on."""
    return [begin + timedelta(minutes=m) for m in range(0, hours * 60, minutes)]


def test_a_schedule_is_due_at_its_time_in_norway_and_not_before() -> None:
    before, due = (datetime(2027, 4, 15, 0, m, tzinfo=UTC) for m in (29, 30))
    assert QUARTERS.last_due(before) == datetime(2027, 1, 15, 1, 30, tzinfo=UTC)
    assert QUARTERS.last_due(due) == due


def test_before_the_first_day_of_a_year_the_last_of_the_year_before_is_due() -> None:
    assert QUARTERS.last_due(datetime(2027, 1, 1, tzinfo=UTC)) == datetime(
        2026, 10, 15, 0, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("day", "due"),
    [
        ("10-25", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # shown twice: the first time
        ("03-29", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # leapt over: an hour later
        ("06-15", datetime(2026, 6, 15, 0, 30, tzinfo=UTC)),
    ],
)
def test_the_nights_in_which_clocks_are_changed_are_due_once(day: str, due: datetime) -> None:
    schedule = Schedule.read(f"{day} 02:30")
    night = instants(due.replace(hour=0, minute=0) - timedelta(hours=3), 9)
    told = [schedule.last_due(moment) for moment in night]
    assert set(told) == {told[0], due}
    assert [moment >= due for moment in night] == [each == due for each in told]


@given(
    st.lists(st.dates(date(2027, 1, 1), date(2027, 12, 31)), min_size=1),
    st.times(),
    st.integers(0, 70 * 366 * 86_400).map(lambda seconds: BEGIN + timedelta(seconds=seconds)),
)
def test_what_is_due_is_the_latest_time_on_a_wall_clock(
    days: list[date], at: time, now: datetime
) -> None:
    text = ",".join(f"{day:%m-%d}" for day in days)
    schedule = Schedule.read(f"{text} {at:%H:%M}")
    due = schedule.last_due(now)
    assert due <= now < due + timedelta(days=367)
    assert schedule.last_due(due) == due
    assert schedule.last_due(due - timedelta(microseconds=1)) < due
    shown = due.astimezone(NORWAY)
    assert f"{shown:%m-%d}" in text
    leapt = shown.hour == 3 and at.hour == 2 and shown.month == 3
    assert leapt or f"{shown:%H:%M}" == f"{at:%H:%M}"


@pytest.mark.parametrize(
    "text",
    [
        "01-15", "02:30", "01-15 24:00", "01-15 2:30", "02-29 02:30", "13-01 02:30",
        "01-15, 04-15 02:30", "01-15  02:30", "quarterly", "2027-01-15 02:30", "01-15 02:60",
        "٠١-15 02:30",
    ],
)  # fmt: skip
def test_no_other_text_is_a_schedule(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTATIONS_BATCH", text)
    with pytest.raises(ValidationError):
        Settings()


def test_no_schedule_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTATIONS_BATCH", "")
    assert Settings().batch is None
