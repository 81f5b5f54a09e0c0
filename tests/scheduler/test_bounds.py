"""Bounds and ceilings hold for every plan of small rounds, whatever a linear program says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count, islice
from random import Random
from typing import Any

import pytest

from data.documents import read_round
from scheduler.ceilings import Ceilings
from scheduler.changes import KINDS, Question
from scheduler.cpsat import CpSat
from scheduler.duality import SCALE, Program
from scheduler.errors import RefusedRound
from scheduler.exact import exact
from scheduler.glop import Glop
from scheduler.linear import Relaxed
from scheduler.model import Model, Row
from scheduler.options import options_of
from scheduler.planner import plan_round
from scheduler.plans import Plan, Status
from scheduler.pricing import Pricing, weights_of
from scheduler.priority import Priority
from scheduler.prospects import Prospects
from scheduler.relaxation import Relaxation
from scheduler.rounds import Round
from scheduler.search import search
from scheduler.solver import Answer, Effort, Outcome
from scheduler.tiers import Level, levels
from scheduler.tight import Tight
from scheduler.watch import Limits, Watch
from tests.brute import Brute
from tests.small_rounds import small_round

ROUNDS = 40
MODES = ("strict", "placement", "advisory")


@dataclass(frozen=True)
class Small:
    """A small round that can be planned, its plan, and every plan of it by option numbers."""

    round: Round
    plan: Plan
    model: Model
    plans: tuple[frozenset[int], ...]


@pytest.fixture(scope="module")
def small_rounds() -> list[Small]:
    return list(islice(_small_rounds(), ROUNDS))


def _small_rounds() -> Iterator[Small]:
    for seed in count(40_000):
        document = small_round(seed)
        document["policy"]["priority"] = MODES[seed % len(MODES)]
        round_ = read_round(json.dumps(document).encode())
        with suppress(RefusedRound):
            plan, model = plan_round(round_), Model(round_)
            levels(model)
            number = {
                (o.candidate, p.window, p.start): i
                for i, o in enumerate(model.options)
                for p in o.parts
            }
            seats = (
                {(c, w, start) for c, ((w, start, _),) in each.items()}
                for each in Brute(document).plans()
            )
            found = {frozenset(number[s] for s in own if s in number) for own in seats}
            if 1 < len(found) < 500:
                yield Small(round_, plan, model, tuple(map(model.completed, found)))


class Anyhow:
    """A linear program that is never solved: its prices are drawn."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._rows = self._variables = 0

    def add(self, variables: int, rows: Iterable[Row]) -> None:
        self._variables = variables
        self._rows += len(list(rows))

    def close(self, _: Iterable[int]) -> None:
        """What it says hangs on nothing."""

    def forget(self) -> None:
        self._rows = self._variables = 0

    def optimise(self, _: Level, *__: object) -> Relaxed:
        drawn = [self._chance.choice((-2, -1, 0, 0, 0.5, 1, 3)) for _ in range(self._rows)]
        return Relaxed([0.5] * self._variables, drawn)


def test_any_prices_make_a_bound_that_no_plan_exceeds(small_rounds: list[Small]) -> None:
    chance = Random("prices")
    for small in small_rounds:
        model = Model(small.round)
        decided = levels(model)
        program = Program(Anyhow(chance))
        program.add(model.variables, model.rows)
        for level in decided:
            solved = program.optimise(level)
            assert solved is not None
            _, bound = solved
            sense = 1 if level.maximise else -1
            for plan in small.plans:
                value = level.value(plan)
                assert not level.beats(value, bound.value)
                assert all(sense * value * SCALE <= bound.with_option(i) for i in plan)
                assert plan.isdisjoint(bound.below(value))


