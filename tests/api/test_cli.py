"""The command line: what each command answers, writes and returns."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli import PresetName, app
from api.shell.runs import folders
from data.documents import write_round
from data.files import load_round
from data.sentences import LANGUAGES, Language, sentence
from data.synthetic import PRESETS
from scheduler import planner
from scheduler.domain import Commitment
from scheduler.errors import UnverifiedPlan
from scheduler.rounds import Round

SAMPLE = Path(str(files("data"))) / "samples" / "finnmark" / "round.json"
FILES = {"plan.json", "plan.xlsx", "plan.csv", "plan.ics", "report.html"}

Broken = Callable[[dict[str, Any]], None]


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def written(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture(scope="module")
def sample() -> Round:
    return load_round(SAMPLE)


@pytest.fixture
def invalid(tmp_path: Path) -> Path:
    """The sample with two faults: a wish for no unit, a window of no unit."""
    document = json.loads(SAMPLE.read_text(encoding="utf-8"))
    document["candidates"][0]["wishes"][1]["target"] = "Hemmelig Navnesen"
    document["windows"][0]["unit"] = "nowhere"
    path = tmp_path / "invalid.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.fixture
def refused(tmp_path: Path, sample: Round) -> Path:
    """The sample with two accepted commitments for one position at the same time."""
    second = Commitment(
        candidate="5601-c3", window="hammerfest-psykisk-1", start=date(2027, 4, 1), state="accepted"
    )
    path = tmp_path / "refused.json"
    path.write_bytes(write_round(sample.replace(commitments=(*sample.commitments, second))))
    return path


def test_solve_writes_every_file_and_shows_the_plan(tmp_path: Path) -> None:
    out = tmp_path / "new" / "plan"
    result = run("solve", SAMPLE, "--out", out)
    assert result.exit_code == 0
    assert written(out) == FILES
    for said in ("5622-c1 Pieti", "alta-psykisk-1", "5601-c3 Tore Eksempelsen", "Grense"):
        assert said in result.stdout
    assert str(out / "report.html") in result.stdout
    assert "Traceback" not in result.output


@pytest.mark.parametrize("language", LANGUAGES)
def test_solve_speaks_every_language(tmp_path: Path, language: Language) -> None:
    result = run("solve", SAMPLE, "--out", tmp_path, "--language", language)
    assert sentence(language, "console.table-unplaced") in result.stdout
    assert ("The plan is proven best" in result.stdout) == (language == "en")
    assert f'lang="{language}"' in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_solve_gives_each_unplaced_candidate_a_reason(tmp_path: Path) -> None:
    run("solve", SAMPLE, "--out", tmp_path)
    plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    assert {account["candidate"] for account in plan["unplaced"]} >= {"5601-c3", "5620-c1"}
    assert all(account["reasons"] for account in plan["unplaced"])


def test_json_is_one_object_for_machines(tmp_path: Path, sample: Round) -> None:
    result = run("solve", SAMPLE, "--out", tmp_path / "a", "--json")
    answer = json.loads(result.stdout)
    assert answer["exit_code"] == 0
    (one,) = answer["rounds"]
    assert one["status"] == "optimal"
    assert one["round_hash"] == sample.hash
    plan = json.loads((tmp_path / "a" / "plan.json").read_text(encoding="utf-8"))
    assert one["plan_hash"] == plan["plan_hash"]
    assert one["tiers"] == plan["tiers"]
    assert {Path(file).name for file in one["files"]} == FILES
    assert one["seconds"] >= 0
    assert (one["placed"], one["unplaced"]) == (10, 8)


def test_json_names_nobody(tmp_path: Path, sample: Round) -> None:
    result = run("solve", SAMPLE, "--out", tmp_path, "--json")
    assert not [c.name for c in sample.candidates if c.name and c.name in result.output]


def test_a_batch_gets_a_folder_each_and_a_bad_input_stops_nobody(
    tmp_path: Path, invalid: Path, refused: Path
) -> None:
    out = tmp_path / "out"
    result = run("solve", invalid, SAMPLE, refused, "--out", out, "--json")
    assert result.exit_code == 4
    rounds = json.loads(result.stdout)["rounds"]
    assert [r["status"] for r in rounds] == ["invalid", "optimal", "refused"]
    assert written(out) == {"round"}
    assert written(out / "round") == FILES
    assert {f["code"] for f in rounds[0]["faults"]} == {"id-unknown"}
    assert rounds[2]["conflicts"][0]["rule"] == "POSITIONS"


def test_the_same_stem_twice_gets_a_number() -> None:
    inputs = [Path("a/round.json"), Path("b/Round.xlsx"), Path("c/round-2.json"), Path("round")]
    names = [folder.name for folder in folders(inputs, Path("out"))]
    assert names == ["round", "Round-2", "round-2-2", "round-3"]


def test_one_input_goes_straight_into_the_folder() -> None:
    assert folders([Path("a/round.json")], Path("out")) == [Path("out")]


def test_an_input_called_dot_dot_stays_below_the_folder(tmp_path: Path) -> None:
    inside = tmp_path / "deep" / "deeper"
    inside.mkdir(parents=True)
    (folder, _) = folders([inside / "..", Path("other")], Path("out"))
    assert folder == Path("out/deep")


def test_an_invalid_round_tells_every_fault_and_writes_nothing(
    tmp_path: Path, invalid: Path
) -> None:
    result = run("solve", invalid, "--out", tmp_path / "out")
    assert result.exit_code == 3
    assert "2 feil" in result.stderr
    assert "/windows/0/unit" in result.stderr
    assert "/candidates/0/wishes/1/target" in result.stderr
    assert result.stdout == ""
    assert not (tmp_path / "out").exists()


def test_a_refused_value_is_not_repeated(tmp_path: Path, invalid: Path) -> None:
    for words in (("solve", invalid, "--out", tmp_path / "out", "--json"), ("check", invalid)):
        assert "Hemmelig" not in run(*words).output


def test_a_refused_round_names_the_conflict_and_writes_nothing(
    tmp_path: Path, refused: Path
) -> None:
    result = run("solve", refused, "--out", tmp_path / "out")
    assert result.exit_code == 4
    assert "5601-c3" in result.stderr
    assert "5624-c1" in result.stderr
    assert "Fiktivsen" not in result.output
    assert not (tmp_path / "out").exists()


def test_a_missing_input_is_invalid(tmp_path: Path) -> None:
    result = run("solve", tmp_path / "nothing.json", "--out", tmp_path / "out")
    assert result.exit_code == 3
    assert len(result.stderr.strip().splitlines()) == 2
    assert not (tmp_path / "out").exists()


def test_a_file_where_the_folder_should_be_is_misuse(tmp_path: Path) -> None:
    out = tmp_path / "file"
    out.write_text("mine", encoding="utf-8")
    assert run("solve", SAMPLE, "--out", out).exit_code == 2
    assert out.read_text(encoding="utf-8") == "mine"


def test_a_file_above_the_folder_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    result = run("solve", SAMPLE, "--out", tmp_path / "file" / "out")
    assert result.exit_code == 74
    assert result.stderr.splitlines()[-1].endswith("File exists.")


def test_a_full_disk_is_one_block_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device", str(tmp_path))

    monkeypatch.setattr(os, "fsync", full)
    result = run("solve", SAMPLE, "--out", tmp_path / "out")
    assert result.exit_code == 74
    assert "No space left on device" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_stopped_search_keeps_its_best_plan(tmp_path: Path) -> None:
    result = run("solve", SAMPLE, "--out", tmp_path / "out", "--time-limit", "0", "--json")
    assert result.exit_code == 0
    (one,) = json.loads(result.stdout)["rounds"]
    assert one["status"] == "feasible"
    assert run("verify", SAMPLE, tmp_path / "out" / "plan.json").exit_code == 0


@pytest.mark.parametrize("option", ["--time-limit", "--deterministic-limit"])
@pytest.mark.parametrize("figure", ["nan", "inf", "-1", "soon"])
def test_a_limit_that_is_none_is_misuse(tmp_path: Path, option: str, figure: str) -> None:
    result = run("solve", SAMPLE, "--out", tmp_path / "out", f"{option}={figure}")
    assert result.exit_code == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["solve"],
        ["solve", str(SAMPLE)],
        ["solve", str(SAMPLE), "--out", "x", "--language", "fkv"],
        ["solve", str(SAMPLE), "--out", "x", "--workers", "0"],
        ["generate", "--preset", "atlantis", "--seed", "1", "--out", "x.json"],
        ["generate", "--preset", "nord", "--out", "x.json"],
        ["dance"],
    ],
)
def test_wrong_usage_ends_with_two(words: list[str], tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        assert run(*words).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_withheld_plan_is_an_incident(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def withheld(*_: object) -> None:
        raise UnverifiedPlan(("POSITIONS",))

    monkeypatch.setattr("api.shell.runs.plan_round", withheld)
    result = run("solve", SAMPLE, "--out", tmp_path / "out", "--json")
    assert result.exit_code == 70
    (one,) = json.loads(result.stdout)["rounds"]
    assert one["incident"] in result.stderr
    assert "POSITIONS" in result.stderr
    assert not (tmp_path / "out").exists()


def test_the_planner_is_the_one_that_is_called() -> None:
    """The stand-in above replaces a name; it must stay the planner's."""
    from api.shell import runs

    assert vars(runs)["plan_round"] is planner.plan_round


