"""A plan as files: the whole for staff, byte for byte; for others what is theirs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from api.cli import app
from data.exports.plan_files import plan_files
from data.sentences import LANGUAGES
from tests.api.routes.planned import SAMPLE, Locked, finnmark, finnmark_plan, locked
from tests.api.served import ALTA, Served

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES = {"xlsx": XLSX, "csv": "text/csv; charset=utf-8", "ics": "text/calendar; charset=utf-8"}


@pytest.fixture
def round_(embedded: Served) -> Locked:
    return locked(embedded, finnmark())


@pytest.fixture
def plan(round_: Locked) -> str:
    return round_.plan(finnmark_plan())


def test_staff_get_the_files_of_the_command_line(
    embedded: Served, plan: str, tmp_path: Path
) -> None:
    for language in LANGUAGES:
        out = tmp_path / language
        words = ["solve", str(SAMPLE), "--out", str(out), "--language", language]
        assert CliRunner().invoke(app, words).exit_code == 0
        for kind, media_type in FILES.items():
            headers = {"Accept-Language": language}
            answer = embedded.planner.get(f"/v1/plans/{plan}/export.{kind}", headers=headers)
            assert answer.headers["content-type"] == media_type
            assert answer.headers["content-disposition"] == f'attachment; filename="plan.{kind}"'
            assert answer.content == (out / f"plan.{kind}").read_bytes()


def excerpts(embedded: Served, plan: str) -> Iterator[tuple[str, bytes]]:
    for kind in FILES:
        yield kind, embedded.coordinator().get(f"/v1/plans/{plan}/export.{kind}").content


def test_a_municipality_s_files_are_of_its_own_people(embedded: Served, round_: Locked) -> None:
    plan = round_.plan(finnmark_plan(), published=True)
    files = dict(excerpts(embedded, plan))
    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"]))
    people = {
        name: [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]
        for name, sheet in zip(
            ("placements", "unplaced", "passed_over", "tiers", "municipalities"), book, strict=False
        )
    }
    assert people == {
        "placements": ["5601-c1", "5601-c2"],
        "unplaced": ["5601-c3"],
        "passed_over": ["5601-c1"],
        "tiers": [],
        "municipalities": [ALTA],
    }
    lines = files["csv"].decode("utf-8-sig").splitlines()
    assert [line.split(";")[0] for line in lines] == ["candidate", "5601-c1", "5601-c2"]
    assert files["ics"].count(b"BEGIN:VEVENT") == 2


def test_files_of_a_part_say_that_they_are(embedded: Served, round_: Locked) -> None:
    plan = round_.plan(finnmark_plan(), published=True)
    book = openpyxl.load_workbook(io.BytesIO(dict(excerpts(embedded, plan))["xlsx"]))
    about = [row[1] for row in book.worksheets[-1].iter_rows(min_row=2, values_only=True)]
    assert about[0] == f"{finnmark().name} (utdrag)"


def test_a_calendar_holds_one_s_own_stays(embedded: Served, round_: Locked) -> None:
    plan = round_.plan(finnmark_plan(), published=True)
    own = {
        embedded.as_("candidate", municipality=ALTA, candidate="5601-c2"): ["5601-c2"],
        embedded.as_("candidate", municipality=ALTA, candidate="5601-c3"): [],
        embedded.as_("unit_leader", unit="hammerfest-psykisk-helsevern-rus"): ["5624-c1"],
        embedded.as_("unit_leader", unit="kirkenes-kirurgi-ortopedi-fode-gyn"): [
            "5603-c2",
            "5605-c1",
        ],
    }
    for person, people in own.items():
        text = person.get(f"/v1/plans/{plan}/export.ics").text
        assert [c for c in finnmark().candidate if f"SUMMARY:{c}:" in text] == people
    accepted = embedded.as_("unit_leader", unit="hammerfest-psykisk-helsevern-rus")
    assert "STATUS:CONFIRMED" in accepted.get(f"/v1/plans/{plan}/export.ics").text


def test_a_municipality_s_events_are_those_of_the_whole(embedded: Served, round_: Locked) -> None:
    plan = round_.plan(finnmark_plan(), published=True)
    whole = plan_files(finnmark(), finnmark_plan())["plan.ics"]
    own = dict(excerpts(embedded, plan))["ics"]
    events = own.partition(b"BEGIN:VEVENT")[2].rpartition(b"END:VCALENDAR")[0]
    assert events in whole
