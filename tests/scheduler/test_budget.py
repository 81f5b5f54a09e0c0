"""How much is done for a plan, counted: what slows planning down shows here, on every machine.

Times are measured by `benchmarks`; here only operations are counted, on rounds that stay the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from benchmarks.families import colouring, matching
from data.synthetic import generate
from data.synthetic.rounds import Preset, made
from scheduler.cpsat import CpSat
from scheduler.glop import Glop
from scheduler.model import Row
from scheduler.planner import plan_round
from scheduler.plans import Status
from scheduler.rounds import Round

ROUNDS: dict[str, Callable[[], Round]] = {
    "finnmark": lambda: generate("finnmark", 1, 0.8),
    "half of nord": lambda: made(Preset(60, ("nord",)), 2, 0.8, "half"),
    "matching": lambda: matching(60, 1, 1.1),
    "colouring": lambda: colouring(60, 1, 0.8),
}

MOST = {
    "finnmark": {"programs": 43, "searches": 1, "terms": 5_400},
    "half of nord": {"programs": 148, "searches": 6, "terms": 23_400},
    "matching": {"programs": 5, "searches": 2, "terms": 1_300},
    "colouring": {"programs": 4, "searches": 1, "terms": 750},
}
"""What a plan may take: linear programs solved, searches by CP-SAT, and coefficients in the rows of
the linear programs; a quarter more than it took when this was written."""


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count what solvers are asked for."""
    count: Counter[str] = Counter()

    def told(counted: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def telling(*words: Any, **named: Any) -> Any:
            count[counted] += 1
            return original(*words, **named)

        return telling

    def adding(self: Glop, variables: int, rows: Iterable[Row], add: Any = Glop.add) -> None:
        rows = list(rows)
        count["terms"] += sum(len(row.terms) for row in rows)
        add(self, variables, rows)

    monkeypatch.setattr(Glop, "optimise", told("programs", Glop.optimise))
    monkeypatch.setattr(CpSat, "optimise", told("searches", CpSat.optimise))
    monkeypatch.setattr(Glop, "add", adding)
    return count


@pytest.mark.parametrize("name", ROUNDS)
def test_a_plan_takes_no_more_than_it_did(name: str, done: Counter[str]) -> None:
    assert plan_round(ROUNDS[name]()).status is Status.OPTIMAL
    assert done["programs"] > 0
    assert {what: done[what] for what in MOST[name] if done[what] > MOST[name][what]} == {}
