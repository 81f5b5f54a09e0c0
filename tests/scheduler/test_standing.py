"""Rows of PRIORITY, plain and tight, hold for plans without envy of small rounds, and no other."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product
from random import Random

import pytest

from data.documents import read_round
from scheduler.conflicts import conflicts
from scheduler.duality import Program
from scheduler.glop import Glop
from scheduler.model import Model, Row
from scheduler.priority import Priority
from scheduler.tiers import Level
from tests.small_rounds import divided_round, small_round

ROUNDS = 150
MODES = ("strict", "placement")
MOST_PLANS = 400


def models() -> Iterator[Model]:
    for seed in range(61_000, 61_000 + ROUNDS):
        document = (divided_round if seed % 4 == 0 else small_round)(seed)
        document["policy"]["priority"] = MODES[seed % len(MODES)]
        round_ = read_round(json.dumps(document).encode())
        if not conflicts(round_):
            yield Model(round_)


def fitting(model: Model, priority: Priority, seed: int) -> Iterator[frozenset[int]]:
    """Yield plans that keep every rule but PRIORITY, drawn where there are many."""
    own = [(None, *numbers) for numbers in model.of_candidate.values()]
    plans = list(product(*own))
    for plan in Random(seed).sample(plans, min(len(plans), MOST_PLANS)):
        chosen = [i for i in plan if i is not None]
        if all(priority.has_room(i, [j for j in chosen if j != i]) for i in chosen):
            yield frozenset(chosen)


def with_blockers(priority: Priority, plan: frozenset[int], rows: Sequence[Row]) -> frozenset[int]:
    """Return a plan with every blocker that it allows."""
    allowed = set()
    for number, row in priority.standing.defining(rows).items():
        (_, needed), *others = row.terms
        if sum(c for i, c in others if i in plan) >= -needed:
            allowed.add(number)
    return plan | allowed


@pytest.mark.parametrize("form", ["plain", "tight"])
def test_rows_hold_for_a_plan_exactly_when_nobody_is_in_the_way(form: str) -> None:
    seen: Counter[bool] = Counter()
    for number, model in enumerate(models()):
        priority = Priority(model)
        rows_of = priority.plainly if form == "plain" else priority.against
        rows = [row for envy in set(priority.possible()) for row in rows_of(envy)]
        for plan in fitting(model, priority, number):
            whole = with_blockers(priority, plan, rows)
            kept = all(sum(c for i, c in r.terms if i in whole) <= (r.upper or 0) for r in rows)
            assert kept == (not priority.envies(plan)), (model.round.id, plan)
            seen[kept] += 1
    assert min(seen[True], seen[False]) > 500


def test_a_plan_fills_what_it_allows() -> None:
    """A blocker is one where others fill what it is about, and what stands for options likewise."""
    filled = 0
    for number, model in enumerate(models()):
        standing = (priority := Priority(model)).standing
        rows = [row for envy in sorted(set(priority.possible())) for row in priority.against(envy)]
        defined = set(standing.defining(rows))
        for plan in fitting(model, priority, number):
            found = set(standing.filled(plan))
            assert found & defined == with_blockers(priority, plan, rows) - plan
            filled += len(found)
    assert filled > 1000


def test_what_a_blocker_is_is_told_once_and_only_where_a_row_has_it() -> None:
    told = 0
    for model in models():
        standing = (priority := Priority(model)).standing
        rows = [row for envy in sorted(set(priority.possible())) for row in priority.against(envy)]
        assert list(standing.definitions([])) == []
        first = list(standing.definitions(rows))
        has = {i for row in rows for i, _ in row.terms if i >= len(model.options)}
        steps = {i for each in model.steps for i in each.variables}
        assert {row.terms[0][0] for row in first} == has - steps
        assert list(standing.definitions(rows)) == []
        told += len(first)
    assert told >= 100


def test_tight_rows_leave_fewer_shares() -> None:
    """The bound on placements is never higher than with plain rows, and lower now and then."""
    lower = 0
    for model in filter(lambda each: each.options, models()):
        bounds = []
        for form in ("plain", "tight"):
            priority = Priority(model)
            rows_of = priority.plainly if form == "plain" else priority.against
            rows = [row for envy in sorted(set(priority.possible())) for row in rows_of(envy)]
            program = Program(Glop())
            defining = priority.standing.defining(rows).values()
            program.add(model.variables, (*model.rows, *defining, *rows))
            # Weighed by number, so that shares matter to more than one best plan.
            terms = tuple((i, 10 + i % 7) for i in range(len(model.options)))
            solved = program.optimise(Level("weighed", None, True, terms))
            assert solved is not None
            bounds.append(solved[1].total)
        assert bounds[1] <= bounds[0] + 2
        lower += bounds[1] < bounds[0] - 1000
    assert lower >= 3
