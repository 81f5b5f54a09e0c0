"""The hard rules as linear rows over one Boolean per option: what any exact solver can take.

Variables are numbered: ``0 … len(options) - 1`` are the options in their order, auxiliary ones
follow. A `Row` says ``lower <= sum(coefficient * variable) <= upper``. Nothing here knows a solver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TypeVar

from scheduler.options import Option, Part, accepted_options, admissible_options
from scheduler.plans import Placement, by_candidate
from scheduler.rounds import Round

Item = TypeVar("Item")


class _Terms(dict[int, tuple[int, int]]):
    """Variables with one coefficient: many rows and levels share a term, and it is there once."""

    def __init__(self, coefficient: int) -> None:
        self._coefficient = coefficient

    def __missing__(self, variable: int) -> tuple[int, int]:
        self[variable] = variable, self._coefficient
        return self[variable]


MORE, LESS = _Terms(1), _Terms(-1)


@dataclass(frozen=True, slots=True)
class Row:
    """``lower <= sum(coefficient * variable) <= upper``; None = no bound on that side.

    `about` says what of the round it is about, for whoever asks what a further option would add. A
    `lazy` one is left out of a linear program until a solution breaks it.
    """

    terms: tuple[tuple[int, int], ...]
    lower: int | None = None
    upper: int | None = None
    about: object = field(default=None, compare=False)
    lazy: bool = field(default=False, compare=False)

    def without(self, closed: Set[int]) -> Row:
        """Return the row where some variables are zero."""
        if closed.isdisjoint([i for i, _ in self.terms]):
            return self
        return replace(self, terms=tuple(term for term in self.terms if term[0] not in closed))

    @property
    def is_idle(self) -> bool:
        """Whether the row holds whatever its variables are."""
        most = sum(c for _, c in self.terms if c > 0)
        least = sum(c for _, c in self.terms if c < 0)
        return (self.upper is None or most <= self.upper) and (
            self.lower is None or least >= self.lower
        )


@dataclass(frozen=True, slots=True)
class Limit:
    """What a row of POSITIONS, SUPERVISED or AWAY is about: a resource, on a day."""

    rule: str
    subject: str
    day: date


@dataclass(frozen=True, slots=True)
class Steps:
    """Booleans that count a municipality's placements: as many are one, in order, as are chosen."""

    municipality: str
    variables: tuple[int, ...]
    options: tuple[int, ...]


@dataclass(frozen=True)
class Resource:
    """What is limited day by day: a window's positions, a unit's places, a municipality's absences.

    `members` are the parts of options that take one place while they are active, with the numbers
    of the options; `fixed` those of accepted commitments, with their holders.
    """

    rule: str
    subject: str
    capacity: int
    members: tuple[tuple[int, Part], ...]
    fixed: tuple[tuple[str, Part], ...]

    @cached_property
    def starts(self) -> tuple[date, ...]:
        """Days on which the number of active placements can rise, sorted."""
        days = {part.start for _, part in (*self.members, *self.fixed)}
        return tuple(sorted(days))

    def active(self, day: date) -> list[int]:
        """Options that are active on a day; no option has two parts on one."""
        return [i for i, part in self.members if part.start <= day < part.end]

    def free(self, day: date) -> int:
        """Places that the accepted commitments leave on a day."""
        return self.capacity - sum(part.start <= day < part.end for _, part in self.fixed)


