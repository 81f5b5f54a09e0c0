"""`capacity`: what posts a round lacks, as people and machines read it."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from api.cli import app
from data.sentences import LANGUAGES
from tests.builders import candidate, order, round_doc, unit, wish


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def crowded(tmp_path: Path) -> Path:
    """One seat, two who may have it, and a third whom nothing helps."""
    doc = round_doc(
        units=[unit(name="Medisin & mer")],
        candidates=[
            candidate("c1", wishes=[wish(latest="2027-08-01")]),
            candidate("c2", name="Ola Eksempel", wishes=[wish(latest="2027-09-01")]),
            candidate("c3", has_supervisor=False),
        ],
        priorities=[order("c1", "c2", "c3")],
    )
    path = tmp_path / "round.json"
    path.write_text(json.dumps(doc), encoding="utf-8")
    return path


def test_the_answer_for_machines_has_worth_and_set(crowded: Path) -> None:
    result = run("capacity", crowded, "--json", "--cost", "u=3", "--exact", 1)
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    purchase = answer["purchase"]
    assert purchase["found"] == "cheapest"
    assert purchase["posts"] == [{"unit": "u", "start": "2027-08-01", "count": 1}]
    assert (purchase["cost"], purchase["needed"], purchase["counted"]) == (3, 2, 2)
    assert purchase["left_out"] == [{"candidate": "c3", "rules": ["SUPERVISOR"]}]
    assert [(w["start"], w["exact"], w["placed"]) for w in answer["worth"]] == [
        ("2027-08-01", True, 1),
        ("2027-09-01", False, 1),
    ]
    assert "Søker etter de billigste plassene; prøvd: 0" in result.stderr


def test_the_tables_and_files_say_it_in_both_languages(crowded: Path, tmp_path: Path) -> None:
    for language in LANGUAGES:
        out = tmp_path / language
        result = run("capacity", crowded, "--out", out, "--exact", 1, "--language", language)
        assert result.exit_code == 0, result.stderr
        assert "Medisin & mer" in result.stdout
        assert ("at most +1" if language == "en" else "høyst +1") in result.stdout
        names = sorted(path.name for path in out.iterdir())
        assert names == ["capacity.html", "capacity.json", "capacity.xlsx"]
        page = (out / "capacity.html").read_text(encoding="utf-8")
        assert "Ola Eksempel" not in page + result.stdout
        svg = fromstring(page[page.index('<svg role="img"') : page.index("</svg>\n</div>") + 6])
        labels = [text.text for text in svg.iter("text")]
        assert labels[-2:] == ["+1", "≤1"]
        book = load_workbook(BytesIO((out / "capacity.xlsx").read_bytes()))
        worth, posts, left_out = (list(sheet.values) for sheet in book.worksheets)
        assert [row[0] for row in worth[1:]] == ["u", "u"]
        assert posts[1][-1] == 1
        assert left_out[1] == ("c3", "SUPERVISOR")


def test_a_share_may_need_nothing(crowded: Path) -> None:
    result = run("capacity", crowded, "--target", "share=0.5", "--exact", 0, "--language", "en")
    assert (
        "No more posts are needed: the plan reaches the target as it is, 1 of 2." in result.stdout
    )
    assert "Target: 50 % are placed" in result.stdout


@pytest.mark.parametrize(
    "target", ["nobody", "share", "share=0", "share=1.1", "share=nan", "share=1/0"]
)
def test_every_wrong_option_is_told_at_once(crowded: Path, target: str) -> None:
    costs = ("--cost", "u=-1", "--cost", "u=1.5", "--cost", "elsewhere=1", "--cost", "u")
    result = run("capacity", crowded, "--target", target, *costs, "--language", "en")
    assert result.exit_code == 2
    assert result.stderr.count("--cost") == 4
    assert result.stderr.count("--target") == 1
    assert "Traceback" not in result.stderr