def test_check_tells_size_hash_and_what_to_look_at(sample: Round) -> None:
    result = run("check", SAMPLE, "--language", "en")
    assert result.exit_code == 0
    assert "18 candidates, 14 windows, 13 units, 18 municipalities" in result.stdout
    assert sample.hash in result.stdout
    assert "5603-c1, 5618-c1, 5620-c1, 5628-c1" in result.stdout
    assert "kirkenes-rehabilitering-1" in result.stdout


def test_check_names_candidates_without_wishes(tmp_path: Path, sample: Round) -> None:
    changed = [replace(c, wishes=()) if c.id == "5632-c1" else c for c in sample.candidates]
    path = tmp_path / "round.json"
    path.write_bytes(write_round(sample.replace(candidates=tuple(changed))))
    result = run("check", path, "--language", "en")
    assert "1 candidate without wishes: 5632-c1" in result.stdout


def test_check_returns_what_solve_would(invalid: Path, refused: Path) -> None:
    assert run("check", invalid).exit_code == 3
    assert run("check", refused).exit_code == 4


def test_verify_confirms_a_plan_and_finds_a_change(tmp_path: Path) -> None:
    run("solve", SAMPLE, "--out", tmp_path)
    path = tmp_path / "plan.json"
    assert run("verify", SAMPLE, path).exit_code == 0
    plan = json.loads(path.read_text(encoding="utf-8"))
    plan["placements"][0]["start"] = "2027-12-01"
    path.write_text(json.dumps(plan), encoding="utf-8")
    result = run("verify", SAMPLE, path)
    assert result.exit_code == 1
    assert "5601-c1" in result.stdout
    assert "CLAIM" in result.stdout