class Model:
    """Options, variables and rows of a round; PRIORITY is added by `scheduler.priority`.

    Parameters
    ----------
    round_
        The round.
    admissible
        Its admissible options, sorted, or some of them; None = all.
    options
        Those to decide on, sorted; None = those of candidates without an accepted commitment.
    classes
        How many wish classes the levels tell apart; None = as many as admissible options have.
    """

    def __init__(
        self,
        round_: Round,
        admissible: tuple[Option, ...] | None = None,
        options: tuple[Option, ...] | None = None,
        classes: int | None = None,
    ) -> None:
        self.round = round_
        self.admissible = admissible_options(round_) if admissible is None else admissible
        self.accepted = accepted_options(round_)
        free = (o for o in self.admissible if o.candidate not in round_.accepted)
        self.options = tuple(free) if options is None else options
        self._classes = classes
        self.variables = len(self.options)
        self.resources = tuple(self._resources())
        self.steps: list[Steps] = []

    def completed(self, plan: Iterable[int]) -> frozenset[int]:
        """Return the options of a plan together with the steps they fill."""
        chosen = {i for i in plan if i < len(self.options)}
        filled = (s.variables[: len(chosen.intersection(s.options))] for s in self.steps)
        return frozenset(chosen.union(*filled))

    def given(self, placements: Iterable[Placement]) -> frozenset[int]:
        """Return the numbers of the options that a plan gives, accepted commitments left out."""
        plan = {(c, _seats(own)) for c, own in by_candidate(placements).items()}
        seats = ((o.candidate, _seats(o.parts)) for o in self.options)
        return frozenset(i for i, seat in enumerate(seats) if seat in plan)

    def variable(self) -> int:
        """Add an auxiliary Boolean and return its number."""
        self.variables += 1
        return self.variables - 1

    @property
    def classes(self) -> int:
        """The worst wish class that the levels tell apart, 0 = there is none."""
        if self._classes is None:
            return max((o.wish_class for o in self.admissible), default=0)
        return self._classes

    @cached_property
    def rows(self) -> list[Row]:
        """The hard rules, PRIORITY left out; levels and blockers add what they count by."""
        return [*one(self), *limits(self)]

    @cached_property
    def of_candidate(self) -> dict[str, tuple[int, ...]]:
        """Option numbers by candidate; candidates without options are absent."""
        return _grouped((o.candidate, i) for i, o in enumerate(self.options))

    @cached_property
    def resource(self) -> dict[tuple[str, str], Resource]:
        """Resources by rule and subject."""
        return {(r.rule, r.subject): r for r in self.resources}

    def _resources(self) -> Iterator[Resource]:
        r = self.round
        home = {c.id: c.municipality for c in r.candidates}
        positions = {w.id: w.positions for w in r.windows}
        places = {u.id: u.supervised_places for u in r.units}
        away = {m.id: m.max_away for m in r.municipalities}
        yield from self._limited("POSITIONS", lambda _, part: part.window, positions)
        yield from self._limited("SUPERVISED", lambda _, part: part.unit, places)
        yield from self._limited("AWAY", lambda o, _: home[o.candidate], away)

    def _limited(
        self,
        rule: str,
        subject: Callable[[Option, Part], str],
        capacities: Mapping[str, int | None],
    ) -> Iterator[Resource]:
        members = _grouped(
            (subject(o, part), (i, part)) for i, o in enumerate(self.options) for part in o.parts
        )
        fixed = _grouped(
            (subject(o, part), (o.candidate, part)) for o in self.accepted for part in o.parts
        )
        for name, capacity in capacities.items():
            if capacity is not None and name in members:
                yield Resource(rule, name, capacity, members[name], fixed.get(name, ()))


def one(model: Model) -> Iterator[Row]:
    """ONE: each candidate at most one option, ``sum(x_o for o of c) <= 1``."""
    for candidate, numbers in model.of_candidate.items():
        yield Row(tuple(map(MORE.__getitem__, numbers)), upper=1, about=candidate)


def limits(model: Model) -> Iterator[Row]:
    """POSITIONS, SUPERVISED, AWAY: on each day that a count can rise, ``sum(active) <= free``.

    Left out where fewer want a place than are free, and where the next such day's row, with as
    many places and all of these options, says more.
    """
    for resource in model.resources:
        next_active: set[int] = set()
        for day in reversed(resource.starts):
            active = resource.active(day)
            free = resource.free(day)
            wanting = len({model.options[i].candidate for i in active})
            implied = not resource.fixed and next_active.issuperset(active)
            if wanting > free and not implied:
                about = Limit(resource.rule, resource.subject, day)
                yield Row(tuple(map(MORE.__getitem__, active)), upper=free, about=about)
            next_active = set(active)


def summed(terms: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Return one coefficient a variable: a stay in two posts is named by each of them."""
    found: dict[int, int] = {}
    for i, coefficient in terms:
        found[i] = found.get(i, 0) + coefficient
    return found


def _seats(parts: Sequence[Part | Placement]) -> tuple[tuple[object, ...], ...]:
    """Return what tells options of a candidate apart; how long a whole stay lasts does not."""
    if len(parts) == 1:
        return ((parts[0].window, parts[0].start),)
    return tuple((part.window, part.start, part.end) for part in parts)


def _grouped(pairs: Iterable[tuple[str, Item]]) -> dict[str, tuple[Item, ...]]:
    groups: dict[str, list[Item]] = {}
    for key, item in pairs:
        groups.setdefault(key, []).append(item)
    return {key: tuple(items) for key, items in groups.items()}