def test_the_relaxation_is_never_below_the_best_plan(small_rounds: list[Small]) -> None:
    tight = seen = 0
    for small in small_rounds:
        model = Model(small.round)
        decided = levels(model)
        relaxation = Relaxation(model, Priority(model), Glop(), model.rows)
        for level in decided:
            best = (max if level.maximise else min)(map(level.value, small.plans))
            bound = relaxation.bound(level, lambda _: False)
            assert bound is not None
            assert not level.beats(best, bound.value)
            tight += bound.value == best
            seen += 1
    assert tight > seen * 0.9, (tight, seen)


def test_no_plan_with_an_option_is_above_its_ceiling(small_rounds: list[Small]) -> None:
    known = 0
    for small in small_rounds:
        if small.plan.status is not Status.OPTIMAL:
            continue
        ceilings = Ceilings(small.round, small.plan, Glop)
        own = [(each.level, each.value) for each in ceilings.decided()]
        for option in set(range(len(small.model.options))) - ceilings.own:
            ceiling = ceilings.loss([option])
            known += ceiling.value is not None
            for plan in small.plans:
                if option in plan:
                    position, value = _first_loss(own, plan)
                    assert position <= ceiling.position
                    if position == ceiling.position and ceiling.value is not None:
                        assert not own[position][0].beats(value, ceiling.value)
                        if value == ceiling.value:
                            assert plan.isdisjoint(ceiling.closed)
                    assert plan.isdisjoint(ceilings.hopeless(position))
    assert known > 250, known


def test_a_further_option_is_priced_as_if_the_round_had_it(small_rounds: list[Small]) -> None:
    """All that can differ are rows in which it would be in somebody's way: they only cost."""
    same = seen = 0
    for small in small_rounds:
        ceilings = Ceilings(small.round, small.plan, Glop)
        weights = weights_of(small.model, levels(Model(small.round)))
        for decided in ceilings.decided():
            assert decided.bound is not None
            pricing = Pricing(ceilings.model, ceilings.rows, decided.bound)
            for i, option in enumerate(small.model.options):
                priced, reduced = pricing.reduced(option, weights[i]), decided.bound.reduced[i]
                assert priced >= reduced
                same += priced == reduced
                seen += 1
    assert same > seen * 0.9, (same, seen)


def test_what_is_hopeless_is_not_given_by_any_plan_of_the_changed_round(
    small_rounds: list[Small],
) -> None:
    hopeless = 0
    for small in small_rounds:
        if small.plan.status is not Status.OPTIMAL:
            continue
        prospects = Prospects(Ceilings(small.round, small.plan, Glop))
        for question, changed, is_hopeless in _changes(small, prospects):
            if is_hopeless:
                hopeless += 1
                assert not any(
                    p.candidate == question.candidate.id
                    and (p.wish_class or 1) <= question.position
                    for p in plan_round(changed).placements
                )
    assert hopeless > 100, hopeless


def _changes(small: Small, prospects: Prospects) -> Iterator[tuple[Question, Round, bool]]:
    given = {p.candidate: p.wish_class or 1 for p in small.plan.placements}
    for person in small.round.candidates:
        if person.id in small.round.accepted:
            continue
        for wish in range(1, given.get(person.id, len(person.wishes) + 1)):
            question = Question(small.model, small.plan, person, wish)
            colleagues = small.round.colleagues[person.municipality]
            for steps in KINDS.values():
                for changed in islice(steps(question), 3):
                    own = small.model.of_candidate.get(person.id, ())
                    granting = [i for i in own if small.model.options[i].wish_class <= wish]
                    her = changed.round.candidate[person.id]
                    if changed.room is not None and granting:
                        found = prospects.is_hopeless_with_room(changed.room, granting)
                        yield question, changed.round, found
                    elif any(o.wish_class <= wish for o in options_of(changed.round, her)):
                        who = [person.id] if changed.is_hers else colleagues
                        found = prospects.is_hopeless(changed.round, who, person.id, wish)
                        yield question, changed.round, found


