"""What each candidate could be given, and why not the rest (docs/model.md, section 2)."""

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


@dataclass(frozen=True, slots=True, order=True)
class Option:
    """One candidate in one window for ``[start, end)``; `wish_class` 1 is the first wish.

    `wish_class` is 0 where no wish covers it, which only an accepted commitment may be.
    """

    candidate: str
    window: str
    start: date
    end: date
    unit: str
    wish_class: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """An admission rule that failed, with the figures that failed it."""

    rule: str
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stay:
    """A candidate in a window for ``[start, end)``: what the admission rules look at.

    `wish_class` is the position of the first wish that covers it, 0 without one.
    """

    round: Round
    candidate: Candidate
    window: Window
    unit: Unit
    start: date
    end: date
    wish_class: int


def stay(round_: Round, candidate: Candidate, window: Window, start: date) -> Stay | None:
    """Return the stay of a candidate that begins on a day, None where it would never end."""
    end = add_months(start, stay_months(candidate, window))
    if end is None:
        return None
    unit = round_.unit[window.unit]
    covering = (
        position
        for position, wish in enumerate(candidate.wishes, start=1)
        if wish.earliest <= start <= wish.latest and names(wish, unit)
    )
    return Stay(round_, candidate, window, unit, start, end, next(covering, 0))


def names(wish: Wish, unit: Unit) -> bool:
    """Tell whether a wish names the unit, its site or its trust."""
    return wish.target in (unit.id, unit.site, unit.trust)


def stay_months(candidate: Candidate, window: Window) -> int:
    """Months a stay lasts: full-time months stretched by the window's percentage, rounded up."""
    return -(-candidate.months_needed * 100 // window.fte_percent)


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
    offer = s.round.offered.get(s.candidate.id)
    own = offer is not None and (offer.window, offer.start) == (s.window.id, s.start)
    for rule, failed in ADMISSION.items():
        if own and rule in WAIVED_FOR_OFFERS:
            continue
        figures = failed(s)
        if figures is not None:
            yield Refusal(rule, figures)


def is_admissible(s: Stay) -> bool:
    """Tell whether every admission rule is kept for a stay on a start day."""
    return next(refusals(s), None) is None


def wished_stays(
    round_: Round, candidate: Candidate, window: Window, wishes: Sequence[Wish]
) -> list[Stay]:
    """Return the stays of a candidate in a window that some of the wishes cover, by start."""
    unit = round_.unit[window.unit]
    months = stay_months(candidate, window)
    days: set[date] = set()
    for wish in wishes:
        if names(wish, unit):
            days.update(start_days(round_, window, months, wish.earliest, wish.latest))
    found = (stay(round_, candidate, window, day) for day in sorted(days))
    return [each for each in found if each is not None]


def admissible_options(round_: Round) -> tuple[Option, ...]:
    """Return every admissible option of the round, sorted by candidate, window and start."""
    return tuple(sorted(o for c in round_.candidates for o in options_of(round_, c)))


def options_of(round_: Round, candidate: Candidate) -> Iterator[Option]:
    """Yield every admissible option of a candidate."""
    targets = {wish.target for wish in candidate.wishes}
    windows = {w.id: w for target in targets for w in round_.windows_at.get(target, ())}
    for window in windows.values():
        wished = wished_stays(round_, candidate, window, candidate.wishes)
        yield from (_option(s) for s in wished if is_admissible(s))


def _option(s: Stay) -> Option:
    return Option(s.candidate.id, s.window.id, s.start, s.end, s.unit.id, s.wish_class)


def accepted_options(round_: Round) -> tuple[Option, ...]:
    """Return the accepted commitments as options, sorted; each ends when its months are served."""
    found = []
    for commitment in round_.commitments:
        if commitment.state == "accepted":
            candidate = round_.candidate[commitment.candidate]
            window = round_.window[commitment.window]
            held = stay(round_, candidate, window, commitment.start)
            assert held is not None, "cross-checked when the round was made"
            found.append(_option(held))
    return tuple(sorted(found))
