"""What could be otherwise for one wish: changes of each kind, in steps, the smallest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import product
from typing import Any

from scheduler.admission import start_days, stay_months
from scheduler.causes import granting
from scheduler.domain import Agreement, Candidate, Municipality, Unit, Window, Wish
from scheduler.model import Model, Resource
from scheduler.options import Part, divisions
from scheduler.plans import Plan
from scheduler.rounds import Round

FURTHEST = timedelta(days=366)
"""How far a wish is widened: whoever can wait longer asks anew next year."""


Record = Unit | Window | Municipality | Candidate
"""What is changed."""


@dataclass(frozen=True)
class Changed:
    """A round in which one thing was changed, and how much.

    Attributes
    ----------
    planned
        The round as it was.
    record
        What stands in the changed round instead of its namesake.
    room
        What has one place more; None where there is no more room.
    """

    planned: Round
    record: Record
    figures: Mapping[str, Any]
    room: Resource | None = None

    @cached_property
    def round(self) -> Round:
        """The changed round."""
        return self.planned.amended(self.record)

    @property
    def is_hers(self) -> bool:
        """Whether nothing is changed but the candidate herself."""
        return isinstance(self.record, Candidate)

    @property
    def concerned(self) -> Sequence[str]:
        """Ids of the candidates whose options may be others, room left aside."""
        if isinstance(self.record, Municipality):
            return self.planned.colleagues[self.record.id]
        return (self.record.id,) if isinstance(self.record, Candidate) else ()


@dataclass(frozen=True)
class Question:
    """Who would have been helped: a candidate of a planned round, and one of her wishes."""

    model: Model
    plan: Plan
    candidate: Candidate
    position: int

    @property
    def round(self) -> Round:
        """The planned round."""
        return self.model.round

    @property
    def wish(self) -> Wish:
        """The wish that was not granted."""
        return self.candidate.wishes[self.position - 1]

    def as_another(self, figures: Mapping[str, Any], **changes: Any) -> Changed:
        """Return the round in which the candidate is another."""
        return Changed(self.round, replace(self.candidate, **changes), figures)

    def wishing(self, figures: Mapping[str, Any], **changes: Any) -> Changed:
        """Return the round in which the wish is another."""
        wishes = list(self.candidate.wishes)
        wishes[self.position - 1] = replace(self.wish, **changes)
        return self.as_another(figures, wishes=tuple(wishes))

    def at_another(self, figures: Mapping[str, Any], **changes: Any) -> Changed:
        """Return the round in which the candidate's municipality is another."""
        return Changed(self.round, replace(self.municipality, **changes), figures)

    @property
    def municipality(self) -> Municipality:
        """The candidate's municipality."""
        return self.round.municipality[self.candidate.municipality]

    @property
    def windows(self) -> tuple[Window, ...]:
        """The windows that the wish names."""
        return self.round.windows_at.get(self.wish.target, ())

    def starts(self, first: date, last: date) -> list[date]:
        """Return the start days of the wish's windows in ``[first, last]``, sorted."""
        days: set[date] = set()
        served = {months for each in divisions(self.round, self.candidate) for months in each}
        for window, months in product(self.windows, served):
            length = stay_months(months, window)
            days.update(start_days(self.round, window, length, first, last))
        return sorted(days)


def _waiver(q: Question) -> Iterator[Changed]:
    if q.candidate.lead_waiver is None:
        yield q.as_another({}, lead_waiver="?")


def _later(q: Question) -> Iterator[Changed]:
    latest = q.wish.latest
    for day in q.starts(latest + timedelta(days=1), _no_later(latest)):
        figures = {"days": (day - latest).days, "latest": str(day)}
        yield q.wishing(figures, latest=day)


def _earlier(q: Question) -> Iterator[Changed]:
    earliest = q.wish.earliest
    days = q.starts(_no_earlier(earliest), earliest - timedelta(days=1))
    for day in reversed(days):
        figures = {"days": (earliest - day).days, "earliest": str(day)}
        yield q.wishing(figures, earliest=day)


def _shorter(q: Question) -> Iterator[Changed]:
    for months in range(1, q.candidate.months_needed):
        left = q.candidate.months_needed - months
        yield q.as_another({"months": months}, months_needed=left)