def test_a_linear_program_that_lies_misleads_nobody(small_rounds: list[Small]) -> None:
    """Its solution is checked row by row, its prices only make the bound worse."""
    chance = Random("lies")

    class Liar(Anyhow):
        def optimise(self, level: Level, *_: object) -> Relaxed:
            drawn = super().optimise(level)
            return Relaxed([chance.choice((0.0, 1.0)) for _ in drawn.shares], drawn.prices)

    def misled() -> Tight:
        return Tight(Liar(chance), CpSat())

    for small in small_rounds[:20]:
        result = search(small.round, Limits(), Watch(), misled)
        honest = search(small.round, Limits(), Watch(), exact)
        assert (result.chosen, result.status) == (honest.chosen, honest.status)


def test_where_the_linear_program_fails_the_exact_solver_decides(
    small_rounds: list[Small],
) -> None:
    class Failing(Anyhow):
        def optimise(self, *_: object) -> None:  # type: ignore[override]
            return None

    for small in small_rounds[:10]:
        result = search(small.round, Limits(), Watch(), lambda: Tight(Failing(Random(0)), CpSat()))
        assert result.chosen == search(small.round, Limits(), Watch(), CpSat).chosen


def test_a_whole_solution_needs_no_search(small_rounds: list[Small]) -> None:
    class Idle(CpSat):
        def optimise(self, level: Level, *_: Any) -> Answer:
            raise AssertionError(f"a search for {level.tier}")

    for small in small_rounds:
        result = search(small.round, Limits(), Watch(), lambda: Tight(Glop(), Idle()))
        assert result.status is Status.OPTIMAL
        assert result.chosen == search(small.round, Limits(), Watch(), CpSat).chosen


def test_what_is_recanted_leaves_no_trace(small_rounds: list[Small]) -> None:
    """A bound that hangs on something false would close variables of the best plan."""
    lost = 0
    for small in small_rounds:
        model = Model(small.round)
        own, best = levels(model), model.completed(model.given(small.plan.placements))
        solver = Tight(Glop(), CpSat())
        solver.add(model.variables, model.rows)
        plain = [solver.relaxed(each, Effort(), None) for each in own]
        solver.suppose()
        for each in own:
            solver.add(
                model.variables, [each.at_least(each.value(best) + (1 if each.maximise else -1))]
            )
            lost += solver.relaxed(each, Effort(), None) is None
        solver.recant()
        for each, before in zip(own, plain, strict=True):
            again = solver.relaxed(each, Effort(), None)
            assert before is not None
            assert again is not None
            assert again.bound == before.bound
        for each in own:
            bounded = solver.relaxed(each, Effort(), None)
            assert bounded is not None
            assert not each.beats(each.value(best), bounded.bound)
            solver.add(model.variables, [each.at_least(each.value(best))])
    assert lost > len(small_rounds)


def _first_loss(own: list[tuple[Level, int]], plan: frozenset[int]) -> tuple[int, int]:
    """Return the first level in which a plan is not as good as the best, and its value there."""
    for position, (level, value) in enumerate(own):
        if level.value(plan) != value:
            assert level.beats(value, level.value(plan)), "the plan is best"
            return position, level.value(plan)
    return len(own), 0


def test_a_lazy_row_is_no_part_of_the_program_and_holds_all_the_same() -> None:
    """The program alone says that both may be one; what is whole is looked at once more."""
    both = Level("placed", None, True, ((0, 1), (1, 1)))
    solver = Tight(Glop(), CpSat())
    solver.add(2, [Row(both.terms, upper=1, lazy=True)])
    relaxed = solver.relaxed(both, Effort(), None)
    assert relaxed is not None
    assert (relaxed.bound, relaxed.whole) == (2, None)
    answer = solver.optimise(both, {}, Effort(), None, lambda _, __: None)
    assert (answer.outcome, answer.bound, len(answer.chosen)) == (Outcome.OPTIMAL, 1, 1)
