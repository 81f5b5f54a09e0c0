"""What can be said of how much better than a plan made by hand another one could be."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import product

import pytest

from api.handmade import whole_plan
from scheduler.conflicts import conflicts
from scheduler.errors import InvalidPlan
from scheduler.planner import plan_round
from scheduler.plans import Plan, Status
from scheduler.verify.values import MAXIMISED
from tests import builders
from tests.api.routes.planned import bare
from tests.builders import Doc, plan_of, round_of
from tests.small_rounds import small_round

Bounds = list[tuple[str, int | None, int, int, bool]]


SEATS = builders.round_doc(
    windows=[
        builders.window("w"),
        builders.window("x", unit="v", opens="2027-09-01", closes="2028-03-01"),
    ],
    units=[builders.unit("u"), builders.unit("v")],
    candidates=[
        builders.candidate("a", wishes=[builders.wish("u"), builders.wish("v")]),
        builders.candidate("b", wishes=[builders.wish("u")]),
        builders.candidate("c", municipality="n", wishes=[builders.wish("v")]),
    ],
    municipalities=[builders.municipality("m"), builders.municipality("n")],
    priorities=[builders.order("a", "b")],
)
"""Two seats for three: a can have either, b and c one each."""


def by_hand(**seats: tuple[str, str]) -> Doc:
    placements = [
        {"candidate": c, "window": window, "start": start} for c, (window, start) in seats.items()
    ]
    return {"format": "rotations/plan@1", "round": "test", "placements": placements}


def told(plan: Plan) -> Bounds:
    return [(t.tier, t.level, t.value, t.bound, t.proven) for t in plan.tiers]


def test_without_a_solver_a_bound_follows_from_the_round_alone() -> None:
    plan = whole_plan(round_of(SEATS), by_hand(a=("w", "2027-08-01")), None)
    bounds = {(tier, level): (value, bound) for tier, level, value, bound, _ in told(plan)}
    assert bounds["placed", None] == (1, 3)
    assert bounds["rank", 1] == (1, 2)
    assert bounds["rank", 2] == (0, 1)
    assert bounds["spread", None] == (2, 0)
    assert bounds["lottery", None][1] == 3 * (2**20 - 1)
    assert [tier for tier, *_, proven in told(plan) if proven] == ["kept", "deadline"]
    assert plan.status is Status.FEASIBLE


def test_the_solver_s_bounds_hold_as_far_as_its_values_and_one_tier_more() -> None:
    proofs = plan_of(SEATS)
    worse = whole_plan(round_of(SEATS), by_hand(a=("w", "2027-08-01")), proofs)
    placed = next(t for t in worse.tiers if t.tier == "placed")
    assert (placed.value, placed.bound, placed.proven) == (1, 2, False)
    later = worse.tiers[worse.tiers.index(placed) + 1 :]
    alone = whole_plan(round_of(SEATS), by_hand(a=("w", "2027-08-01")), None)
    assert [t.bound for t in later] == [t.bound for t in alone.tiers[-len(later) :]]


def test_the_solver_s_own_placements_are_as_good_by_every_tier() -> None:
    proofs = plan_of(SEATS)
    same = whole_plan(round_of(SEATS), bare(proofs), proofs)
    assert told(same) == told(proofs)
    assert same.placements == proofs.placements
    assert (same.status, same.engine.ortools) == (Status.FEASIBLE, "none")


def every_plan() -> Iterator[Plan]:
    """Every plan of the round that keeps the rules, with bounds of the round and of the solver."""
    first, second = ("w", "2027-08-01"), ("x", "2027-09-01")
    for a, b, c in product((None, first, second), (None, first), (None, second)):
        seats = {name: seat for name, seat in (("a", a), ("b", b), ("c", c)) if seat}
        for proofs in (None, plan_of(SEATS)):
            with suppress(InvalidPlan):
                yield whole_plan(round_of(SEATS), by_hand(**seats), proofs)


def test_no_plan_beats_a_bound_of_one_with_the_same_values_before() -> None:
    plans = list(every_plan())
    assert len(plans) >= 8
    for one, other in product(plans, plans):
        for mine, theirs in zip(one.tiers, other.tiers, strict=True):
            beyond = theirs.value - mine.bound
            assert (beyond if mine.tier in MAXIMISED else -beyond) <= 0
            if mine.value != theirs.value:
                break


def test_the_best_plan_beats_no_bound_of_one_made_by_hand() -> None:
    """Small crowded rounds: every placement of the solver's plan is left out in turn."""
    kept = 0
    for seed in range(120):
        round_ = round_of(small_round(seed))
        if conflicts(round_):
            continue
        best = plan_round(round_)
        for placement in best.placements:
            for proofs in (None, best):
                with suppress(InvalidPlan):
                    plan = whole_plan(round_, bare(best, placement.candidate), proofs)
                    kept += 1
                    check_bounds(plan, best)
    assert kept > 150


def check_bounds(plan: Plan, best: Plan) -> None:
    for mine, optimum in zip(plan.tiers, best.tiers, strict=True):
        beyond = optimum.value - mine.bound
        assert (beyond if mine.tier in MAXIMISED else -beyond) <= 0
        if mine.value != optimum.value:
            assert not mine.proven
            return


def test_a_bound_that_a_plan_by_hand_beats_is_dropped_and_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    proofs = plan_of(SEATS)
    lies = tuple(replace(t, value=1, bound=1) if t.tier == "placed" else t for t in proofs.tiers)
    with caplog.at_level(logging.ERROR):
        plan = whole_plan(round_of(SEATS), bare(proofs), replace(proofs, tiers=lies))
    placed = next(t for t in plan.tiers if t.tier == "placed")
    assert (placed.value, placed.bound) == (2, 3)
    assert "placed" in caplog.text
