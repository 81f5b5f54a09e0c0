"""Which stays a candidate could be given, read again from section 2 of docs/model.md."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

from dateutil.relativedelta import relativedelta

from scheduler.domain import Candidate, Municipality, Unit, Window
from scheduler.rounds import Round


@dataclass(frozen=True, slots=True)
class Stay:
    """One candidate in one window from `start` up to but not including `end`.

    It counts `months` full-time months.
    """

    candidate: Candidate
    window: Window
    start: date
    end: date
    months: int

    def meets(self, start: date, end: date) -> bool:
        """Tell whether the stay shares a day with ``[start, end)``."""
        return max(self.start, start) < min(self.end, end)

    def covers(self, day: date) -> bool:
        """Tell whether the stay is active on a day."""
        return self.start <= day < self.end


Given = tuple[Stay, ...]
"""All stays of one candidate, in the order of their starts: one, or one for each part."""


@lru_cache(maxsize=1 << 14)
def later(day: date, months: int) -> date | None:
    """Return the date `months` later with the day clipped, None beyond the year 9999."""
    try:
        return day + relativedelta(months=months)
    except (ValueError, OverflowError):
        return None


def length(months: int, window: Window) -> int:
    """Months a stay lasts: full-time months stretched by the window's percentage, rounded up."""
    whole, rest = divmod(months * 100, window.fte_percent)
    return whole + (rest > 0)


def stay(
    round_: Round, candidate: str, window: str, start: date, months: int | None = None
) -> Stay | None:
    """Return the stay with its end, None where it would end beyond the calendar.

    `months` are its full-time months; None = all that the candidate needs.
    """
    c, w = round_.candidate[candidate], round_.window[window]
    served = c.months_needed if months is None else months
    end = later(start, length(served, w))
    return None if end is None else Stay(c, w, start, end, served)


def given(stays: Iterable[Stay]) -> list[Given]:
    """Return stays by candidate, those of each in the order of their starts."""
    found: dict[str, list[Stay]] = {}
    for s in stays:
        found.setdefault(s.candidate.id, []).append(s)
    return [tuple(sorted(own, key=lambda s: s.start)) for own in found.values()]


def wish_class(round_: Round, s: Stay) -> int | None:
    """Position (1 = first) of the first wish that covers the stay, None without one."""
    unit = round_.unit[s.window.unit]
    for position, wish in enumerate(s.candidate.wishes, start=1):
        named = wish.target in {unit.id, unit.site, unit.trust}
        if named and wish.earliest <= s.start <= wish.latest:
            return position
    return None


def outcome_class(round_: Round, own: Given) -> int | None:
    """Return the class of the stay that comes off worst, None where no wish covers one."""
    classes = [wish_class(round_, s) for s in own]
    known = [position for position in classes if position is not None]
    return max(known) if len(known) == len(classes) else None


def on_start_day(round_: Round, s: Stay) -> bool:
    """Tell whether the stay fits its window and begins on a start day of it."""
    if s.start < s.window.opens or s.end > s.window.closes:
        return False
    chain = _chain(s.window, s.months, s.start, s.start)
    return s.start.day in round_.policy.start_days or s.start in chain


def _chain(window: Window, served: int, first: date, last: date) -> Iterator[date]:
    """Yield the dates in ``[first, last]`` a whole number of stays after the window opens."""
    months, opens = length(served, window), window.opens
    step = max(0, (first.year - opens.year) * 12 + first.month - opens.month - 1) // months
    while (day := later(opens, step * months)) is not None and day <= last:
        if first <= day:
            yield day
        step += 1


def _lead(round_: Round, s: Stay, unit: Unit) -> bool:
    if s.candidate.lead_waiver:
        return True
    cleared = later(lead_base(round_, s.candidate), round_.policy.lead.minimum(unit.trust))
    return cleared is not None and s.start >= cleared


def lead_base(round_: Round, candidate: Candidate) -> date:
    """The date that lead times count from."""
    submission = round_.policy.lead.counts_from == "submission"
    return candidate.submitted_on if submission else round_.decision_date


def _agreement(s: Stay, unit: Unit, municipality: Municipality) -> bool:
    return any(
        agreement.trust == unit.trust
        and agreement.signed_on <= s.start
        and (agreement.ends_on is None or agreement.ends_on >= s.end)
        for agreement in municipality.agreements
    )


def _available(s: Stay) -> bool:
    if s.candidate.available_from is not None and s.start < s.candidate.available_from:
        return False
    return not any(s.meets(period.start, period.end) for period in s.candidate.unavailable)


def _since(day: date | None, start: date) -> bool:
    return day is not None and day <= start


Check = Callable[[Round, Stay, Unit, Municipality], bool]

RULES: dict[str, Check] = {
    "WISH": lambda r, s, u, m: wish_class(r, s) is not None,
    "LEAD": lambda r, s, u, m: _lead(r, s, u),
    "REGISTERED": lambda r, s, u, m: _since(m.registered_on, s.start),
    "AGREEMENT": lambda r, s, u, m: _agreement(s, u, m),
    "LIS1": lambda r, s, u, m: _since(s.candidate.lis1_completed_on, s.start),
    "SUPERVISOR": lambda r, s, u, m: s.candidate.has_supervisor,
    "IN_PLAN": lambda r, s, u, m: s.candidate.in_individual_plan,
    "GOALS": lambda r, s, u, m: set(s.candidate.learning_goals) <= set(u.learning_goals),
    "EXPERIENCE": lambda r, s, u, m: s.candidate.gp_months >= s.window.min_gp_months,
    "FTE": lambda r, s, u, m: s.window.fte_percent >= s.candidate.min_fte_percent,
    "AVAILABLE": lambda r, s, u, m: _available(s),
    "RELEASED": lambda r, s, u, m: (
        s.window.release_on is None or s.window.release_on > r.decision_date
    ),
}
"""Every admission rule of section 2 by name."""


