"""A round under other names, for those who study or test how rounds are planned.

Names and free texts are left out. Every id is replaced by a number drawn for this document, and
every date lies later by the same four, eight, twelve or sixteen years. Of what only has to be past,
or enough, no more is told than that; absences, last days and dates to be done by that decide
nothing are left out or told as the months they lie in; municipalities without candidates are left
out. What decides the plan is left as it is: its tiers come to the same values, but for the lottery.

It is not anonymous. The calendar day from which somebody wants to go, in which months and where to
stays, and often belongs to one candidate alone: whoever knows that of her finds all that is said of
her here. So it remains personal data, and goes to nobody who may not have such.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from operator import attrgetter
from random import Random
from typing import Any, TypeVar, cast

from scheduler.domain import (
    GOALS,
    Candidate,
    Commitment,
    Lead,
    Municipality,
    Policy,
    Priority,
    Unit,
    Window,
)
from scheduler.options import options_of
from scheduler.rounds import Round
from scheduler.tiers import critical

Record = TypeVar("Record")

CYCLE = 4
"""Years after which the calendar is the same, between the leap years 1904 and 2096."""

FIRST_YEAR, LAST_YEAR = 1901, 2099

NAME = "pseudonymous"
"""What rounds, policies and the seed of the lottery are called."""


def pseudonymous(round_: Round, chance: Random) -> Round:
    """Return a round that names nobody and nothing by what they are called.

    Parameters
    ----------
    chance
        Draws the numbers; what it draws must be guessed by nobody.
    """
    ids, past = _Ids(round_, chance), _past(round_)
    kept = {candidate.municipality for candidate in round_.candidates}
    made = Round(
        id=NAME,
        decision_date=round_.decision_date,
        policy=_policy(round_.policy, ids),
        units=_sorted(_unit(each, ids) for each in round_.units),
        windows=_sorted(_window(each, ids) for each in round_.windows),
        municipalities=_sorted(
            _municipality(each, ids, past) for each in round_.municipalities if each.id in kept
        ),
        candidates=_sorted(
            _candidate(_blurred(_coarser(each, round_), round_), ids, past)
            for each in round_.candidates
        ),
        priorities=tuple(_priority(p, ids) for p in round_.priorities if p.municipality in kept),
        commitments=tuple(_commitment(each, ids) for each in round_.commitments),
    )
    return _later(made, _years(made, chance))


def _sorted(records: Iterable[Record]) -> tuple[Record, ...]:
    """Return records by their new ids: the order that they had tells which is which."""
    return tuple(sorted(records, key=attrgetter("id")))


class _Ids:
    """Other ids for those of a round: a letter and a number, in no order that tells anything."""

    def __init__(self, round_: Round, chance: Random) -> None:
        units = round_.units
        places = [u.id for u in units] + [u.site for u in units] + [u.trust for u in units]
        trusts = [*round_.policy.lead.by_trust]
        trusts += [a.trust for m in round_.municipalities for a in m.agreements]
        goals = [goal for unit in units for goal in unit.learning_goals]
        goals += [goal for each in round_.candidates for goal in each.learning_goals]
        self.place = _drawn("p", [*places, *trusts], chance)
        self.window = _drawn("w", [window.id for window in round_.windows], chance)
        self.municipality = _drawn("m", [each.id for each in round_.municipalities], chance)
        self.candidate = _drawn("c", [each.id for each in round_.candidates], chance)
        self.goal = _drawn("g", [goal for goal in goals if goal not in GOALS], chance)
        self.goal |= {goal: goal for goal in GOALS}


def _drawn(letter: str, ids: Iterable[str], chance: Random) -> dict[str, str]:
    known = sorted(set(ids))
    numbers = chance.sample(range(1, len(known) + 1), len(known))
    return {id_: f"{letter}{number}" for id_, number in zip(known, numbers, strict=True)}


def _past(round_: Round) -> date:
    """Return the first day on which anything of a round can happen."""
    days = [round_.decision_date]
    days += [window.opens for window in round_.windows]
    days += [wish.earliest for candidate in round_.candidates for wish in candidate.wishes]
    days += [commitment.start for commitment in round_.commitments]
    return min(days)


def _policy(policy: Policy, ids: _Ids) -> Policy:
    by_trust = {ids.place[trust]: own for trust, own in policy.lead.by_trust.items()}
    lead: Lead = replace(policy.lead, by_trust=by_trust)
    return replace(policy, name=NAME, version=1, lead=lead, lottery_seed=NAME)


def _unit(unit: Unit, ids: _Ids) -> Unit:
    return replace(
        unit,
        id=ids.place[unit.id],
        site=ids.place[unit.site],
        trust=ids.place[unit.trust],
        name=None,
        learning_goals=tuple(ids.goal[goal] for goal in unit.learning_goals),
    )


def _window(window: Window, ids: _Ids) -> Window:
    return replace(window, id=ids.window[window.id], unit=ids.place[window.unit])


def _municipality(municipality: Municipality, ids: _Ids, past: date) -> Municipality:
    return replace(
        municipality,
        id=ids.municipality[municipality.id],
        name=None,
        registered_on=_no_earlier(municipality.registered_on, past),
        agreements=tuple(
            replace(each, trust=ids.place[each.trust], signed_on=max(each.signed_on, past))
            for each in municipality.agreements
            if each.ends_on is None or each.ends_on > past
        ),
    )


def _candidate(candidate: Candidate, ids: _Ids, past: date) -> Candidate:
    return replace(
        candidate,
        id=ids.candidate[candidate.id],
        name=None,
        municipality=ids.municipality[candidate.municipality],
        lis1_completed_on=_no_earlier(candidate.lis1_completed_on, past),
        learning_goals=tuple(ids.goal[goal] for goal in candidate.learning_goals),
        lead_waiver=candidate.lead_waiver and NAME,
        wishes=tuple(replace(w, target=ids.place[w.target]) for w in candidate.wishes),
    )


def _priority(priority: Priority, ids: _Ids) -> Priority:
    return Priority(
        municipality=ids.municipality[priority.municipality],
        unit=None if priority.unit is None else ids.place[priority.unit],
        order=tuple(ids.candidate[candidate] for candidate in priority.order),
    )


def _commitment(commitment: Commitment, ids: _Ids) -> Commitment:
    return replace(
        commitment,
        candidate=ids.candidate[commitment.candidate],
        window=ids.window[commitment.window],
    )


def _blurred(candidate: Candidate, round_: Round) -> Candidate:
    """Return a candidate about whom no more is said than the rules of her round ask."""
    asked = {window.min_gp_months for window in round_.windows}
    served = max((months for months in asked if months <= candidate.gp_months), default=0)
    from_decision = round_.policy.lead.counts_from == "decision"
    submitted = round_.decision_date if from_decision else candidate.submitted_on
    return replace(candidate, gp_months=served, submitted_on=submitted)


def _coarser(candidate: Candidate, round_: Round) -> Candidate:
    """Return a candidate without the dates of hers that change nothing of what she may get.

    Who has accepted a seat is left as she is: her dates were held against that seat.
    """
    coarse, seat = candidate, round_.accepted.get(candidate.id)
    changes: tuple[dict[str, Any], ...] = (
        {"unavailable": ()},
        {"available_from": None},
        {"complete_by": None},
        {"wishes": tuple(replace(w, latest=_month_end(w.latest)) for w in candidate.wishes)},
    )
    for change in changes if seat is None else ():
        tried = replace(coarse, **change)
        if _chances(tried, round_) == _chances(candidate, round_):
            coarse = tried
    return coarse


def _chances(candidate: Candidate, round_: Round) -> tuple[object, ...]:
    """Return what a candidate may get, and whether it is urgent."""
    return sorted(options_of(round_, candidate)), critical(round_, candidate)


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _no_earlier(day: date | None, past: date) -> date | None:
    return None if day is None else max(day, past)


def _years(round_: Round, chance: Random) -> int:
    """Draw by how many years a round's dates move; 0 where the calendar would not be the same."""
    found = [day.year for day in _days(round_)]
    moves = [CYCLE * n for n in (1, 2, 3, 4) if max(found) + CYCLE * n <= LAST_YEAR]
    return chance.choice(moves) if moves and min(found) >= FIRST_YEAR else 0


def _days(value: Any) -> Iterator[date]:
    """Yield every date in a record, however deep."""
    if isinstance(value, date):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from _days(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _days(item)


def _later(value: Record, years: int) -> Record:
    """Return a record with every date in it so many years later."""
    moved: Any = value
    if isinstance(value, date):
        moved = value.replace(year=value.year + years)
    elif isinstance(value, tuple):
        moved = tuple(_later(item, years) for item in value)
    elif is_dataclass(value) and not isinstance(value, type):
        named = {field.name: getattr(value, field.name) for field in fields(value)}
        moved = replace(value, **{name: _later(held, years) for name, held in named.items()})
    return cast("Record", moved)
