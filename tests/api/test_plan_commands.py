"""``rotations explain`` and ``rotations certificate``: what they answer, write and refuse."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.shell import explaining
from api.shell.explaining import Inquiry
from data.documents import write_plan, write_round
from data.exports.certificates import GUIDES
from data.files import load_round
from scheduler.explain import explanations
from scheduler.explained import Explanation
from scheduler.planner import plan_round
from scheduler.plans import Plan
from scheduler.rounds import Round
from scheduler.watch import Limits, Stop

SAMPLE = Path(str(files("data"))) / "samples" / "finnmark" / "round.json"


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def sample() -> Round:
    return load_round(SAMPLE)


@pytest.fixture(scope="module")
def plan(sample: Round) -> Plan:
    return plan_round(sample)


@pytest.fixture(scope="module")
def plan_file(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "plan.json"
    path.write_bytes(write_plan(plan))
    return path


def test_explain_says_why_and_what_would_have_helped(plan_file: Path, sample: Round) -> None:
    result = run("explain", SAMPLE, plan_file, "--candidate", "5605-c2", "--language", "en")
    assert result.exit_code == 0
    assert result.stdout.startswith("5605-c2 (Sør-Varanger): without a place\n  Wish 1: ")
    for said in ("stand in the way of 5605-c1", "come to 7 candidates instead of 8", "91 days"):
        assert said in result.stdout
    assert "Explained: 1 of 1" in result.stderr
    assert not [c.name for c in sample.candidates if c.name and c.name in result.output]


def test_explain_tells_machines_codes_and_figures(plan_file: Path, plan: Plan) -> None:
    words = ("--candidate", "5601-c2", "--candidate", "5612-c1", "--json")
    document = json.loads(run("explain", SAMPLE, plan_file, *words).stdout)
    assert document["format"] == "rotations/explanations@1"
    assert (document["round"], document["plan_hash"]) == (plan.round_id, plan.hash)
    assert document["complete"]
    first, second = document["candidates"]
    assert (first["candidate"], first["placement"]["class"], first["wishes"]) == ("5601-c2", 1, [])
    assert (second["candidate"], second["placement"]) == ("5612-c1", None)
    tier, fte = second["wishes"]
    assert (tier["causes"][0]["code"], tier["causes"][0]["tier"]) == ("TIER", "kept")
    assert (fte["reasons"][0]["code"], fte["causes"]) == ("FTE", [])
    assert fte["remedies"] == [{"code": "FTE", "percent": 50}]


def test_explain_refuses_ids_that_nobody_has(plan_file: Path) -> None:
    result = run("explain", SAMPLE, plan_file, "--candidate", "nobody", "--candidate", "5601-c1")
    assert result.exit_code == 2
    assert "nobody" in result.stderr
    assert not result.stdout


def test_an_interruption_keeps_what_is_explained(
    sample: Round, plan: Plan, plan_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped_at_third(*given: Any) -> Iterator[Explanation]:
        for number, candidate in enumerate(sample.candidates):
            if number == 2:
                given[3].stop.request()
            yield Explanation(candidate.id, (), (), ())

    monkeypatch.setattr(explaining, "explanations", stopped_at_third)
    everybody = set(sample.candidate)
    found = Inquiry(sample, plan, everybody, "nb", Stop()).explained()
    assert [each.candidate for each in found] == ["5601-c1", "5601-c2"]
    result = run("explain", SAMPLE, plan_file, "--json")
    assert result.exit_code == 130
    assert not json.loads(result.stdout)["complete"]
    assert "2 av 18" in result.stderr


def test_many_are_explained_in_several_processes_as_in_one(
    sample: Round, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explaining, "WORTH_A_PROCESS", 9)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    everybody = set(sample.candidate)
    found = Inquiry(sample, plan, everybody, "nb").explained()
    assert found == list(explanations(sample, plan))
    stop = Stop()
    stop.request()
    assert Inquiry(sample, plan, everybody, "nb", stop).explained() == []


@pytest.mark.parametrize("command", ["explain", "certificate"])
def test_a_plan_must_be_whole_true_and_of_the_round(
    tmp_path: Path, plan_file: Path, sample: Round, command: str
) -> None:
    more = ("--out", tmp_path / "out") if command == "certificate" else ()
    later = tmp_path / "later.json"
    later.write_bytes(write_round(sample.replace(id="2027-Q2")))
    assert "annen runde" in _refused(command, later, plan_file, *more)

    document = json.loads(plan_file.read_text(encoding="utf-8"))
    changed = tmp_path / "changed.json"
    del document["plan_hash"], document["tiers"]
    changed.write_text(json.dumps(document), encoding="utf-8")
    assert "mangler" in _refused(command, SAMPLE, changed, *more)

    document = json.loads(plan_file.read_text(encoding="utf-8"))
    document["tiers"][2]["value"] += 1
    changed.write_text(json.dumps(document), encoding="utf-8")
    assert "CLAIM" in _refused(command, SAMPLE, changed, *more)
    assert not (tmp_path / "out").exists()


def _refused(*words: object) -> str:
    result = run(*words)
    assert result.exit_code == 4
    assert not result.stdout
    return result.stderr


def test_certificate_writes_programs_index_plan_and_guides(tmp_path: Path, plan_file: Path) -> None:
    out = tmp_path / "new" / "certificate"
    result = run("certificate", SAMPLE, plan_file, "--out", out)
    assert result.exit_code == 0
    names = {path.name for path in out.iterdir()}
    index = json.loads((out / "certificate.json").read_text(encoding="utf-8"))
    assert names == {p["file"] for p in index["programs"]} | {
        "certificate.json",
        "plan.json",
        *GUIDES.values(),
    }
    assert (out / "plan.json").read_bytes() == plan_file.read_bytes()
    for guide in GUIDES.values():
        text = (out / guide).read_text(encoding="utf-8")
        for p in index["programs"]:
            assert told_in(text, p["file"]) == [str(p["minimum"]), str(p["value"])]


def told_in(text: str, file: str) -> list[str]:
    """Return the minimum and the value that a guide's table gives of a program."""
    (row,) = (line for line in text.splitlines() if line.startswith(f"| `{file}` |"))
    cells = [cell.strip() for cell in row.split("|")]
    return [cells[3], cells[5]]


def test_a_plan_that_is_not_proven_has_no_certificate(tmp_path: Path, sample: Round) -> None:
    stopped = tmp_path / "stopped.json"
    stopped.write_bytes(write_plan(plan_round(sample, Limits(deterministic=0.0))))
    said = _refused("certificate", SAMPLE, stopped, "--out", tmp_path / "out")
    assert "ikke bevist" in said


def test_a_certificate_does_not_go_into_a_file(tmp_path: Path, plan_file: Path) -> None:
    out = tmp_path / "file"
    out.touch()
    assert run("certificate", SAMPLE, plan_file, "--out", out).exit_code == 2
