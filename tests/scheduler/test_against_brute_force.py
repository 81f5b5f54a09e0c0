"""Thousands of tiny rounds: the planner and the enumeration of all plans agree on everything."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import pytest

from data.documents import read_round, write_plan
from scheduler.errors import RefusedRound
from scheduler.planner import plan_round
from scheduler.watch import Incident, Limits, Watch
from tests.brute import Brute, Doc, Refused
from tests.small_rounds import divided_round, small_round

FIRST_SEED = int(os.environ.get("ROTATIONS_BRUTE_SEED", "0"))
ROUNDS = int(os.environ.get("ROTATIONS_BRUTE_ROUNDS", "600"))
DIVIDED = int(os.environ.get("ROTATIONS_BRUTE_DIVIDED", "160"))
MODES = ("strict", "placement", "advisory")
PLANS_AT_MOST = 2_500
"""Rounds with more plans to try are passed over, not counted."""


def compare(seed: int) -> tuple[str, str, int] | None:
    """Return mode, outcome and placements of one round; None where it is too large to enumerate.

    Raises AssertionError, with the seed, where planner and enumeration differ.
    """
    return compared_with_brute_force(small_round(seed), seed)


def compare_divided(seed: int) -> tuple[str, str, int] | None:
    """Return the same for a round in which stays may be divided; how many are, for placements."""
    return compared_with_brute_force(divided_round(seed), seed)


def compared_with_brute_force(doc: Doc, seed: int) -> tuple[str, str, int] | None:
    doc["policy"]["priority"] = mode = MODES[seed % len(MODES)]
    round_ = read_round(json.dumps(doc).encode())
    incidents: list[Incident] = []
    try:
        brute = Brute(doc)
        if brute.size() > PLANS_AT_MOST:
            return None
        values, best, counter = brute.best()
    except Refused:
        with pytest.raises(RefusedRound):
            plan_round(round_)
        return mode, "refused", 0
    plan = plan_round(round_, watch=Watch(on_incident=incidents.append))
    found = brute.read(plan.document)
    assert [(t.tier, t.level, t.value) for t in plan.tiers] == values, seed
    assert found == best, seed
    assert plan.lottery_counter == counter, seed
    assert plan.status == "optimal", seed
    assert plan.verified, seed
    assert all(t.proven and t.bound == t.value for t in plan.tiers), seed
    assert not incidents, seed
    assert json.loads(write_plan(plan))["plan_hash"] == plan.hash
    came_to = "all placed" if len(best) == len(doc["candidates"]) else "some unplaced"
    divided = sum(len(own) > 1 and c not in brute.accepted for c, own in best.items())
    return mode, came_to if best else "nobody placed", divided


def test_the_planner_finds_what_enumeration_finds(capsys: pytest.CaptureFixture[str]) -> None:
    context = multiprocessing.get_context("spawn")
    seeds = range(FIRST_SEED, FIRST_SEED + ROUNDS)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        compared = [c for c in pool.map(compare, seeds, chunksize=50) if c is not None]
    modes = Counter(mode for mode, _, _ in compared)
    outcomes = Counter(outcome for _, outcome, _ in compared)
    with capsys.disabled():
        print(f"\n{len(compared)} rounds equal to brute force: {dict(modes)}, {dict(outcomes)}")
    assert len(compared) >= ROUNDS * 5 // 6
    assert min(modes[mode] for mode in MODES) >= ROUNDS // 4
    assert outcomes["refused"] >= ROUNDS // 25
    assert outcomes["some unplaced"] >= ROUNDS // 4
    assert outcomes["all placed"] >= ROUNDS // 20


def test_divided_stays_are_planned_as_enumeration_plans_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    context = multiprocessing.get_context("spawn")
    seeds = range(FIRST_SEED, FIRST_SEED + DIVIDED)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        compared = [c for c in pool.map(compare_divided, seeds, chunksize=20) if c is not None]
    modes = Counter(mode for mode, _, _ in compared)
    outcomes = Counter(outcome for _, outcome, _ in compared)
    dividing = sum(divided > 0 for _, _, divided in compared)
    with capsys.disabled():
        print(f"\n{len(compared)} rounds with parts: {dividing} divide stays, {dict(outcomes)}")
    assert len(compared) >= DIVIDED * 3 // 4
    assert dividing >= DIVIDED // 5
    assert min(modes[mode] for mode in MODES) >= DIVIDED // 5
    assert outcomes["refused"] >= DIVIDED // 40


WORK = (1e-7, 1e-6, 1e-5, 1e-4, 3e-4, 1e-3)
"""Deterministic limits that stop tiny rounds at every stage."""


def limited(seed: int) -> list[str]:
    """Plan one round under each limit; return what each came to.

    Raises AssertionError, with the seed, for a bound that enumeration beats or a false proof.
    """
    doc = small_round(seed)
    doc["policy"]["priority"] = MODES[seed % len(MODES)]
    try:
        brute = Brute(doc)
        if brute.size() > PLANS_AT_MOST:
            return []
        best, _, counter = brute.best()
    except Refused:
        return []
    outcomes = []
    for work in WORK:
        incidents: list[Incident] = []
        watch = Watch(on_incident=incidents.append)
        plan = plan_round(read_round(json.dumps(doc).encode()), Limits(deterministic=work), watch)
        assert not incidents, (seed, work)
        assert plan.verified
        for tier, (_, _, value) in zip(plan.tiers, best, strict=True):
            if tier.tier == "lottery" and plan.lottery_counter != counter:
                break
            minimised = tier.tier in {"wish", "spread", "start"}
            assert (tier.bound <= value) if minimised else (tier.bound >= value), (seed, work, tier)
            if not tier.proven:
                break
            assert tier.value == value, (seed, work, tier)
        if plan.status == "optimal":
            assert [t.value for t in plan.tiers] == [value for _, _, value in best], (seed, work)
        outcomes.append(str(plan.status))
    return outcomes


def test_a_stopped_search_proves_nothing_that_is_not_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    outcomes = Counter(o for seed in range(70_000, 70_150) for o in limited(seed))
    with capsys.disabled():
        print(f"\nplans under a limit held against enumeration: {dict(outcomes)}")
    assert min(outcomes["feasible"], outcomes["optimal"]) >= 100
