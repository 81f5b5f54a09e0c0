"""The hard rules as linear rows over one Boolean per option: what any exact solver can take.

Variables are numbered: ``0 … len(options) - 1`` are the options in their order, auxiliary ones
follow. A `Row` says ``lower <= sum(coefficient * variable) <= upper``. Nothing here knows a solver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from scheduler.options import Option, accepted_options, admissible_options
from scheduler.rounds import Round


@dataclass(frozen=True, slots=True)
class Row:
    """``lower <= sum(coefficient * variable) <= upper``; None = no bound on that side."""

    terms: tuple[tuple[int, int], ...]
    lower: int | None = None
    upper: int | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    """Auxiliary Booleans that count: as many of them are one, in order, as options are chosen."""

    variables: tuple[int, ...]
    options: tuple[int, ...]


@dataclass(frozen=True)
class Resource:
    """What is limited day by day: a window's positions, a unit's places, a municipality's absences.

    `members` are the options that take one place while they are active, `fixed` the accepted
    commitments that always do.
    """

    rule: str
    subject: str
    capacity: int
    options: Sequence[Option]
    members: tuple[int, ...]
    fixed: tuple[Option, ...]

    @cached_property
    def starts(self) -> tuple[date, ...]:
        """Days on which the number of active placements can rise, sorted."""
        days = {self.options[i].start for i in self.members} | {o.start for o in self.fixed}
        return tuple(sorted(days))

    def active(self, day: date) -> list[int]:
        """Members that are active on a day."""
        return [i for i in self.members if self.options[i].start <= day < self.options[i].end]

    def free(self, day: date) -> int:
        """Places that the accepted commitments leave on a day."""
        return self.capacity - sum(o.start <= day < o.end for o in self.fixed)


class Model:
    """Options, variables and rows of a round; PRIORITY is added by `scheduler.priority`."""

    def __init__(self, round_: Round) -> None:
        self.round = round_
        self.admissible = admissible_options(round_)
        self.accepted = accepted_options(round_)
        self.options = tuple(o for o in self.admissible if o.candidate not in round_.accepted)
        self.variables = len(self.options)
        self.resources = tuple(self._resources())
        self.rows: list[Row] = [*one(self), *limits(self)]
        self.steps: list[Steps] = []

    def completed(self, plan: Iterable[int]) -> frozenset[int]:
        """Return the options of a plan together with the steps they fill."""
        chosen = {i for i in plan if i < len(self.options)}
        filled = (s.variables[: len(chosen.intersection(s.options))] for s in self.steps)
        return frozenset(chosen.union(*filled))

    def variable(self) -> int:
        """Add an auxiliary Boolean and return its number."""
        self.variables += 1
        return self.variables - 1

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
        yield from self._limited("POSITIONS", lambda o: o.window, positions)
        yield from self._limited("SUPERVISED", lambda o: o.unit, places)
        yield from self._limited("AWAY", lambda o: home[o.candidate], away)

    def _limited(
        self, rule: str, subject: Callable[[Option], str], capacities: Mapping[str, int | None]
    ) -> Iterator[Resource]:
        members = _grouped((subject(o), i) for i, o in enumerate(self.options))
        fixed: dict[str, list[Option]] = {}
        for option in self.accepted:
            fixed.setdefault(subject(option), []).append(option)
        for name, capacity in capacities.items():
            if capacity is not None and name in members:
                held = tuple(fixed.get(name, ()))
                yield Resource(rule, name, capacity, self.options, members[name], held)


def one(model: Model) -> Iterator[Row]:
    """ONE: each candidate at most one option, ``sum(x_o for o of c) <= 1``."""
    for numbers in model.of_candidate.values():
        yield Row(tuple((i, 1) for i in numbers), upper=1)


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
                yield Row(tuple((i, 1) for i in active), upper=free)
            next_active = set(active)


def _grouped(pairs: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    groups: dict[str, list[int]] = {}
    for key, number in pairs:
        groups.setdefault(key, []).append(number)
    return {key: tuple(numbers) for key, numbers in groups.items()}
