"""What is no round at all, and the sentences in which every fault reaches people."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from string import Formatter

import pytest

from data.faults import fault_line, fault_place, fault_record, pointer
from data.files import load_round
from data.forms.refusals import _CODES as FORM_CODES
from data.sentences import LANGUAGES, catalogue
from data.sheets.workbook_sheets import LONGEST_CELL, write_workbook
from scheduler.errors import Cell, Fault, InvalidRound
from tests.data.rounds import changed, encoded, full_round


def code_of(path: Path) -> list[str]:
    with pytest.raises(InvalidRound) as caught:
        load_round(path)
    return [fault.code for fault in caught.value.faults]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert code_of(tmp_path / "none.json") == ["file-missing"]
    assert code_of(tmp_path / "none" / "none.json") == ["file-missing"]
    assert code_of(tmp_path / "none\0") == ["file-unreadable"]


def test_an_empty_folder_and_one_without_csv(tmp_path: Path) -> None:
    assert code_of(tmp_path) == ["folder-empty"]
    (tmp_path / "round.json").write_text("{}")
    (tmp_path / ".units.csv").write_text("")
    (tmp_path / "units.csv").mkdir()
    assert code_of(tmp_path) == ["folder-empty"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("round.txt", b"hello", "kind-unknown"),
        ("units.csv", b"id;name\n", "kind-unknown"),
        ("round.json", b"", "not-json"),
        ("round.json", b"hello", "not-json"),
        ("round.xlsx", b"hello", "not-workbook"),
        ("round.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook-locked"),
        ("round", b"PK\x03\x04", "not-workbook"),
    ],
)
def test_a_file_of_another_kind(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert code_of(tmp_path / name) == [code]


def test_a_file_is_told_by_what_it_is_where_its_name_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(write_workbook(full_round()))
    (tmp_path / "b").write_bytes(b"\xef\xbb\xbf\n" + encoded(changed()))
    (tmp_path / "c.json").write_bytes(write_workbook(full_round()))
    for name in ("a", "b", "c.json"):
        assert load_round(tmp_path / name).hash == full_round().hash


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "round.json")
    assert code_of(tmp_path / "round.json") == ["kind-unknown"]


def test_a_list_longer_than_a_cell_is_not_cut() -> None:
    unit = full_round().unit["kir"]
    goals = tuple(f"{n:0>9000}" for n in range(5))
    long = type(unit)(id="kir", site="tromso", trust="unn", learning_goals=goals)
    round_ = full_round().replace(units=(full_round().unit["med"], long))
    with pytest.raises(InvalidRound) as caught:
        write_workbook(round_)
    [fault] = caught.value.faults
    assert (fault.code, fault.cell) == ("cell-too-long", Cell("units", 2))
    assert fault.figures == {"maximum": LONGEST_CELL}


CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def told_codes() -> Iterator[str]:
    """Every text that a source of ours hands over as the code of a fault."""
    carriers = {"Fault", "_refuse", "_say", "_refused", "_refusal", "NotAnArchive", "Flaw"}
    for root in ("scheduler", "data", "api"):
        for source in Path(str(files(root))).rglob("*.py"):
            for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and getattr(node.func, "id", getattr(node.func, "attr", "")) in carriers
                ):
                    for each in node.args[:2]:
                        if isinstance(each, ast.Constant) and isinstance(each.value, str):
                            yield each.value


HELD_IN_TABLES = {
    *FORM_CODES.values(),
    *("too-many-rows", "too-many-columns", "too-many-cells", "too-much-text"),  # limits
    *("not-for-role", "not-zip"),  # by role, by media type
    *("cell-formula", "cell-error", "sheet-unknown", "sheet-repeated", "key-repeated"),
}


def test_every_code_has_a_sentence_in_every_language_and_no_sentence_is_left_over() -> None:
    codes = {code for code in told_codes() if CODE.fullmatch(code)} | HELD_IN_TABLES
    assert len(codes) > 50
    for language in LANGUAGES:
        families = [key.partition(".") for key in catalogue(language)]
        told = {code for family, _, code in families if family in {"faults", "warnings"}}
        assert {code for code in told if not code.startswith("place-")} == codes


FIGURES = {
    "maximum": 3,
    "minimum": 1,
    "allowed": ["a", "b"],
    "line": 1,
    "column": 2,
    "shown": 9,
    "list": "units",
    "missing": 2,
    "year": 9999,
    "expected": 2,
    "prefix": "5601-",
    "what": "unit",
    "capacity": 2,
    "valid_from": "2027-01-01",
    "deadline": "2026-12-01T22:00:00Z",
    "days": 3,
    "earliest": "2027-01-01",
    "latest": "2027-02-01",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_can_be_filled(language: str) -> None:
    for key, text in catalogue(language).items():
        if key.startswith("faults.") and not key.startswith("faults.place-"):
            names = {name for _, name, _, _ in Formatter().parse(text) if name}
            assert names <= FIGURES.keys()
            fault = Fault(key.removeprefix("faults."), figures={n: FIGURES[n] for n in names})
            assert fault_line(language, fault).endswith(f"[{fault.code}]")  # type: ignore[arg-type]
            assert "{" not in fault_line(language, fault)  # type: ignore[arg-type]


def test_a_line_says_where_and_what_would_be_right() -> None:
    place = ("candidates", 3, "wishes", 0, "target")
    fault = Fault("id-unknown", place, {"list": "units"})
    assert fault_line("en", fault) == (
        "/candidates/3/wishes/0/target: This id is not found in the list units. [id-unknown]"
    )
    cell = Cell("wishes", 7, "target")
    assert fault_place("nb", Fault("id-unknown", place, cell=cell)) == (
        "ark wishes, rad 7, kolonne target"
    )
    assert fault_record("en", Fault("missing", place, cell=cell)) == {
        "code": "missing",
        "place": "/candidates/3/wishes/0/target",
        "sheet": "wishes",
        "row": 7,
        "column": "target",
        "figures": {},
        "sentence": "This must be filled in.",
    }
    assert fault_record("en", Fault("not-object"))["sheet"] is None


def test_a_pointer_escapes_what_it_must() -> None:
    assert pointer(("policy", "a/b~c", 0)) == "/policy/a~1b~0c/0"
    assert pointer(()) == ""


def test_a_sheet_that_is_called_like_a_date_is_shown_as_it_is() -> None:
    assert fault_place("en", Fault("sheet-unknown", cell=Cell("2027-01-01"))) == "sheet 2027-01-01"
