"""What of a stay counts as training service, month by month (spesialistforskriften §21, §25, §31).

Months are those of the stay, not of the calendar: the first one begins with the stay, and each ends
where the next begins. A candidate needs months of service and begins on any day; calendar months
would cut her first and last month in two, and six of hers would be seven entries of which none says
whether the six are full.

A month counts as a whole or not at all where a condition does not hold throughout it; what
was served of the last one counts by its days. Absence is not known here: the municipality deducts
it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import count, pairwise
from typing import Final

from api.schemas.placements import NotCounted
from scheduler.dates import add_months

NOT_REGISTERED: Final = "not-registered"
"""The municipality is not registered on the first day of the month (§21)."""

NO_SUPERVISOR: Final = "no-supervisor"
"""On some day of the month no supervisor is named (§25)."""

SUPERVISOR_GONE: Final = "supervisor-gone"
"""Who is named is not on the municipality's record any more."""

EXEMPTION_SHORT: Final = "exemption-short"
"""The supervisor's exemption does not cover the month."""

ENDED: Final = "ended"
"""The stay ended before the month was over: it was interrupted, or completed early."""

REASONS: tuple[NotCounted, ...] = (
    NOT_REGISTERED,
    NO_SUPERVISOR,
    SUPERVISOR_GONE,
    EXEMPTION_SHORT,
    ENDED,
)


@dataclass(frozen=True, slots=True)
class Exemption:
    """Who is no specialist may supervise in ``[start, end)``."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Supervision:
    """Who supervises from a day on, until the next one does.

    Attributes
    ----------
    since
        The first day.
    supervisor
        Her id; None = nobody.
    on_record
        Whether the municipality has her on its record now.
    exemption
        Days that she is limited to; None = she is a specialist.
    """

    since: date
    supervisor: str | None
    on_record: bool = True
    exemption: Exemption | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A stay ``[start, end)`` as far as it is known.

    Attributes
    ----------
    served_until
        The day after the last day of service; `end` where nothing cut it short.
    fte_percent
        Size of the post in percent: part-time counts in proportion (§31).
    registered_on
        Since when the municipality is registered; None = it is not.
    supervision
        In the order of its days; before the first one nobody supervises.
    """

    start: date
    end: date
    served_until: date
    fte_percent: int
    registered_on: date | None
    supervision: Sequence[Supervision]


@dataclass(frozen=True, slots=True)
class Month:
    """A month ``[start, end)`` of a stay.

    Attributes
    ----------
    months
        Full-time months that it comes to; 0 where it does not count.
    reasons
        Why it does not count, or not in full: of `REASONS`.
    """

    start: date
    end: date
    months: Fraction
    reasons: tuple[NotCounted, ...]

    @property
    def counts(self) -> bool:
        """Whether anything of it counts."""
        return self.months > 0


def service(stay: Stay) -> tuple[Month, ...]:
    """Return every month of a stay; the last one is shorter where the stay is no whole months."""
    return tuple(_month(stay, start, after) for start, after in _months(stay.start, stay.end))


def full_time_months(months: Sequence[Month]) -> Fraction:
    """Return the full-time months that count."""
    return sum((month.months for month in months), Fraction(0))


def _months(start: date, end: date) -> Iterator[tuple[date, date]]:
    """Yield the first day of each month of a stay, and of the one after it."""
    days = (add_months(start, number) or date.max for number in count())
    for first, after in pairwise(days):
        if first >= end:
            return
        yield first, after


def _month(stay: Stay, start: date, after: date) -> Month:
    end = min(after, stay.end)
    served = min(end, max(start, stay.served_until))
    reasons: list[NotCounted] = list(_missing(stay, start, served))
    months = Fraction(0)
    if not reasons:
        months = Fraction((served - start).days, (after - start).days) * stay.fte_percent / 100
    if served < end:
        reasons.append(ENDED)
    return Month(start, end, months, tuple(reasons))


def _missing(stay: Stay, start: date, end: date) -> Iterator[NotCounted]:
    """Yield what is missing in the days that were served, each reason once."""
    if start == end:
        return
    if stay.registered_on is None or stay.registered_on > start:
        yield NOT_REGISTERED
    found = {_lacking(each, first, last) for each, first, last in _supervised(stay, start, end)}
    yield from (reason for reason in REASONS if reason in found)


def _supervised(stay: Stay, start: date, end: date) -> Iterator[tuple[Supervision, date, date]]:
    """Yield who supervises on which days of a period, without a gap."""
    nobody = Supervision(date.min, None)
    for each, following in pairwise((nobody, *stay.supervision, Supervision(date.max, None))):
        first, last = max(start, each.since), min(end, following.since)
        if first < last:
            yield each, first, last


def _lacking(supervision: Supervision, start: date, end: date) -> NotCounted | None:
    """Return what a supervisor lacks for a period; None = nothing."""
    if supervision.supervisor is None:
        return NO_SUPERVISOR
    if not supervision.on_record:
        return SUPERVISOR_GONE
    exemption = supervision.exemption
    if exemption and not exemption.start <= start < end <= exemption.end:
        return EXEMPTION_SHORT
    return None
