"""What of a stay counts as training service, month by month."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.placements.service import (
    ENDED,
    EXEMPTION_SHORT,
    NO_SUPERVISOR,
    NOT_REGISTERED,
    SUPERVISOR_GONE,
    Exemption,
    Month,
    Stay,
    Supervision,
    full_time_months,
    service,
)
from scheduler.dates import add_months

SPECIALIST = Supervision(date.min, "s")


def stay(start: date = date(2027, 8, 1), end: date = date(2028, 2, 1), **change: Any) -> Stay:
    """Return a full-time stay of which everything counts, but for what is changed."""
    values: dict[str, Any] = {
        "start": start,
        "end": end,
        "served_until": end,
        "fte_percent": 100,
        "registered_on": date(2019, 3, 1),
        "supervision": (SPECIALIST,),
    }
    return Stay(**values | change)


def total(of: Stay) -> Fraction:
    return full_time_months(service(of))


def reasons(of: Stay) -> list[tuple[str, ...]]:
    return [month.reasons for month in service(of)]


def test_six_months_of_a_stay_count_as_six() -> None:
    months = service(stay())
    assert [month.start for month in months] == [
        *(date(2027, n, 1) for n in (8, 9, 10, 11, 12)),
        date(2028, 1, 1),
    ]
    assert all(month.counts and month.reasons == () for month in months)
    assert total(stay()) == 6


def test_a_stay_from_the_15th_has_no_half_months() -> None:
    months = service(stay(date(2027, 8, 15), date(2028, 2, 15)))
    assert [(month.start.day, month.end.day) for month in months] == [(15, 15)] * 6
    assert full_time_months(months) == 6


def test_half_a_post_counts_half() -> None:
    """Twelve months at 50 % are six (§31)."""
    half = stay(end=date(2028, 8, 1), fte_percent=50)
    assert {month.months for month in service(half)} == {Fraction(1, 2)}
    assert total(half) == 6


@pytest.mark.parametrize(
    ("start", "end", "starts"),
    [
        (date(2027, 8, 31), date(2028, 2, 29), ["08-31", "09-30", "10-31", "11-30", "12-31", "31"]),
        (date(2028, 2, 29), date(2028, 5, 29), ["02-29", "03-29", "04-29"]),
        (date(2027, 1, 31), date(2027, 3, 31), ["01-31", "02-28"]),
    ],
)
def test_months_end_with_shorter_ones_and_come_back(
    start: date, end: date, starts: list[str]
) -> None:
    """From the 31st: the 30th where there is none, and the 31st again; no day is lost or twice."""
    months = service(stay(start, end))
    assert all(str(m.start).endswith(s) for m, s in zip(months, starts, strict=True))
    assert [month.end for month in months] == [*[m.start for m in months][1:], end]
    assert full_time_months(months) == len(starts)


def test_a_last_piece_counts_by_its_days() -> None:
    """January has 31 days: the 20 days until the 21st are 20 of 31."""
    *whole, piece = service(stay(end=date(2028, 1, 21)))
    assert (piece.start, piece.end) == (date(2028, 1, 1), date(2028, 1, 21))
    assert (len(whole), piece.months, piece.reasons) == (5, Fraction(20, 31), ())


def test_nothing_counts_before_the_municipality_is_registered() -> None:
    """A month counts from registration on its first day, not on its second."""
    on_the_day = stay(registered_on=date(2027, 10, 1))
    assert reasons(on_the_day) == [(NOT_REGISTERED,)] * 2 + [()] * 4
    assert reasons(stay(registered_on=date(2027, 10, 2)))[2] == (NOT_REGISTERED,)
    assert total(stay(registered_on=None)) == 0


def test_who_is_named_must_be_on_record_for_all_of_a_month() -> None:
    later = stay(supervision=(Supervision(date(2027, 9, 2), "s"),))
    assert reasons(later) == [(NO_SUPERVISOR,)] * 2 + [()] * 4
    assert total(stay(supervision=())) == 0
    gone = Supervision(date(2027, 12, 1), "t", on_record=False)
    assert reasons(stay(supervision=(SPECIALIST, gone)))[3:] == [(), *[(SUPERVISOR_GONE,)] * 2]
    nobody = Supervision(date(2028, 1, 31), None)
    assert reasons(stay(supervision=(SPECIALIST, nobody)))[-1] == (NO_SUPERVISOR,)


def test_two_supervisors_share_a_month() -> None:
    """The first one's exemption lasts until the other takes over, in the middle of a month."""
    first = Supervision(date.min, "s", exemption=Exemption(date(2027, 8, 1), date(2027, 10, 12)))
    second = Supervision(date(2027, 10, 12), "t")
    assert total(stay(supervision=(first, second))) == 6
    late = Supervision(date(2027, 10, 13), "t")
    assert reasons(stay(supervision=(first, late)))[2] == (EXEMPTION_SHORT,)


