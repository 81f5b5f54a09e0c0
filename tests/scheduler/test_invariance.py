"""One content, one plan: order, names, spelling, solver, seeds and surroundings change nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from random import Random
from typing import Any

import pytest

from benchmarks.mathopt import MathOpt
from data.documents import read_round, write_round
from data.synthetic import generate
from scheduler.conflicts import conflicts
from scheduler.cpsat import CpSat
from scheduler.planner import plan_round
from scheduler.plans import Plan
from scheduler.rounds import Round
from scheduler.search import search
from scheduler.watch import Limits, Watch
from tests.builders import Doc, round_of
from tests.small_rounds import small_round

UNORDERED = ("units", "windows", "municipalities", "candidates", "priorities", "commitments")


def shuffled(value: Any, dice: Random, key: str = "") -> Any:
    """Mix every list that carries no order, and every object's keys."""
    if isinstance(value, dict):
        keys = dice.sample(list(value), len(value))
        return {k: shuffled(value[k], dice, k) for k in keys}
    if isinstance(value, list):
        items = [shuffled(item, dice) for item in value]
        return items if key in {"wishes", "order", "tiers"} else dice.sample(items, len(items))
    return value


def renamed(doc: Doc) -> Doc:
    """Give everybody and everything another name."""
    doc = json.loads(json.dumps(doc))
    doc["round"]["name"] = "Et annet navn"
    for key in ("units", "municipalities", "candidates"):
        for n, record in enumerate(doc[key]):
            record["name"] = f"Ánne Øvrebø {n} <script>"
    return doc


@pytest.fixture(scope="module")
def finnmark() -> tuple[Doc, Plan]:
    doc = json.loads(write_round(generate("finnmark", 5)))
    return doc, plan_round(round_of(doc))


@pytest.mark.parametrize("seed", range(5))
def test_lists_and_keys_in_another_order(finnmark: tuple[Doc, Plan], seed: int) -> None:
    doc, plan = finnmark
    other = shuffled(doc, Random(seed))
    assert list(other["candidates"]) != list(doc["candidates"])
    assert plan_round(round_of(other)).document == plan.document


def test_other_names(finnmark: tuple[Doc, Plan]) -> None:
    doc, plan = finnmark
    assert plan_round(round_of(renamed(doc))).document == plan.document


def test_a_changed_wish_changes_the_round_hash(finnmark: tuple[Doc, Plan]) -> None:
    doc, _ = finnmark
    other = json.loads(json.dumps(doc))
    other["candidates"][0]["rounds_waited"] = 9
    assert round_of(other).hash != round_of(doc).hash
    other = json.loads(json.dumps(doc))
    other["policy"]["name"] = "another"
    assert round_of(other).hash != round_of(doc).hash


def test_defaults_written_out_are_the_same_round() -> None:
    for seed in range(200):
        round_ = round_of(small_round(seed))
        again = read_round(write_round(round_))
        assert again.hash == round_.hash
        assert again.document == round_.document


@pytest.mark.parametrize("limits", [Limits(seed=1), Limits(seed=77), Limits(workers=2)])
def test_other_seeds_and_workers(finnmark: tuple[Doc, Plan], limits: Limits) -> None:
    doc, plan = finnmark
    assert plan_round(round_of(doc), limits).document == plan.document


SURROUNDINGS: list[dict[str, str]] = [
    {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC"},
    {"PYTHONHASHSEED": "4242", "LC_ALL": "C.UTF-8", "TZ": "Pacific/Auckland"},
]


@pytest.mark.parametrize("surroundings", SURROUNDINGS)
def test_other_hash_seeds_locales_and_time_zones(
    finnmark: tuple[Doc, Plan], surroundings: dict[str, str]
) -> None:
    program = (
        "import sys; from data.documents import read_round, write_plan;"
        "from scheduler.planner import plan_round;"
        "sys.stdout.buffer.write(write_plan(plan_round(read_round(sys.stdin.buffer.read()))))"
    )
    doc, plan = finnmark
    found = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(doc).encode(),
        capture_output=True,
        check=True,
        env={**os.environ, **surroundings},
    )
    assert json.loads(found.stdout) == plan.document


def differences(rounds: list[Round]) -> list[str]:
    """Return the ids of rounds on which CP-SAT and HiGHS disagree."""
    return [
        r.id
        for r in rounds
        if search(r, Limits(), Watch(), CpSat) != search(r, Limits(), Watch(), MathOpt)
    ]


def test_another_solver_finds_the_same_plan(capsys: pytest.CaptureFixture[str]) -> None:
    """HiGHS decides the same rounds by itself; both plans are proven, so they must be one."""
    small = [round_of(small_round(seed)) for seed in range(90_000, 90_220)]
    rounds = [r for r in small if not conflicts(r)] + [generate("finnmark", n) for n in range(10)]
    assert differences(rounds) == []
    with capsys.disabled():
        print(f"\n{len(rounds)} rounds planned alike by CP-SAT and HiGHS")
    assert len(rounds) >= 200


def test_a_window_nobody_may_take_changes_no_placement() -> None:
    for seed in range(300, 360):
        doc = small_round(seed)
        if conflicts(round_of(doc)):
            continue
        more = json.loads(json.dumps(doc))
        more["windows"].append(
            {
                "id": "extra",
                "unit": more["units"][0]["id"],
                "opens": "2027-07-01",
                "closes": "2028-07-01",
                "positions": 3,
                "release_on": "2026-01-01",
            }
        )
        one, other = plan_round(round_of(doc)), plan_round(round_of(more))
        assert one.placements == other.placements
        assert one.tiers == other.tiers


def test_the_price_of_priority_is_never_negative() -> None:
    """Above the lottery, looser priority is never worse: every plan that was allowed still is."""
    compared = 0
    for seed in range(400, 520):
        doc = small_round(seed)
        if conflicts(round_of(doc)):
            continue
        values = []
        for mode in ("strict", "placement", "advisory"):
            doc["policy"]["priority"] = mode
            tiers = plan_round(round_of(doc)).tiers[:-1]
            sign = {"wish": -1, "spread": -1, "start": -1}
            values.append([sign.get(t.tier, 1) * t.value for t in tiers])
        assert values[0] <= values[1] <= values[2], seed
        compared += values[0] < values[2]
    assert compared >= 5, "strictness never cost anything: the rounds are too easy"
