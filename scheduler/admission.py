"""The stays a candidate may wish for, and the rules that admit them (docs/model.md, section 2)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from scheduler.dates import add_months, overlap, whole_months
from scheduler.domain import Candidate, Unit, Window, Wish
from scheduler.rounds import Round


@dataclass(frozen=True, slots=True)
class Refusal:
    """An admission rule that failed, with the figures that failed it."""

    rule: str
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stay:
    """A candidate in a window for ``[start, end)``: what the admission rules look at.

    `wish_class` is the position of the first wish that covers it, 0 without one; `months` are its
    full-time months. `is_offer` says that she has been offered it, with all that belongs to it.
    """

    round: Round
    candidate: Candidate
    window: Window
    unit: Unit
    start: date
    end: date
    wish_class: int
    months: int
    is_offer: bool = False


def stay(
    round_: Round, candidate: Candidate, window: Window, start: date, months: int | None = None
) -> Stay | None:
    """Return the stay of a candidate that begins on a day, None where it would never end.

    `months` are its full-time months; None = all that she needs.
    """
    months = months or candidate.months_needed
    end = add_months(start, stay_months(months, window))
    if end is None:
        return None
    unit = round_.unit[window.unit]
    own = months == candidate.months_needed and _is_offered(round_, candidate, window, start)
    wish = covering(candidate, unit, start)
    return Stay(round_, candidate, window, unit, start, end, wish, months, own)


def covering(candidate: Candidate, unit: Unit, start: date) -> int:
    """Return the position (1 = first) of the first wish that covers a start in a unit, 0 = none."""
    found = (
        position
        for position, wish in enumerate(candidate.wishes, start=1)
        if wish.earliest <= start <= wish.latest and names(wish, unit)
    )
    return next(found, 0)


def _is_offered(round_: Round, candidate: Candidate, window: Window, start: date) -> bool:
    """Tell whether a candidate has been offered the whole of her stay in a window from a day on."""
    offers = round_.offered.get(candidate.id, ())
    return len(offers) == 1 and (
        (offers[0].window, offers[0].start, round_.months(offers[0]))
        == (window.id, start, candidate.months_needed)
    )


def names(wish: Wish, unit: Unit) -> bool:
    """Tell whether a wish names the unit, its site or its trust."""
    return wish.target in (unit.id, unit.site, unit.trust)


def stay_months(months: int, window: Window) -> int:
    """Months a stay lasts: full-time months stretched by the window's percentage, rounded up."""
    return -(-months * 100 // window.fte_percent)


def start_days(round_: Round, window: Window, months: int, first: date, last: date) -> list[date]:
    """Return the start days of a window for stays of `months` in ``[first, last]``, sorted.

    A start day fits the stay into the window and is either on a day of month that the policy names
    or a whole number of stays after the window opens.
    """
    days = possible_days(round_, window, months, first, last)
    return [day for day in days if _fits(day, months, window)]


def possible_days(
    round_: Round, window: Window, months: int, first: date, last: date
) -> list[date]:
    """Return what `start_days` returns, whether or not a stay still fits before the window ends."""
    first, last = max(first, window.opens), min(last, window.closes)
    return sorted({*_named_days(round_, first, last), *_chain(window.opens, months, first, last)})


def _named_days(round_: Round, first: date, last: date) -> Iterator[date]:
    """Yield the dates in ``[first, last]`` on a day of month that the policy names, in order."""
    month: date | None = first.replace(day=1)
    while month is not None and month <= last:
        for day in _days_of(round_.policy.start_days, month):
            if first <= day <= last:
                yield day
        month = add_months(month, 1)


@lru_cache(maxsize=1 << 12)
def _days_of(numbers: Sequence[int], month: date) -> tuple[date, ...]:
    """Return the dates of a month, given by its first day, with these numbers."""
    length = monthrange(month.year, month.month)[1]
    return tuple(month.replace(day=number) for number in sorted(numbers) if number <= length)


def _chain(opens: date, months: int, first: date, last: date) -> Iterator[date]:
    """Yield the dates in ``[first, last]`` a whole number of stays after a window opens."""
    stays = whole_months(opens, first) // months
    while (day := add_months(opens, stays * months)) is not None and day <= last:
        if day >= first:
            yield day
        stays += 1


def _fits(day: date, months: int, window: Window) -> bool:
    end = add_months(day, months)
    return end is not None and end <= window.closes


def lead_base(round_: Round, candidate: Candidate) -> date:
    """The date that lead times count from."""
    submission = round_.policy.lead.counts_from == "submission"
    return candidate.submitted_on if submission else round_.decision_date


def _wish(s: Stay) -> Mapping[str, Any] | None:
    return None if s.wish_class else {}


def _lead(s: Stay) -> Mapping[str, Any] | None:
    required = s.round.policy.lead.minimum(s.unit.trust)
    base = lead_base(s.round, s.candidate)
    cleared = add_months(base, required)
    if s.candidate.lead_waiver or (cleared is not None and s.start >= cleared):
        return None
    return {"months": whole_months(base, s.start), "required": required}


def _registered(s: Stay) -> Mapping[str, Any] | None:
    registered_on = s.round.municipality[s.candidate.municipality].registered_on
    if registered_on is not None and registered_on <= s.start:
        return None
    return {"registered_on": registered_on and str(registered_on)}


def _agreement(s: Stay) -> Mapping[str, Any] | None:
    for agreement in s.round.municipality[s.candidate.municipality].agreements:
        runs_on = agreement.ends_on is None or agreement.ends_on >= s.end
        if agreement.trust == s.unit.trust and agreement.signed_on <= s.start and runs_on:
            return None
    return {"trust": s.unit.trust, "end": str(s.end)}


def _lis1(s: Stay) -> Mapping[str, Any] | None:
    completed_on = s.candidate.lis1_completed_on
    if completed_on is not None and completed_on <= s.start:
        return None
    return {"lis1_completed_on": completed_on and str(completed_on)}


def _supervisor(s: Stay) -> Mapping[str, Any] | None:
    return None if s.candidate.has_supervisor else {}


def _in_plan(s: Stay) -> Mapping[str, Any] | None:
    return None if s.candidate.in_individual_plan else {}


def _goals(s: Stay) -> Mapping[str, Any] | None:
    missing = sorted(set(s.candidate.learning_goals) - set(s.unit.learning_goals))
    return {"goals": missing} if missing else None


def _experience(s: Stay) -> Mapping[str, Any] | None:
    has, required = s.candidate.gp_months, s.window.min_gp_months
    return None if has >= required else {"months": has, "required": required}


def _fte(s: Stay) -> Mapping[str, Any] | None:
    offered, required = s.window.fte_percent, s.candidate.min_fte_percent
    return None if offered >= required else {"percent": offered, "required": required}


def _available(s: Stay) -> Mapping[str, Any] | None:
    available_from = s.candidate.available_from
    away = any(overlap(s.start, s.end, p.start, p.end) for p in s.candidate.unavailable)
    late = available_from is not None and available_from > s.start
    return {"end": str(s.end)} if away or late else None


def _released(s: Stay) -> Mapping[str, Any] | None:
    release_on = s.window.release_on
    if release_on is None or release_on > s.round.decision_date:
        return None
    return {"release_on": str(release_on)}


ADMISSION: dict[str, Callable[[Stay], Mapping[str, Any] | None]] = {
    "WISH": _wish,
    "LEAD": _lead,
    "REGISTERED": _registered,
    "AGREEMENT": _agreement,
    "LIS1": _lis1,
    "SUPERVISOR": _supervisor,
    "IN_PLAN": _in_plan,
    "GOALS": _goals,
    "EXPERIENCE": _experience,
    "FTE": _fte,
    "AVAILABLE": _available,
    "RELEASED": _released,
}
"""Every admission rule: None where it is kept, else the figures that failed."""

WAIVED_FOR_OFFERS = ("LEAD", "RELEASED")
"""Rules that a candidate's own offer met when it was made."""


def refusals(s: Stay) -> Iterator[Refusal]:
    """Yield every admission rule that fails for a stay on a start day, with its figures."""
    for rule, failed in ADMISSION.items():
        if s.is_offer and rule in WAIVED_FOR_OFFERS:
            continue
        figures = failed(s)
        if figures is not None:
            yield Refusal(rule, figures)


def is_admissible(s: Stay) -> bool:
    """Tell whether every admission rule is kept for a stay on a start day."""
    return next(refusals(s), None) is None


def wished_stays(
    round_: Round,
    candidate: Candidate,
    window: Window,
    wishes: Sequence[Wish],
    months: int | None = None,
) -> list[Stay]:
    """Return the stays of a candidate in a window that some of the wishes cover, by start.

    `months` are their full-time months; None = all that she needs.
    """
    unit = round_.unit[window.unit]
    length = stay_months(months or candidate.months_needed, window)
    days: set[date] = set()
    for wish in wishes:
        if names(wish, unit):
            days.update(start_days(round_, window, length, wish.earliest, wish.latest))
    found = (stay(round_, candidate, window, day, months) for day in sorted(days))
    return [each for each in found if each is not None]