@pytest.mark.parametrize(
    ("placement", "rule"),
    [
        (("5603-c1", "alta-psykisk-1", "2027-06-01"), "LEAD"),
        (("5620-c1", "kirkenes-kirurgi-1", "2027-09-01"), "REGISTERED"),
        (("5605-c2", "kirkenes-medisin-1", "2027-08-01"), "WISH"),
        (("5601-c3", "hammerfest-medisin-1", "2027-08-01"), "PRIORITY"),
    ],
)
def test_verify_words_each_broken_rule_of_a_hand_made_plan(
    tmp_path: Path, placement: tuple[str, str, str], rule: str
) -> None:
    accepted = ("5624-c1", "hammerfest-psykisk-1", "2027-03-01")
    keys = ("candidate", "window", "start")
    plan = {
        "format": "rotations/plan@1",
        "round": "2027-Q1",
        "placements": [dict(zip(keys, p, strict=True)) for p in (accepted, placement)],
    }
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan), encoding="utf-8")
    result = run("verify", SAMPLE, path)
    assert result.exit_code == 1
    lines = [line for line in result.stdout.splitlines() if line.startswith(f"{rule}: ")]
    assert lines
    assert placement[0] in lines[0]


def test_verify_refuses_what_is_no_plan(tmp_path: Path) -> None:
    assert run("verify", SAMPLE, SAMPLE).exit_code == 3
    assert run("verify", SAMPLE, tmp_path / "none.json").exit_code == 3
    assert run("verify", SAMPLE, tmp_path).exit_code == 3


