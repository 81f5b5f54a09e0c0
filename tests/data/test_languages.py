"""What each language must keep: its words and letters, and the mark of a machine's texts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files
from io import BytesIO
from itertools import combinations
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from api.cli import app
from data import sentences
from data.documents import read_round
from data.exports.certificates import GUIDES, certificate_files
from data.exports.plan_files import plan_files
from data.exports.region import region_files
from data.sentences import (
    LANGUAGES,
    Language,
    catalogue,
    review_notice,
    sentence,
    unreviewed_languages,
)
from data.sheets.template import write_template
from scheduler.planner import plan_round
from tests.builders import round_doc
from tests.data.made_up_plans import small_plan, small_round

LETTERS = "Áá Čč Đđ Ŋŋ Šš Ŧŧ Žž"

TEMPLATES = files("data") / "exports" / "templates"

BOKMAL = re.compile(
    r"\b(bare|begynner|ble|dem|ett|finnes|flere|fra|gjør|gjøre|hun|hva|hvem|hver|hvert|hvor"
    r"|hvorfor|ikke|inneholder|jeg|kommer|mer|mulig|måned|noe|noen|opphold|plasser|rekkefølgen?"
    r"|samme|selv|senest|sier|sykehus|tidligst|tjenesten?|uke|uten|veileder|vindu|vinduet|være"
    r"|helseforetak\w*|(?:dag|kandidat|måned|vindu|kommune)er)\b",
    re.IGNORECASE,
)


def texts_of(content: bytes) -> str:
    """Return every text of a workbook."""
    book = load_workbook(BytesIO(content))
    return "\n".join(str(value) for sheet in book for row in sheet.values for value in row)


def pages(language: Language) -> dict[str, str]:
    """Return whatever people read of a plan, a region and a certificate, by what it is."""
    written = plan_files(small_round(), small_plan(), language)
    region = region_files([], datetime(2027, 1, 15, tzinfo=UTC), date(2027, 1, 15), language)
    round_ = read_round(json.dumps(round_doc()).encode())
    certificate = certificate_files(round_, plan_round(round_))
    return {
        "report": written["report.html"].decode(),
        "workbook": texts_of(written["plan.xlsx"]),
        "region": region["region.html"].decode(),
        "guide": certificate[GUIDES[language]].decode(),
    }


@pytest.mark.parametrize("marked", [True, False])
def test_a_machine_s_texts_say_so_until_somebody_has_reviewed_them(
    monkeypatch: pytest.MonkeyPatch, marked: bool
) -> None:
    said = {sentence("se", "report.machine-made"), sentence("nb", "report.machine-made")}
    marks = frozenset({"se"} if marked else ())
    monkeypatch.setattr(sentences, "unreviewed_languages", lambda: marks)
    shown = pages("se") | {"template": texts_of(write_template())}
    for name, page in shown.items():
        assert {each for each in said if each in page} == (said if marked else set()), name
    for name, page in pages("nn").items():
        assert not any(each in page for each in said), name


def test_every_page_has_room_for_the_mark() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in TEMPLATES.iterdir()}
    pages_ = {name: text for name, text in texts.items() if "<body>" in text}
    assert pages_.keys() >= {"report.html", "region.html", "capacity.html"}
    assert [
        name for name, text in pages_.items() if '{% include "review.html" %}' not in text
    ] == []


def test_the_mark_names_languages_that_are_spoken_here() -> None:
    assert unreviewed_languages() <= {*LANGUAGES}
    assert "nb" not in unreviewed_languages()
    for language in LANGUAGES:
        told = [spoken for spoken, _ in review_notice(language)]
        assert told == ([language, "nb"] if language in unreviewed_languages() else [])


def test_nynorsk_has_no_words_of_bokmal() -> None:
    guide = (TEMPLATES / "certificate-nn.md").read_text(encoding="utf-8")
    texts = {**catalogue("nn"), "guide": guide}
    assert {key: found[0] for key, text in texts.items() if (found := BOKMAL.search(text))} == {}


def test_no_sentence_stands_in_two_languages() -> None:
    """A word or two may be alike; bokmål and nynorsk may share more."""
    for one, other in combinations(LANGUAGES, 2):
        if (one, other) != ("nb", "nn"):
            first, second = catalogue(one), catalogue(other)
            same = {text for key, text in first.items() if second[key] == text}
            assert [text for text in same if len(re.findall(r"(?<!\{)\b[^\W\d_]+", text)) > 2] == []


def test_sami_letters_survive_in_every_file() -> None:
    round_ = small_round()
    round_ = round_.replace(
        name=LETTERS,
        units=tuple(replace(unit, name=LETTERS) for unit in round_.units),
        candidates=tuple(replace(each, name=LETTERS) for each in round_.candidates),
    )
    written = plan_files(round_, small_plan(), "se")
    assert LETTERS in written["plan.csv"].decode("utf-8-sig")
    assert LETTERS in written["plan.ics"].decode().replace("\r\n ", "")
    assert LETTERS in written["report.html"].decode()
    assert LETTERS in texts_of(written["plan.xlsx"])


@pytest.mark.parametrize("form", ["round.xlsx", "folder"])
def test_sami_letters_survive_on_the_way_in_and_in_the_terminal(tmp_path: Path, form: str) -> None:
    source, target = tmp_path / "round.json", tmp_path / form
    document = round_doc()
    document["round"]["id"] = LETTERS
    source.write_text(json.dumps(document), encoding="utf-8")
    for words in (["convert", str(source), str(target)], ["check", str(target)]):
        result = CliRunner().invoke(app, [*words, "--language", "se"])
        assert result.exit_code == 0, result.stderr
    assert LETTERS in result.stdout
