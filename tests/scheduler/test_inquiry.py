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
from scheduler.budget import VENTURE, Budget
from scheduler.conflicts import conflicts
from scheduler.cpsat import CpSat
from scheduler.duality import SCALE
from scheduler.exact import exact
from scheduler.glop import Glop
from scheduler.incumbent import Decided, Incumbent
from scheduler.informed import Informed
from scheduler.inquiry import Inquiry
from scheduler.model import Model, Row
from scheduler.plans import Status
from scheduler.priority import Priority
from scheduler.rounds import Round
from scheduler.search import search
from scheduler.separation import Separation
from scheduler.solver import Answer, Effort, Outcome, Shares, Solver
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


SHAPES = ((80, 8, 0.9), (120, 6, 0.9), (120, 8, 0.9))
"""Rounds whose questions CP-SAT is asked: candidates, seed, supply."""


def shaped(size: int, seed: int, supply: float) -> Round:
    return made(Preset(size, ("nord",)), seed, supply, "half")


def test_a_plan_is_what_it_is_where_few_options_are_asked_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Their best plan is often the best of all, which questions of all options then begin from."""
    monkeypatch.setattr("scheduler.inquiry.HARD", 0.0)
    seen: Counter[str] = Counter()
    glean, few, ask = Inquiry.glean, Inquiry._gleaned, Inquiry.ask

    def gleaning(
        inquiry: Inquiry, solver: Informed, level: Level, supposed: list[Decided], *ahead: Level
    ) -> None:
        before = inquiry._best.chosen
        glean(inquiry, solver, level, supposed, *ahead)
        seen["better, supposed" if supposed else "better"] += inquiry._best.chosen != before

    def asking(inquiry: Inquiry, *words: Any) -> Answer:
        closed = words[3].closed
        is_near = closed.isdisjoint(inquiry._best.chosen)
        seen["few"] += bool(closed) and is_near
        return ask(inquiry, *words)

    def only_few(inquiry: Inquiry, solver: Informed, level: Level) -> Answer | None:
        taken = solver.lately_shared | inquiry._best.chosen
        before = seen["few"]
        answer = few(inquiry, solver, level)
        if answer is not None:
            assert seen["few"] == before + 1
            assert answer.bound is None
            assert not answer.chosen - taken - _no_options(inquiry)
        return answer

    monkeypatch.setattr(Inquiry, "glean", gleaning)
    monkeypatch.setattr(Inquiry, "_gleaned", only_few)
    monkeypatch.setattr(Inquiry, "ask", asking)
    found = [search(shaped(*shape), Limits(), Watch(), exact) for shape in SHAPES]
    assert seen["better"] > 0
    assert seen["better, supposed"] > 0
    monkeypatch.setattr(Inquiry, "glean", lambda *_: None)
    for shape, with_it in zip(SHAPES, found, strict=True):
        without = search(shaped(*shape), Limits(), Watch(), exact)
        assert with_it.status is without.status is Status.OPTIMAL
        assert with_it.chosen == without.chosen


def _no_options(inquiry: Inquiry) -> frozenset[int]:
    """Return the variables that are no options."""
    return frozenset(range(len(inquiry._model.options), inquiry._model.variables))


def test_the_same_limit_gives_the_same_plan_where_few_options_are_asked_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("scheduler.inquiry.HARD", 0.0)
    results = [
        search(shaped(*SHAPES[2]), Limits(deterministic=work), Watch(), exact)
        for work in (0.1, 0.1)
    ]
    assert {each.status for each in results} == {Status.FEASIBLE}
    assert results[0].tiers == results[1].tiers
    assert results[0].chosen == results[1].chosen


@pytest.mark.parametrize(
    ("outcome", "work", "closed", "is_hard"),
    [
        (Outcome.OPTIMAL, 0.5, [], False),
        (Outcome.OPTIMAL, 1.0, [], True),
        (Outcome.INFEASIBLE, 0.5, [], False),
        (Outcome.UNKNOWN, 0.5, [], True),
        (Outcome.FEASIBLE, 0.5, [], True),
        (Outcome.OPTIMAL, 2.0, [0], False),
        (Outcome.UNKNOWN, 2.0, [0], False),
    ],
)
def test_few_options_are_asked_once_a_question_of_all_was_hard(
    outcome: Outcome, work: float, closed: list[int], is_hard: bool
) -> None:
    model = next(each for each in models() if len(each.options) > 10)
    priority, placed, efforts = Priority(model), placing(model), list[Effort]()

    class Told(CpSat):
        def relaxed(self, *_: object) -> Shares:  # type: ignore[override]
            shares = [1.0, *[0.0] * (model.variables - 1)]
            return Shares(shares, len(model.options), len(model.options) * SCALE, None, 0.0)

        def optimise(self, *words: Any) -> Answer:
            efforts.append(words[2])
            return Answer(outcome, frozenset(), None, 0.0, work)

    best, budget = Incumbent(model, [placed], priority), Budget(Limits(), Watch())
    inquiry = Inquiry(model, priority, best, budget, lambda *_: None)
    solver = Informed(Told(), model, Separation(model, priority), budget)
    solver.relaxed(placed, None)
    inquiry.ask(solver, placed, (), Effort(closed=frozenset(closed)))
    inquiry.glean(solver, placed, [])
    few = [Effort(closed=frozenset(range(1, len(model.options))), deterministic=VENTURE)]
    assert efforts[1:] == (few if is_hard else [])


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