def test_template_writes_a_workbook_once(tmp_path: Path) -> None:
    out = tmp_path / "template.xlsx"
    assert run("template", out).exit_code == 0
    assert out.read_bytes()[:2] == b"PK"
    assert run("template", out).exit_code == 2
    assert run("template", out, "--force").exit_code == 0
    assert run("template", tmp_path / "template.txt").exit_code == 2
    assert written(tmp_path) == {"template.xlsx"}


def test_generate_writes_the_round_it_is_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "round.json"
    assert run("generate", "--preset", "finnmark", "--seed", "3", "--out", out).exit_code == 0
    assert len(load_round(out).candidates) == 12
    piped = run("generate", "--preset", "finnmark", "--seed", "3", "--out", "-")
    assert piped.stdout == out.read_text(encoding="utf-8")
    assert run("generate", "--preset", "nord", "--seed", "3", "--out", out).exit_code == 2


def test_every_preset_can_be_asked_for() -> None:
    assert [name.value for name in PresetName] == list(PRESETS)


@pytest.mark.parametrize("name", ["round.xlsx", "folder", "round.json"])
def test_convert_keeps_the_round(tmp_path: Path, sample: Round, name: str) -> None:
    result = run("convert", SAMPLE, tmp_path / name)
    assert result.exit_code == 0
    assert sample.hash in result.stdout
    assert load_round(tmp_path / name).hash == sample.hash


def test_convert_replaces_nothing_unasked(tmp_path: Path) -> None:
    out = tmp_path / "round.json"
    out.write_text("mine", encoding="utf-8")
    assert run("convert", SAMPLE, out).exit_code == 2
    assert out.read_text(encoding="utf-8") == "mine"
    assert run("convert", SAMPLE, out, "--force").exit_code == 0


@pytest.mark.parametrize("name", ["round.csv", "round.xls", "round.txt"])
def test_a_form_that_cannot_be_written_is_misuse(tmp_path: Path, name: str) -> None:
    assert run("convert", SAMPLE, tmp_path / name).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_convert_notices_that_it_wrote_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample: Round
) -> None:
    def forgetful(round_: Round, path: Path) -> None:
        path.write_bytes(write_round(round_.replace(commitments=())))

    monkeypatch.setattr("data.files.save_round", forgetful)
    result = run("convert", SAMPLE, tmp_path / "round.json")
    assert result.exit_code == 70
    assert "samme runde" in result.stderr


def test_a_name_cannot_command_the_terminal(tmp_path: Path, sample: Round) -> None:
    """Markup in a name is shown as it stands."""
    odd = "[bold]Robert[/bold] [link=x]"
    changed = [replace(c, name=odd) if c.id == "5622-c1" else c for c in sample.candidates]
    path = tmp_path / "round.json"
    path.write_bytes(write_round(sample.replace(candidates=tuple(changed))))
    result = run("solve", path, "--out", tmp_path / "out")
    assert "[bold]Robert" in result.stdout