@pytest.mark.parametrize(
    ("start", "end", "short"),
    [
        (date(2027, 8, 1), date(2028, 2, 1), []),
        (date(2027, 8, 2), date(2028, 2, 1), [0]),
        (date(2027, 8, 1), date(2028, 1, 31), [5]),
        (date(2027, 10, 1), date(2027, 11, 1), [0, 1, 3, 4, 5]),
        (date(2026, 1, 1), date(2027, 8, 1), [0, 1, 2, 3, 4, 5]),
    ],
)
def test_an_exemption_covers_whole_months(start: date, end: date, short: list[int]) -> None:
    exempt = Supervision(date.min, "s", exemption=Exemption(start, end))
    found = reasons(stay(supervision=(exempt,)))
    assert [n for n, reason in enumerate(found) if reason] == short
    assert {reason for reason in found if reason} <= {(EXEMPTION_SHORT,)}


def test_an_interruption_cuts_a_month_by_its_days() -> None:
    cut = service(stay(served_until=date(2027, 10, 11)))
    assert [month.reasons for month in cut] == [(), (), *[(ENDED,)] * 4]
    assert [month.counts for month in cut] == [True] * 3 + [False] * 3
    assert full_time_months(cut) == 2 + Fraction(10, 31)
    assert total(stay(served_until=date(2027, 8, 1))) == 0


def test_what_was_not_served_lacks_nothing_else() -> None:
    """After an interruption nobody has to supervise; before it, what is missing is said with it."""
    ended = stay(
        served_until=date(2027, 9, 16),
        supervision=(SPECIALIST, Supervision(date(2027, 9, 10), None)),
    )
    assert reasons(ended)[:3] == [(), (NO_SUPERVISOR, ENDED), (ENDED,)]
    gone = Supervision(date(2027, 9, 16), None)
    at_the_end = stay(served_until=date(2027, 9, 16), supervision=(SPECIALIST, gone))
    assert total(at_the_end) == 1 + Fraction(15, 30)


DAYS = st.dates(date(2023, 1, 1), date(2033, 1, 1))


@given(start=DAYS, months=st.integers(1, 24), percent=st.integers(1, 100), cut=st.integers(0, 800))
def test_every_day_is_in_one_month_and_the_sum_is_that_of_the_whole(
    start: date, months: int, percent: int, cut: int
) -> None:
    end = add_months(start, months)
    assert end is not None
    served_until = min(end, start + timedelta(days=cut))
    found: tuple[Month, ...] = service(
        stay(start, end, fte_percent=percent, served_until=served_until)
    )
    assert len(found) == months
    assert [start, *(month.end for month in found)] == [*(m.start for m in found), end]
    served = [month for month in found if month.end <= served_until]
    part = full_time_months(found) * 100 / percent - len(served)
    assert 0 <= part < 1
    assert (served_until == end) == (full_time_months(found) == Fraction(months * percent, 100))