def _experience(q: Question) -> Iterator[Changed]:
    has = q.candidate.gp_months
    for required in sorted({w.min_gp_months for w in q.windows if w.min_gp_months > has}):
        yield q.as_another({"months": required - has}, gp_months=required)


def _fte(q: Question) -> Iterator[Changed]:
    smaller = {w.fte_percent for w in q.windows if w.fte_percent < q.candidate.min_fte_percent}
    for percent in sorted(smaller, reverse=True):
        yield q.as_another({"percent": percent}, min_fte_percent=percent)


def _available(q: Question) -> Iterator[Changed]:
    if q.candidate.available_from or q.candidate.unavailable:
        yield q.as_another({}, available_from=None, unavailable=())


def _lis1(q: Question) -> Iterator[Changed]:
    done = q.candidate.lis1_completed_on
    for day in reversed(q.starts(q.wish.earliest, q.wish.latest)):
        if done is None or day < done:
            yield q.as_another({"by": str(day)}, lis1_completed_on=day)


def _supervisor(q: Question) -> Iterator[Changed]:
    if not q.candidate.has_supervisor:
        yield q.as_another({}, has_supervisor=True)


def _in_plan(q: Question) -> Iterator[Changed]:
    if not q.candidate.in_individual_plan:
        yield q.as_another({}, in_individual_plan=True)


def _registered(q: Question) -> Iterator[Changed]:
    registered = q.municipality.registered_on
    for day in reversed(q.starts(q.wish.earliest, q.wish.latest)):
        if registered is None or day < registered:
            yield q.at_another({"by": str(day)}, registered_on=day)


def _agreement(q: Question) -> Iterator[Changed]:
    trusts = sorted({q.round.unit[w.unit].trust for w in q.windows})
    for day in reversed(q.starts(q.wish.earliest, q.wish.latest)):
        for trust in trusts:
            agreements = (*q.municipality.agreements, Agreement(trust=trust, signed_on=day))
            figures = {"trust": trust, "by": str(day)}
            yield q.at_another(figures, agreements=agreements)


def _place(q: Question) -> Iterator[Changed]:
    """Yield one more of each place that others fill on some day of a stay that grants the wish."""
    model = q.model
    given = model.given(q.plan.placements) - set(model.of_candidate.get(q.candidate.id, ()))
    numbers = set(granting(model, q.candidate.id, q.position))
    for resource in model.resources:
        wanted = [part for i, part in resource.members if i in numbers]
        taking = [part for i, part in resource.members if i in given]
        taking += [part for _, part in resource.fixed]
        if any(_is_full(resource.capacity, taking, part) for part in wanted):
            figures = {"rule": resource.rule, "subject": resource.subject}
            yield Changed(q.round, _with_one_more(q.round, resource), figures, resource)


def _is_full(capacity: int, taking: Sequence[Part], wanted: Part) -> bool:
    days = {wanted.start, *(o.start for o in taking if wanted.start <= o.start < wanted.end)}
    return any(sum(o.start <= day < o.end for o in taking) >= capacity for day in days)


def _with_one_more(round_: Round, resource: Resource) -> Record:
    more, name = resource.capacity + 1, resource.subject
    if resource.rule == "POSITIONS":
        return replace(round_.window[name], positions=more)
    if resource.rule == "SUPERVISED":
        return replace(round_.unit[name], supervised_places=more)
    return replace(round_.municipality[name], max_away=more)


KINDS: Mapping[str, Callable[[Question], Iterator[Changed]]] = {
    "WAIVER": _waiver,
    "LATER": _later,
    "EARLIER": _earlier,
    "SHORTER": _shorter,
    "EXPERIENCE": _experience,
    "FTE": _fte,
    "AVAILABLE": _available,
    "LIS1": _lis1,
    "SUPERVISOR": _supervisor,
    "IN_PLAN": _in_plan,
    "REGISTERED": _registered,
    "AGREEMENT": _agreement,
    "PLACE": _place,
}
"""Every kind of change, each in steps, the smallest first."""


def _no_later(day: date) -> date:
    return day + FURTHEST if day < date.max - FURTHEST else date.max


def _no_earlier(day: date) -> date:
    return day - FURTHEST if day > date.min + FURTHEST else date.min
