"""Linear programs of a level end where their share of the limits does."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import cast

from data.synthetic import generate
from scheduler.budget import Budget
from scheduler.duality import SCALE
from scheduler.informed import LATELY, Informed
from scheduler.model import Model, Row
from scheduler.priority import Priority
from scheduler.separation import Separation
from scheduler.solver import Shares, Solver
from scheduler.tiers import Level
from scheduler.watch import Limits, Watch
from tests.builders import candidate, round_doc, round_of


class Endless:
    """A solver whose linear programs always find one more row, and a bound two lower."""

    def __init__(self) -> None:
        self._asked = count()

    def add(self, variables: int, rows: Iterable[Row]) -> None:
        """Take rows as they come."""

    def relaxed(self, level: Level, *_: object) -> Shares:
        """Return what takes one unit of work."""
        total = 1000 * SCALE + SCALE // 2 - 2 * SCALE * next(self._asked)
        return Shares([0.5] * len(level.terms), total // SCALE, total, None, 1.0)

    def sharpen(self, _: Shares) -> bool:
        """Say that there is another row."""
        return True


def test_each_level_takes_half_of_what_is_left() -> None:
    model = Model(round_of(round_doc(candidates=[candidate("a")])))
    placed = Level("placed", None, True, tuple((i, 1) for i in range(len(model.options))))
    budget = Budget(Limits(deterministic=100), Watch())
    informed = Informed(cast(Solver, Endless()), model, Separation(model, Priority(model)), budget)
    spent = []
    for _ in range(4):
        before = budget.deterministic
        _, last = informed.relaxed(placed, None)
        assert last is not None
        spent.append(budget.deterministic - before)
    assert spent == [50, 25, 13, 6]
    assert not budget.is_exhausted


def test_what_the_last_programs_shared_out_is_remembered_and_what_was_supposed_is_not() -> None:
    """Each program gives a share of one option, the next one of the next."""
    model = Model(generate("finnmark", 1))
    options = len(model.options)
    given: list[int] = []

    class OneEach(Endless):
        def relaxed(self, *_: object) -> Shares:
            given.append(len(given) % options)
            shares = [0.0] * model.variables
            shares[given[-1]] = 0.5
            return Shares(shares, 0, 0, frozenset(), 0.0)

        def suppose(self) -> None:
            """Take what comes as it comes."""

        recant = suppose

    placed = Level("placed", None, True, tuple((i, 1) for i in range(options)))
    budget = Budget(Limits(), Watch())
    solver = cast(Solver, OneEach())
    informed = Informed(solver, model, Separation(model, Priority(model)), budget)
    while len(given) < LATELY + 2:
        informed.relaxed(placed, None)
    before = informed.lately_shared
    assert before == set(given[-LATELY:])
    informed.suppose()
    informed.relaxed(placed, None)
    assert informed.lately_shared == set(given[-LATELY:]) != before
    informed.recant()
    assert informed.lately_shared == before
