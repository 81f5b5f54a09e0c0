"""What the municipalities' orders cost: a round planned as if they bound strictly, less or not.

Where strict orders cost a placement, somebody's order is responsible: of all sets of municipalities
whose orders, made advisory alone, win every such placement back, the smallest is told. That it wins
them back is shown by planning so; that no smaller one does is proven by one question to the solver,
asked anew as long as its answer does not hold when it is planned: in how few municipalities must
PRIORITY be set aside, so that some plan places as many?
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from scheduler.asking import Asking, Stopped, optimum
from scheduler.comparison import Comparison, Side, compared
from scheduler.domain import PriorityMode
from scheduler.model import Model, Row
from scheduler.plans import Plan, Status
from scheduler.priority import Priority
from scheduler.rounds import Round
from scheduler.search import Result, search
from scheduler.solver import Solver
from scheduler.standing import Envy
from scheduler.tiers import Level
from scheduler.watch import Limits

MODES: tuple[PriorityMode, ...] = get_args(PriorityMode)
"""How strictly orders may bind, the strictest first."""

CHUNK = 40
"""Municipalities that are told apart by one objective, whose weights are powers of two."""


@dataclass(frozen=True)
class Price:
    """A round planned under each mode of priority.

    Attributes
    ----------
    sides
        Round and plan by mode, the strictest first.
    lists
        The smallest set of municipalities, sorted, whose orders cost the placements that strict
        orders lose against advisory ones; of several the first by ids. Empty where nothing is
        lost, None where the search was stopped before it was known.
    """

    sides: Mapping[PriorityMode, Side]
    lists: tuple[str, ...] | None

    @property
    def lost(self) -> int:
        """How many more people are placed where no order binds; below 0 where fewer are."""
        return len(self.sides["advisory"].given) - len(self.sides["strict"].given)

    def against_strict(self, mode: PriorityMode) -> Comparison:
        """Compare the plan under a mode with the strict one."""
        return compared(self.sides["strict"], self.sides[mode])


def under_modes(round_: Round) -> dict[PriorityMode, Round]:
    """Return a round under each mode of priority, the strictest first."""
    return {mode: round_.replace(policy=replace(round_.policy, priority=mode)) for mode in MODES}


def price(
    rounds: Mapping[PriorityMode, Round],
    plans: Mapping[PriorityMode, Plan],
    asking: Asking,
) -> Price:
    """Return what priority costs in a round.

    Parameters
    ----------
    rounds, plans
        The round under each mode, and its plan.
    asking
        How the solver is asked; its stop leaves open which orders are responsible.
    """
    sides = {mode: Side(rounds[mode], plans[mode]) for mode in MODES}
    told = Price(sides, ())
    if told.lost <= 0:
        return told
    if any(plan.status is not Status.OPTIMAL for plan in plans.values()):
        return replace(told, lists=None)
    placed = len(sides["advisory"].given)
    try:
        return replace(told, lists=_Lists(rounds["strict"], placed, asking).smallest())
    except Stopped:
        return replace(told, lists=None)


class _Lists:
    """Looks for the fewest municipalities whose orders cost placements of a strict round.

    One Boolean a municipality says that its orders do not bind. A plan needs the rows against an
    envy only where the envied colleague's municipality binds.
    """

    def __init__(self, strict: Round, placed: int, asking: Asking) -> None:
        self._round, self._placed, self._asking = strict, placed, asking
        self._model = Model(strict)
        self._priority = Priority(self._model)
        self._switch = {
            name: self._model.variable() for name, own in strict.colleagues.items() if len(own) > 1
        }
        self._rows = [self._as_many(), *self._model.rows]

    def smallest(self) -> tuple[str, ...]:
        """Return the smallest set, the first by ids; Stopped where the search was stopped."""
        while True:
            lists = self._next()
            result = self._planned(lists)
            if result.status is not Status.OPTIMAL:
                raise Stopped(None)
            if len(result.chosen) + len(result.accepted) >= self._placed:
                return lists
            self._rows.append(self._another_than(lists))

    def _next(self) -> tuple[str, ...]:
        """Return the smallest set with which some plan places as many, the first by ids."""
        solver = self._asking.new_solver()
        solver.add(self._model.variables, self._rows)
        found: frozenset[int] = frozenset()
        for level in self._aims():
            found = self._best(solver, level)
            solver.add(self._model.variables, [level.at_least(level.value(found))])
        return tuple(name for name, number in self._switch.items() if number in found)

    def _planned(self, lists: Sequence[str]) -> Result:
        asking = self._asking
        return search(self._round, Limits(), asking.watch, asking.new_solver, lists)

    def _aims(self) -> Iterator[Level]:
        """Yield what decides between sets: their size, then who is in them, ids in order."""
        numbers = list(self._switch.values())
        yield Level("lists", None, False, tuple((i, 1) for i in numbers))
        for first in range(0, len(numbers), CHUNK):
            chunk = numbers[first : first + CHUNK]
            weights = (2**power for power in reversed(range(len(chunk))))
            yield Level("lists", first, True, tuple(zip(chunk, weights, strict=True)))

    def _best(self, solver: Solver, level: Level) -> frozenset[int]:
        """Return the best choice of plan and set, nobody of a binding order being in the way."""
        while True:
            chosen = optimum(solver, level, self._asking)
            assert chosen is not None, "without any order in force there is a plan"
            met = [envy for envy in self._priority.envies(chosen) if self._binds(envy, chosen)]
            if not met:
                return chosen
            rows = [row for envy in met for row in self._against(envy)]
            self._rows += rows
            solver.add(self._model.variables, rows)

    def _against(self, envy: Envy) -> Iterator[Row]:
        """Yield the rows against an envy, which the municipality's Boolean sets aside."""
        switch, rows = (self._switch_of(envy), -1), self._priority.against(envy)
        yield from (replace(row, terms=(*row.terms, switch)) for row in rows)
        yield from self._priority.standing.definitions(rows)

    def _binds(self, envy: Envy, chosen: frozenset[int]) -> bool:
        return self._switch_of(envy) not in chosen

    def _switch_of(self, envy: Envy) -> int:
        return self._switch[self._round.candidate[envy.junior].municipality]

    def _as_many(self) -> Row:
        """At least as many placements as without any order, accepted ones counted."""
        placements = tuple((i, 1) for i in range(len(self._model.options)))
        return Row(placements, lower=self._placed - len(self._model.accepted))

    def _another_than(self, lists: Sequence[str]) -> Row:
        """Rule one set out, and no other."""
        terms = ((i, -1 if name in lists else 1) for name, i in self._switch.items())
        return Row(tuple(terms), lower=1 - len(lists))
