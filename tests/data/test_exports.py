"""A plan's files arrive together or not at all, and say the same every time."""

from __future__ import annotations

import json
import os
from collections import Counter
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest

from data.exports.plan_files import export_plan, plan_files
from data.exports.tables import placements
from data.sentences import LANGUAGES
from scheduler.plans import Plan, Status
from scheduler.rounds import Round
from tests.data.made_up_plans import DECIDED, ENGINE, POLICY, small_plan, small_round

NAMES = ["plan.json", "plan.xlsx", "plan.csv", "plan.ics", "report.html"]


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_file_is_written_into_a_new_folder(tmp_path: Path) -> None:
    folder = tmp_path / "out" / "finnmark"
    paths = export_plan(small_round(), small_plan(), folder)
    assert [path.name for path in paths] == NAMES
    assert sorted(content(folder)) == sorted(NAMES)
    assert sorted(entry.name for entry in folder.parent.iterdir()) == ["finnmark"]


def test_the_plan_document_is_the_plans_own(tmp_path: Path) -> None:
    plan = small_plan()
    export_plan(small_round(), plan, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "plan.json").read_bytes()) == plan.document


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert plan_files(small_round(), small_plan()) == plan_files(small_round(), small_plan())


def test_languages_differ_where_people_read() -> None:
    files = [plan_files(small_round(), small_plan(), language) for language in LANGUAGES]
    for one, other in combinations(files, 2):
        different = {name for name in NAMES if one[name] != other[name]}
        assert {"plan.xlsx", "report.html"} <= different <= {"plan.xlsx", "plan.ics", "report.html"}


def test_files_of_an_earlier_plan_are_replaced_and_others_left_alone(tmp_path: Path) -> None:
    export_plan(small_round(), small_plan(Status.FEASIBLE), tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    before = content(tmp_path)
    export_plan(small_round(), small_plan(Status.OPTIMAL), tmp_path)
    after = content(tmp_path)
    assert after.keys() == before.keys()
    assert after["notes.txt"] == b"mine"
    assert b'"optimal"' in after["plan.json"]


@pytest.mark.parametrize("fails_at", NAMES)
def test_a_failure_midway_leaves_the_folder_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: str
) -> None:
    export_plan(small_round(), small_plan(Status.FEASIBLE), tmp_path)
    (tmp_path / "plan.ics").unlink()
    before = content(tmp_path)
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.parent.name == "new" and self.name == fails_at:
            raise OSError("no space")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="no space"):
        export_plan(small_round(), small_plan(Status.OPTIMAL), tmp_path)
    assert content(tmp_path) == before


def test_a_failure_in_a_new_folder_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(descriptor: int) -> None:
        raise OSError("no space")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OSError, match="no space"):
        export_plan(small_round(), small_plan(), tmp_path / "deep" / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_folders_place_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OSError, match="out"):
        export_plan(small_round(), small_plan(), tmp_path / "out")
    assert content(tmp_path) == {"out": b"mine"}


def test_a_folder_in_a_files_place_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "plan.xlsx").mkdir()
    (tmp_path / "plan.xlsx" / "mine").write_text("mine")
    with pytest.raises(IsADirectoryError):
        export_plan(small_round(), small_plan(), tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["plan.xlsx", "mine"]


def test_a_plan_of_another_round_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    other = small_round().replace(id="2027-Q2")
    with pytest.raises(ValueError, match="another round"):
        export_plan(other, small_plan(), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_round_has_all_its_files(tmp_path: Path) -> None:
    round_ = Round(id="empty", decision_date=DECIDED, policy=POLICY)
    plan = Plan(
        round_id="empty",
        round_hash=round_.hash,
        status=Status.OPTIMAL,
        placements=(),
        unplaced=(),
        passed_over=(),
        tiers=(),
        engine=ENGINE,
        verified=True,
    )
    paths = export_plan(round_, plan, tmp_path / "out", "en")
    assert all(path.stat().st_size for path in paths)


def test_a_sheet_is_a_data_frame_for_who_analyses() -> None:
    table = placements(small_round(), small_plan(), "nb")
    frame = table.dataframe()
    assert tuple(frame.columns) == table.columns
    assert frame.to_dict("records") == table.records
    assert [type(day) for day in frame["start"]] == [date] * len(table.rows)
    assert frame.groupby("unit").size().to_dict() == Counter(r["unit"] for r in table.records)
