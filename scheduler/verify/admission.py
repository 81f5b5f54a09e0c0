"""Which stays a candidate could be given, read again from section 2 of docs/model.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from dateutil.relativedelta import relativedelta

from scheduler.domain import Candidate, Municipality, Unit, Window
from scheduler.rounds import Round


@dataclass(frozen=True, slots=True)
class Stay:
    """One candidate in one window from `start` up to but not including `end`."""

    candidate: Candidate
    window: Window
    start: date
    end: date

    def meets(self, start: date, end: date) -> bool:
        """Tell whether the stay shares a day with ``[start, end)``."""
        return max(self.start, start) < min(self.end, end)

    def covers(self, day: date) -> bool:
        """Tell whether the stay is active on a day."""
        return self.start <= day < self.end


@lru_cache(maxsize=1 << 14)
def later(day: date, months: int) -> date | None:
    """Return the date `months` later with the day clipped, None beyond the year 9999."""
    try:
        return day + relativedelta(months=months)
    except (ValueError, OverflowError):
        return None


def length(candidate: Candidate, window: Window) -> int:
    """Months the stay lasts: full-time months stretched by the window's percentage, rounded up."""
    whole, rest = divmod(candidate.months_needed * 100, window.fte_percent)
    return whole + (rest > 0)


def stay(round_: Round, candidate: str, window: str, start: date) -> Stay | None:
    """Return the stay with its end, None where it would end beyond the calendar."""
    c, w = round_.candidate[candidate], round_.window[window]
    end = later(start, length(c, w))
    return None if end is None else Stay(c, w, start, end)


def wish_class(round_: Round, s: Stay) -> int | None:
    """Position (1 = first) of the first wish that covers the stay, None without one."""
    unit = round_.unit[s.window.unit]
    for position, wish in enumerate(s.candidate.wishes, start=1):
        named = wish.target in {unit.id, unit.site, unit.trust}
        if named and wish.earliest <= s.start <= wish.latest:
            return position
    return None


def on_start_day(round_: Round, s: Stay) -> bool:
    """Tell whether the stay fits its window and begins on a start day of it."""
    if s.start < s.window.opens or s.end > s.window.closes:
        return False
    chain = _chain(s.window, s.candidate, s.start, s.start)
    return s.start.day in round_.policy.start_days or s.start in chain


def _chain(window: Window, candidate: Candidate, first: date, last: date) -> Iterator[date]:
    """Yield the dates in ``[first, last]`` a whole number of stays after the window opens."""
    months, opens = length(candidate, window), window.opens
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


def refusals(round_: Round, s: Stay) -> list[str]:
    """Return the names of the rules that keep the stay from being admissible.

    ``FIT`` stands for a stay that does not begin on a start day of its window. A candidate's own
    offer is exempt from LEAD and RELEASED.
    """
    unit = round_.unit[s.window.unit]
    municipality = round_.municipality[s.candidate.municipality]
    exempt = {"LEAD", "RELEASED"} if own_offer(round_, s) else set()
    failed = [] if on_start_day(round_, s) else ["FIT"]
    return failed + [
        rule
        for rule, check in RULES.items()
        if rule not in exempt and not check(round_, s, unit, municipality)
    ]


def own_offer(round_: Round, s: Stay) -> bool:
    """Tell whether the stay is what the candidate has been offered."""
    offer = round_.offered.get(s.candidate.id)
    return offer is not None and (offer.window, offer.start) == (s.window.id, s.start)


def admissible(round_: Round, candidate: Candidate) -> Iterator[Stay]:
    """Yield every admissible stay of a candidate."""
    return (s for s in wished_stays(round_, candidate) if not refusals(round_, s))


def wished_stays(round_: Round, candidate: Candidate) -> Iterator[Stay]:
    """Yield the stays that some wish asks for; some may not fit their window."""
    days: dict[str, set[date]] = {}
    for wish in candidate.wishes:
        for window in round_.windows_at.get(wish.target, ()):
            asked = _start_days(round_, candidate, window, wish.earliest, wish.latest)
            days.setdefault(window.id, set()).update(asked)
    for window_id, asked_for in sorted(days.items()):
        for day in sorted(asked_for):
            s = stay(round_, candidate.id, window_id, day)
            if s is not None:
                yield s


def _start_days(
    round_: Round, candidate: Candidate, window: Window, first: date, last: date
) -> set[date]:
    """Return the dates in ``[first, last]`` that may be start days; some may not fit the window."""
    first, last = max(first, window.opens), min(last, window.closes)
    days = set(_chain(window, candidate, first, last))
    for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        for number in round_.policy.start_days:
            try:
                day = date(month // 12, month % 12 + 1, number)
            except ValueError:
                continue
            if first <= day <= last:
                days.add(day)
    return days
