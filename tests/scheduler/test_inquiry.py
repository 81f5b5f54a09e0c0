"""What is supposed, left out or gone on from changes how a plan is found, and no plan."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from benchmarks.mathopt import MathOpt
from data.documents import read_round
from data.synthetic.rounds import Preset, made
from scheduler.ascent import Ascent
from scheduler.conflicts import conflicts
from scheduler.cpsat import CpSat
from scheduler.exact import exact
from scheduler.glop import Glop
from scheduler.informed import Informed
from scheduler.inquiry import Inquiry
from scheduler.model import Model, Row
from scheduler.plans import Status
from scheduler.search import search
from scheduler.solver import Effort, Outcome, Solver
from scheduler.tiers import Level
from scheduler.tight import Tight
from scheduler.vicinity import apart
from scheduler.watch import UNIQUENESS, Limits, Watch
from tests.small_rounds import small_round

ROUNDS = 40


def models() -> Iterator[Model]:
    for seed in range(71_000, 71_000 + ROUNDS):
        round_ = read_round(json.dumps(small_round(seed)).encode())
        if not conflicts(round_):
            model = Model(round_)
            if model.options:
                yield model


def placing(model: Model) -> Level:
    """Return the level that counts who is placed."""
    return Level("placed", None, True, tuple((i, 1) for i in range(len(model.options))))


def asked(solver: Solver, level: Level, effort: Effort) -> tuple[Outcome, frozenset[int], int]:
    answer = solver.optimise(level, {}, effort, None, lambda _, __: None)
    return answer.outcome, answer.chosen, level.value(answer.chosen)


@pytest.mark.parametrize("new_solver", [CpSat, exact, MathOpt])
def test_what_is_supposed_binds_until_it_is_recanted(new_solver: type[Solver]) -> None:
    most = 0
    for model in models():
        placed = placing(model)
        solver, anew = new_solver(), new_solver()
        anew.add(model.variables, model.rows)
        solver.add(model.variables, model.rows)
        solver.suppose()
        solver.add(model.variables, [Row(placed.terms, upper=0)])
        assert asked(solver, placed, Effort())[::2] == (Outcome.OPTIMAL, 0)
        solver.recant()
        solver.suppose()
        solver.add(model.variables, [Row(placed.terms, lower=len(model.of_candidate) + 1)])
        assert asked(solver, placed, Effort())[0] is Outcome.INFEASIBLE
        solver.recant()
        outcome, _, value = asked(solver, placed, Effort())
        assert outcome is Outcome.OPTIMAL
        assert value == asked(anew, placed, Effort())[2]
        most = max(most, value)
    assert most > 1


@pytest.mark.parametrize("new_solver", [CpSat, MathOpt, lambda: Tight(Glop(), CpSat())])
def test_what_is_closed_is_zero_this_time(new_solver: type[Solver]) -> None:
    for model in models():
        placed = placing(model)
        solver = new_solver()
        solver.add(model.variables, model.rows)
        _, chosen, best = asked(solver, placed, Effort())
        every = frozenset(range(len(model.options)))
        outcome, others, _ = asked(solver, placed, Effort(closed=chosen & every))
        assert outcome is Outcome.OPTIMAL
        assert not others & chosen & every
        assert asked(solver, placed, Effort(closed=every))[::2] == (outcome, 0)
        assert asked(solver, placed, Effort())[2] == best


def test_all_but_those_near_keep_what_they_have() -> None:
    left_out = 0
    for number, model in enumerate(models()):
        options, dice = model.options, Random(number)
        chosen = {dice.choice(own) for own in model.of_candidate.values() if dice.random() < 2 / 3}
        people = set(dice.sample(sorted(model.of_candidate), 1))
        closed = apart(model, chosen, people)
        assert not closed & chosen
        assert not any(options[i].candidate in people for i in closed)
        wanted = {part.window for i in model.of_candidate[min(people)] for part in options[i].parts}
        holding = {
            options[i].candidate for i in chosen for p in options[i].parts if p.window in wanted
        }
        assert not any(options[i].candidate in holding for i in closed)
        left_out += len(closed)
    assert left_out > 100


def test_going_on_from_the_last_solution_comes_to_what_beginning_anew_does() -> None:
    """Rows, variables, objectives and closed variables come in whatever order."""
    compared = 0
    for seed in range(80):
        dice, going_on, rows, closed, variables = Random(seed), Glop(), list[Row](), set[int](), 6
        for _ in range(12):
            variables += dice.choice((0, 0, 1, 40))
            new = [_row(dice, variables) for _ in range(dice.choice((0, 1, 3)))]
            shut = {dice.randrange(variables)} if dice.random() < 1 / 4 else set()
            rows, closed = rows + new, closed | shut
            going_on.add(variables, new)
            going_on.close(shut)
            terms = tuple((i, dice.randint(-5, 5)) for i in range(variables))
            for level in [Level("drawn", None, dice.random() < 1 / 2, terms)] * 2:
                anew = Glop()
                anew.add(variables, rows)
                anew.close(closed)
                found = [each.optimise(level) for each in (going_on, anew)]
                values = {
                    round(sum(w * relaxed.shares[i] for i, w in terms), 6)
                    for relaxed in found
                    if relaxed is not None
                }
                assert None not in found
                assert len(values) == 1, (seed, values)
                assert all(len(r.shares) == variables for r in found if r is not None)
                compared += 1
    assert compared == 80 * 12 * 2


def _row(dice: Random, variables: int) -> Row:
    """Return a row that all zeros keep."""
    terms = tuple((i, dice.randint(-3, 3)) for i in dice.sample(range(variables), 4))
    return Row(terms, upper=dice.randint(0, 2))


def test_a_plan_is_what_it_is_without_suppositions_and_mending(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    round_ = made(Preset(110, ("nord",)), 2, 1.1, "half")
    seen: Counter[str] = Counter()

    def counted(owner: Any, name: str) -> None:
        original = getattr(owner, name)

        def counting(*words: Any) -> Any:
            found = original(*words)
            seen[name] += bool(found)
            return found

        monkeypatch.setattr(owner, name, counting)

    counted(Ascent, "_sought")
    counted(Inquiry, "_mended")
    result = search(round_, Limits(), Watch(), exact)
    assert result.status is Status.OPTIMAL
    assert seen["_sought"] > 0
    assert seen["_mended"] > 0
    monkeypatch.setattr(Ascent, "_sought", lambda *_: ())
    monkeypatch.setattr(Inquiry, "_mended", lambda *_: None)
    assert search(round_, Limits(), Watch(), exact).chosen == result.chosen


def test_a_plan_is_what_it_is_where_few_options_are_asked_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its answer is often the best, so that questions of all options begin from there."""
    monkeypatch.setattr("scheduler.inquiry.HARD", 0.0)
    asked: Counter[bool] = Counter()
    better = 0

    def glean(inquiry: Inquiry, solver: Informed, level: Level, *words: Any) -> None:
        nonlocal better
        before = level.value(inquiry._best.chosen)
        original(inquiry, solver, level, *words)
        better += level.beats(level.value(inquiry._best.chosen), before)

    def few(inquiry: Inquiry, solver: Informed, level: Level) -> Any:
        answer = gleaned(inquiry, solver, level)
        asked[answer is not None] += 1
        assert answer is None or answer.bound is None
        assert answer is None or answer.chosen.isdisjoint(
            set(range(len(inquiry._model.options))) - solver.lately_shared - inquiry._best.chosen
        )
        return answer

    original, gleaned = Inquiry.glean, Inquiry._gleaned
    monkeypatch.setattr(Inquiry, "glean", glean)
    monkeypatch.setattr(Inquiry, "_gleaned", few)
    shapes = ((80, 1, 1.1), (110, 2, 0.9), (110, 2, 1.1))
    rounds = [made(Preset(size, ("nord",)), seed, supply, "half") for size, seed, supply in shapes]
    found = [search(round_, Limits(), Watch(), exact) for round_ in rounds]
    assert asked[True] > 4
    assert better > 2
    monkeypatch.setattr(Inquiry, "glean", lambda *_: None)
    for round_, with_it in zip(rounds, found, strict=True):
        without = search(round_, Limits(), Watch(), exact)
        assert (with_it.chosen, with_it.status) == (without.chosen, without.status)


def test_a_question_comes_with_the_best_plan_as_a_solution(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable is hinted, blockers too: a hint with gaps would have to be solved for."""
    asked_of: Counter[str] = Counter()

    def optimise(solver: Tight, level: Level, hint: dict[int, bool], *words: Any) -> Any:
        assert list(hint) == list(range(solver._program.variables))
        if level.tier == UNIQUENESS:
            assert solver._program.allows({i for i, is_one in hint.items() if is_one})
        asked_of[level.tier] += 1
        return original(solver, level, hint, *words)

    original = Tight.optimise
    monkeypatch.setattr(Tight, "optimise", optimise)
    search(made(Preset(80, ("nord",)), 1, 1.1, "half"), Limits(), Watch(), exact)
    assert asked_of[UNIQUENESS] > 0
