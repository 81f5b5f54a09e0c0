"""Why this outcome: for each candidate, what became of every wish better than what she got.

A wish that no window could serve says for each window which rules fail nearest to it, with their
figures; a wish that could be served says who holds the seats. Codes beside the admission rules:

=============  ======================================================================
NO_WISH        she wishes nothing
NO_WINDOW      no window at the target
OPENS_LATE     the window opens after the last start wished
FIT            the window closes too early for the stay
PART           a part of so many `months` fits, but no other part within `gap` months of it
NO_START_DAY   no start day of the window in the period wished
HELD           every stay meets a full limit: `rule`, higher-ranked colleagues by id,
               all others as a count
PRIORITY       she would stand in the way of higher-ranked colleagues
CHAIN          her own seat, once free, is owed to somebody whom another stands in the way of
TIER           everything fits, but the tier named would come out worse
OPEN           the seat is not full: the search was stopped before that was decided
=============  ======================================================================
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from scheduler.admission import (
    Refusal,
    Stay,
    possible_days,
    refusals,
    stay_months,
    wished_stays,
)
from scheduler.dates import add_months
from scheduler.domain import Candidate, Window, Wish
from scheduler.options import Option, covers, divisions, grants, options_of
from scheduler.plans import Account, Placement, Reason
from scheduler.rounds import Round
from scheduler.seats import Seats

PERSONAL = ("SUPERVISOR", "IN_PLAN")
"""Rules that fail for a candidate whatever the window: said once, not at every window."""


def accounts(
    round_: Round, placements: Sequence[Placement], lottery_counter: int, decided: bool
) -> tuple[tuple[Account, ...], tuple[Account, ...]]:
    """Return the accounts owed to the unplaced, and to those placed below a better wish.

    Parameters
    ----------
    round_, placements
        The round and the placements of its plan, accepted commitments among them.
    lottery_counter
        Which draw of the lottery decided.
    decided
        Whether the search came to its end. Where it was stopped, a seat that is not full is OPEN:
        no rule or tier has spoken yet.
    """
    seats = Seats(round_, placements, lottery_counter, decided)
    unplaced, passed_over = [], []
    for candidate in round_.candidates:
        own = seats.of.get(candidate.id)
        if own is None:
            reasons = tuple(_reasons(round_, seats, candidate, len(candidate.wishes)))
            unplaced.append(Account(candidate.id, reasons))
        elif (own[0].wish_class or 1) > 1 and candidate.id not in round_.accepted:
            reasons = tuple(_reasons(round_, seats, candidate, (own[0].wish_class or 1) - 1))
            passed_over.append(Account(candidate.id, reasons))
    return tuple(unplaced), tuple(passed_over)


def _reasons(round_: Round, seats: Seats, candidate: Candidate, wishes: int) -> Iterator[Reason]:
    """Yield the reasons for a candidate's first `wishes` wishes."""
    if not candidate.wishes:
        yield Reason("NO_WISH")
    if not candidate.has_supervisor:
        yield Reason("SUPERVISOR")
    if not candidate.in_individual_plan:
        yield Reason("IN_PLAN")
    options = sorted(options_of(round_, candidate))
    for position, wish in enumerate(candidate.wishes[:wishes], start=1):
        windows = round_.windows_at.get(wish.target, ())
        if not windows:
            yield Reason("NO_WINDOW", position, {"target": wish.target})
        within_reach = _by_window(round_, options, position)
        if within_reach:
            yield from (seats.reason(own, position, window) for window, own in within_reach)
            continue
        for window in windows:
            yield from _out_of_reach(round_, candidate, window, position)


def _by_window(
    round_: Round, options: Sequence[Option], position: int
) -> list[tuple[Window, list[Option]]]:
    """Return the options that grant a wish, by the window of the first part that it covers.

    Those of a window stand in the order of their starts.
    """
    found: dict[str, list[Option]] = {}
    for option in sorted(options, key=lambda option: option.start):
        if grants(round_, option, position):
            wish = round_.candidate[option.candidate].wishes[position - 1]
            part = next(part for part in option.parts if covers(round_, wish, part))
            found.setdefault(part.window, []).append(option)
    return [(round_.window[window], found[window]) for window in sorted(found)]


def _out_of_reach(
    round_: Round, candidate: Candidate, window: Window, position: int
) -> Iterator[Reason]:
    """Yield what keeps a window from serving a wish, at the start that comes nearest."""
    wish = candidate.wishes[position - 1]
    lengths = {months for division in divisions(round_, candidate) for months in division}
    stays = [
        (s, list(refusals(s)))
        for months in sorted(lengths, reverse=True)
        for s in wished_stays(round_, candidate, window, [wish], months)
    ]
    if not stays:
        yield _no_start(round_, window, wish, position, min(lengths))
        return
    at = {"window": window.id, "unit": window.unit}
    nearest, failed = min(stays, key=lambda each: (len(each[1]), each[0].start))
    if not failed:
        yield Reason("PART", position, at | _alone(round_, nearest))
    for refusal in failed:
        if refusal.rule not in PERSONAL:
            yield Reason(refusal.rule, position, at | figures_of(refusal, nearest))


def _alone(round_: Round, part: Stay) -> dict[str, object]:
    """Return the figures of a part that no other part goes with."""
    assert round_.policy.parts is not None, "a whole stay is an option"
    gap = round_.policy.parts.longest_gap_months
    return {"start": str(part.start), "months": part.months, "gap": gap}


def figures_of(refusal: Refusal, stay: Stay) -> dict[str, object]:
    """Return the figures of a rule that fails for a stay, with the days that it was asked for."""
    dated = {"LEAD", "REGISTERED", "AGREEMENT", "LIS1", "AVAILABLE"}
    start = {"start": str(stay.start)} if refusal.rule in dated else {}
    return start | dict(refusal.figures)


def _no_start(round_: Round, window: Window, wish: Wish, position: int, served: int) -> Reason:
    """Say why no start day of a window lies in the period wished."""
    at = {"window": window.id, "unit": window.unit}
    if window.opens > wish.latest:
        days = (window.opens - wish.latest).days
        return Reason("OPENS_LATE", position, at | {"days": days})
    months = stay_months(served, window)
    possible = possible_days(round_, window, months, wish.earliest, wish.latest)
    if not possible:
        return Reason("NO_START_DAY", position, at)
    end = add_months(possible[0], months) or date.max
    return Reason("FIT", position, at | {"days": (end - window.closes).days})