def refusals(round_: Round, s: Stay, offered: bool) -> list[str]:
    """Return the names of the rules that keep the stay from being admissible.

    ``FIT`` stands for a stay that does not begin on a start day of its window. What is `offered` is
    exempt from LEAD and RELEASED.
    """
    unit = round_.unit[s.window.unit]
    municipality = round_.municipality[s.candidate.municipality]
    exempt = {"LEAD", "RELEASED"} if offered else set()
    failed = [] if on_start_day(round_, s) else ["FIT"]
    return failed + [
        rule
        for rule, check in RULES.items()
        if rule not in exempt and not check(round_, s, unit, municipality)
    ]


def own_offer(round_: Round, own: Given) -> bool:
    """Tell whether the stays are what the candidate has been offered, all of it."""
    offers = round_.offered.get(own[0].candidate.id)
    if offers is None:
        return False
    seats = {(o.window, o.start, o.months or own[0].candidate.months_needed) for o in offers}
    return seats == {(s.window.id, s.start, s.months) for s in own}


def divided(round_: Round, own: Given) -> bool:
    """Tell whether stays are so long, and so far apart, as the policy lets a stay be divided."""
    if tuple(s.months for s in own) not in _divisions(round_, own[0].candidate):
        return False
    return all(_follows(round_, one, other) for one, other in pairwise(own))


def _follows(round_: Round, one: Stay, other: Stay) -> bool:
    """Tell whether a stay follows another as its other part: soon, and not as its continuation."""
    assert round_.policy.parts is not None, "only then is anything divided"
    latest = later(one.end, round_.policy.parts.longest_gap_months)
    if other.start < one.end or (latest is not None and other.start > latest):
        return False
    return other.start > one.end or other.window.id != one.window.id


def _divisions(round_: Round, candidate: Candidate) -> set[tuple[int, ...]]:
    needed, parts = candidate.months_needed, round_.policy.parts
    allowed = () if parts is None else parts.divisions
    return {each for each in allowed if sum(each) == needed} or {(needed,)}


def admissible(round_: Round, candidate: Candidate, beyond: int = 0) -> Iterator[Given]:
    """Yield all that a candidate could be given, if its class is over `beyond`."""
    for division in _divisions(round_, candidate):
        if len(division) > 1:
            pairs = _pairs(round_, candidate, *division)
            yield from (own for own in pairs if (outcome_class(round_, own) or 0) > beyond)
            continue
        for s in wished_stays(round_, candidate, *division):
            is_worse = not beyond or (wish_class(round_, s) or 0) > beyond
            if is_worse and not refusals(round_, s, own_offer(round_, (s,))):
                yield (s,)


def _pairs(round_: Round, candidate: Candidate, first: int, second: int) -> Iterator[Given]:
    """Yield the admissible stays in two parts of so many full-time months."""
    later_ones = sorted(_hopeful(round_, candidate, second), key=lambda each: each[0].start)
    starts = [s.start for s, _ in later_ones]
    for one, is_free in _hopeful(round_, candidate, first):
        for other, is_free_too in later_ones[bisect_left(starts, one.end) :]:
            if _follows(round_, one, other):
                if (is_free and is_free_too) or own_offer(round_, (one, other)):
                    yield one, other
            elif other.start > one.end:
                break


def _hopeful(round_: Round, candidate: Candidate, months: int) -> Iterator[tuple[Stay, bool]]:
    """Yield the stays that break nothing but what an offer may break; and if they keep that too."""
    for s in wished_stays(round_, candidate, months):
        failed = refusals(round_, s, False)
        if {"LEAD", "RELEASED"}.issuperset(failed):
            yield s, not failed


def wished_stays(round_: Round, candidate: Candidate, served: int) -> Iterator[Stay]:
    """Yield the stays of so many full-time months that a wish asks for; some may not fit."""
    days: dict[str, set[date]] = {}
    for wish in candidate.wishes:
        for window in round_.windows_at.get(wish.target, ()):
            asked = _start_days(round_, served, window, wish.earliest, wish.latest)
            days.setdefault(window.id, set()).update(asked)
    for window_id, asked_for in sorted(days.items()):
        for day in sorted(asked_for):
            s = stay(round_, candidate.id, window_id, day, served)
            if s is not None:
                yield s


def _start_days(round_: Round, served: int, window: Window, first: date, last: date) -> set[date]:
    """Return the dates in ``[first, last]`` that may be start days; some may not fit the window."""
    first, last = max(first, window.opens), min(last, window.closes)
    days = set(_chain(window, served, first, last))
    for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        for number in round_.policy.start_days:
            try:
                day = date(month // 12, month % 12 + 1, number)
            except ValueError:
                continue
            if first <= day <= last:
                days.add(day)
    return days
