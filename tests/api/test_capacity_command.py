"""`capacity`: what posts a round lacks, as people and machines read it."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from api.cli import app
from data.exports.capacity import told
from data.files import load_round
from data.sentences import LANGUAGES, review_notice, sentence
from scheduler.capacity import Found, Target, capacity_study
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


def written(crowded: Path, name: str, content: dict[str, object]) -> Path:
    path = crowded.with_name(f"{name}.json")
    path.write_text(json.dumps({"format": f"rotations/{name}@1"} | content), encoding="utf-8")
    return path


def test_the_answer_for_machines_has_worth_and_set(crowded: Path) -> None:
    costs = written(crowded, "costs", {"units": [{"unit": "u", "cost": 3}]})
    result = run("capacity", crowded, "--json", "--costs", costs, "--exact", 1)
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


def test_the_tables_and_files_say_it_in_every_language(crowded: Path, tmp_path: Path) -> None:
    for language in LANGUAGES:
        out = tmp_path / language
        result = run("capacity", crowded, "--out", out, "--exact", 1, "--language", language)
        assert result.exit_code == 0, result.stderr
        assert "Medisin & mer" in result.stdout
        assert sentence(language, "capacity.at-most", {"gain": "+1"}) in result.stdout
        names = sorted(path.name for path in out.iterdir())
        assert names == ["capacity.html", "capacity.json", "capacity.xlsx"]
        page = (out / "capacity.html").read_text(encoding="utf-8")
        assert "Ola Eksempel" not in page + result.stdout
        assert (sentence("nb", "report.machine-made") in page) == bool(review_notice(language))
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
    result = run("capacity", crowded, "--target", target, "--language", "en")
    assert result.exit_code == 2
    assert result.stderr.count("--target") == 1
    assert "Traceback" not in result.stderr


def test_months_are_for_a_share_alone(crowded: Path) -> None:
    result = run("capacity", crowded, "--within", 9, "--language", "en")
    assert result.exit_code == 2
    assert "--within: This is not asked for here." in result.stderr
    result = run(
        *("capacity", crowded, "--target", "share=1", "--within", 8, "--exact", 0),
        *("--time-limit", 60, "--language", "en"),
    )
    assert result.exit_code == 0, result.stderr
    assert "Target: 100 % begin within 8 months" in result.stdout
    assert "Cheapest: 1 post at a cost of 1." in result.stdout


def test_what_the_time_left_open_is_said(crowded: Path) -> None:
    study = capacity_study(load_round(crowded), Target(), {}, exact=0)
    for bound, said in ((0, "That none is cheaper is not proven"), (1, "another may be as cheap")):
        purchase = replace(study.purchase, found=Found.FEASIBLE, bound=bound)
        _, outcome = told(replace(study, purchase=purchase), "en")
        assert outcome.startswith("Found in the time: 1 post at a cost of 1.")
        assert said in outcome


def test_every_fault_of_the_costs_is_told_at_once(crowded: Path) -> None:
    units = [
        {"unit": "u", "cost": 1},
        {"unit": "u", "cost": 2},
        {"unit": "nowhere", "cost": 3},
    ]
    known = written(crowded, "costs", {"units": units})
    result = run("capacity", crowded, "--costs", known, "--language", "en")
    assert result.exit_code == 3
    assert [line.split(":")[0].strip() for line in result.stderr.splitlines()[1:]] == [
        "/units/1/unit",
        "/units/2/unit",
    ]
    broken = written(crowded, "costs", {"default": 1_000_001, "units": [{"unit": "u"}], "x": 1})
    result = run("capacity", crowded, "--costs", broken, "--language", "en")
    assert result.exit_code == 3
    assert len(result.stderr.splitlines()) == 4
    assert "Traceback" not in result.stderr
    missing = run("capacity", crowded, "--costs", crowded.with_name("none.json"))
    assert missing.exit_code == 3


FORECAST = {
    "years": 2,
    "wait_months": 12,
    "seed": "frø",
    "draws": 2,
    "scenarios": [{"name": "mye & mer", "a_year": [2, 1]}, {"name": "lite", "a_year": [0, 1]}],
}


def test_the_years_ahead_are_told_in_every_language(crowded: Path, tmp_path: Path) -> None:
    forecast, pages = written(crowded, "forecast", FORECAST), set()
    for language in LANGUAGES:
        out = tmp_path / language
        result = run("forecast", crowded, forecast, "--out", out, "--language", language)
        assert result.exit_code == 0, result.stderr
        assert sentence(language, "forecast.scenario", {"name": "mye & mer"}) in result.stdout
        assert sentence(language, "forecast.work-rolling", {"done": 12, "of": 13}) in result.stderr
        names = sorted(path.name for path in out.iterdir())
        assert names == ["forecast.html", "forecast.json", "forecast.xlsx"]
        page = (out / "forecast.html").read_text(encoding="utf-8")
        assert "Medisin &amp; mer" in page
        assert "Ola Eksempel" not in page + result.stdout
        figures = [
            f"<svg role{each.partition('</svg>')[0]}</svg>" for each in page.split("<svg role")
        ]
        assert len(figures[1:]) == 6
        drawn = [fromstring(figure) for figure in figures[1:]]
        assert all(len(list(figure.iter("rect"))) >= 2 for figure in drawn)
        posts, draws, waits = load_workbook(
            BytesIO((out / "forecast.xlsx").read_bytes())
        ).worksheets
        assert len(list(posts.values)) > 1
        assert len(list(draws.values)) == len(list(waits.values)) * 2 - 1 == 9
        pages.add(page)
    assert len(pages) == len(LANGUAGES)


def test_the_years_ahead_for_machines_add_up(crowded: Path) -> None:
    forecast = written(crowded, "forecast", FORECAST)
    answers = [run("forecast", crowded, forecast, "--json", "--jobs", jobs) for jobs in (1, 2)]
    assert answers[0].stdout == answers[1].stdout
    found = json.loads(answers[0].stdout)
    assert found["complete"] is True
    assert [each["name"] for each in found["scenarios"]] == ["lite", "mye & mer"]
    for scenario in found["scenarios"]:
        posts = scenario["posts"]
        assert posts["proven"] is True
        assert posts["cost"] == sum(place["count"] for place in posts["places"])
        assert posts["cost"] >= max(draw["cost"] for draw in scenario["draws"])
        assert sum(row["posts"] for row in scenario["units"]) == posts["cost"]
        assert sum(row["people"] for row in scenario["waits"]) == sum(
            scenario["draws"][0]["people"]
        )
    assert "c1" not in answers[0].stdout


def test_every_fault_of_a_forecast_is_told_at_once(crowded: Path) -> None:
    homes = [{"municipality": "m", "a_year": [1]}, {"municipality": "x", "a_year": [1, 1, 1]}]
    known = written(
        crowded,
        "forecast",
        FORECAST
        | {
            "scenarios": [
                {"name": "a"},
                {"name": "a", "a_year": [1, 2], "municipalities": homes},
            ],
            "vacancies": [{"unit": "x", "a_year": 1}],
            "wishes": [{"target": "u", "weight": 1}, {"target": "u", "weight": 1}],
            "costs": [{"unit": "x", "cost": 1}],
        },
    )
    result = run("forecast", crowded, known, "--language", "en")
    assert result.exit_code == 3
    assert [line.split(":")[0].strip() for line in result.stderr.splitlines()[1:]] == [
        "/scenarios/0/a_year",
        "/scenarios/1/name",
        "/scenarios/1/municipalities",
        "/scenarios/1/municipalities/0/a_year",
        "/scenarios/1/municipalities/1/municipality",
        "/scenarios/1/municipalities/1/a_year",
        "/vacancies/0/unit",
        "/wishes/1/target",
        "/costs/0/unit",
    ]
    broken = written(crowded, "forecast", {"years": 11, "scenarios": []})
    result = run("forecast", crowded, broken, "--language", "en")
    assert result.exit_code == 3
    assert len(result.stderr.splitlines()) == 4
    assert "Traceback" not in result.stderr
