"""`compare` and `price`: plans side by side, as people and machines read them."""

from __future__ import annotations

import json
import pickle
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from api.cli import app
from data.documents import write_plan
from data.files import load_round
from scheduler.errors import (
    Conflict,
    Fault,
    InvalidRound,
    RefusedRound,
    RotationsError,
    UnverifiedPlan,
)
from scheduler.planner import plan_round

SAMPLE = Path(str(files("data"))) / "samples" / "finnmark" / "round.json"


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's plan."""
    path = tmp_path_factory.mktemp("plan") / "plan.json"
    path.write_bytes(write_plan(plan_round(load_round(SAMPLE))))
    return path


@pytest.fixture
def advisory(tmp_path: Path) -> Path:
    """The sample without one candidate, and with orders that do not bind."""
    return written(
        tmp_path / "what-if.json",
        {"action": "remove", "record": "candidates", "id": "5622-c1"},
        {"action": "change", "record": "policy", "fields": {"priority": "advisory"}},
    )


def written(path: Path, *changes: Any) -> Path:
    document = {"format": "rotations/scenario@1", "name": path.stem, "changes": changes}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def names() -> list[str]:
    return [c.name for c in load_round(SAMPLE).candidates if c.name]


def test_compare_writes_what_it_says(tmp_path: Path, plan: Path, advisory: Path) -> None:
    out = tmp_path / "new" / "out"
    words = ("--scenario", advisory, "--plan", plan, "--out", out, "--json")
    result = run("compare", SAMPLE, *words)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert json.loads((out / "comparison.json").read_bytes()) == told
    assert [side["scenario"] for side in told["sides"]] == [None, "what-if"]
    (pair,) = told["comparisons"]
    assert (pair["first"], pair["second"]) == (0, 1)
    assert pair["counts"]["only-first"] == 1
    assert {p["candidate"] for p in pair["people"] if p["difference"] == "placed"} == {"5601-c3"}
    assert (out / "base.plan.json").read_bytes() == plan.read_bytes()
    fresh = plan_round(load_round(out / "what-if.round.json"))
    assert (out / "what-if.plan.json").read_bytes() == write_plan(fresh)
    assert told["sides"][1]["plan_hash"] == fresh.hash
    assert not [name for name in names() if name in result.output]
    sheets = load_workbook(BytesIO((out / "comparison.xlsx").read_bytes())).worksheets
    rows = [sheet.max_row - 1 for sheet in sheets]
    assert rows == [len(told["sides"]), len(pair["tiers"]), len(pair["people"])]


def test_compare_shows_people_by_id(plan: Path, advisory: Path) -> None:
    result = run("compare", SAMPLE, "--scenario", advisory, "--plan", plan, "--language", "en")
    assert "As it is → what-if:" in result.stdout
    assert "1 gets a place: 5601-c3" in result.stdout
    assert "1 is in the first round only: 5622-c1" in result.stdout
    assert not [name for name in names() if name in result.output]


def test_every_bad_scenario_is_told_and_nothing_is_written(tmp_path: Path, plan: Path) -> None:
    place = {"action": "change", "record": "windows", "id": "nowhere", "fields": {"positions": 2}}
    twice = {"window": "hammerfest-psykisk-1", "start": "2027-04-01", "state": "accepted"}
    second = {"action": "add", "record": "commitments", "fields": twice | {"candidate": "5601-c3"}}
    bad, refused = written(tmp_path / "bad.json", place), written(tmp_path / "two.json", second)
    words = [word for path in (bad, refused, tmp_path / "no") for word in ("--scenario", path)]
    result = run("compare", SAMPLE, *words, "--plan", plan, "--out", tmp_path / "out")
    assert result.exit_code == 4
    assert "/changes/0/id" in result.stderr
    assert "5601-c3" in result.stderr
    assert "[file-missing]" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_plan_of_another_round_is_no_base(tmp_path: Path, plan: Path, advisory: Path) -> None:
    other = json.loads(SAMPLE.read_bytes())
    other["round"]["decision_date"] = "2027-01-16"
    path = tmp_path / "other.json"
    path.write_text(json.dumps(other), encoding="utf-8")
    result = run("compare", path, "--scenario", advisory, "--plan", plan)
    assert result.exit_code == 4
    assert "Traceback" not in result.output


def test_price_says_whose_orders_cost_placements() -> None:
    result = run("price", SAMPLE, "--json", "--jobs", 2)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert [side["priority"] for side in told["sides"]] == ["strict", "placement", "advisory"]
    strict, _, free = (side["placed"] for side in told["sides"])
    assert told["lost"] == free - strict > 0
    assert told["lists"] == ["5601"]
    assert [pair["second"] for pair in told["comparisons"]] == [1, 2]


@pytest.mark.parametrize(
    "error",
    [
        RefusedRound((Conflict("ONE", "c1", ("c1",)),)),
        InvalidRound((Fault("too-many-starts", ("candidates",)),)),
        UnverifiedPlan(("PRIORITY",)),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_goes_wrong_in_a_process_of_its_own_is_told_whole(error: RotationsError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (str(again), vars(again)) == (str(error), vars(error))


def test_replan_moves_whom_it_must_and_writes_a_round_whose_plan_holds(
    tmp_path: Path, plan: Path
) -> None:
    gone = json.loads(plan.read_bytes())["placements"][0]
    what = written(
        tmp_path / "withdrawn.json",
        {"action": "remove", "record": "windows", "id": gone["window"]},
    )
    out = tmp_path / "again"
    result = run("replan", SAMPLE, plan, "--scenario", what, "--out", out, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert json.loads((out / "replan.json").read_bytes()) == told
    assert [(each["candidate"], each["reasons"][0]["code"]) for each in told["moved"]] == [
        (gone["candidate"], "WITHDRAWN")
    ]
    assert told["after"]["plan_hash"] == json.loads((out / "plan.json").read_bytes())["plan_hash"]
    assert run("verify", out / "round.json", out / "plan.json").exit_code == 0
    sheets = load_workbook(BytesIO((out / "replan.xlsx").read_bytes())).sheetnames
    assert len(sheets) >= 3


@pytest.mark.parametrize("language", ["nb", "nn", "se", "en"])
def test_replan_says_in_words_who_moves_and_what_keeping_costs(
    tmp_path: Path, plan: Path, language: str
) -> None:
    held = json.loads(plan.read_bytes())["placements"]
    what = written(
        tmp_path / "shorter.json",
        {
            "action": "change",
            "record": "windows",
            "id": held[0]["window"],
            "fields": {"closes": held[0]["start"].replace("-01", "-28")},
        },
    )
    result = run("replan", SAMPLE, plan, "--scenario", what, "--language", language)
    assert result.exit_code == 0, result.output
    assert held[0]["candidate"] in result.stdout
    assert not any(name in result.stdout for name in names())
