"""A municipality's list as a workbook: taken home, filled in, and handed in."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from httpx2 import Response
from openpyxl import Workbook, load_workbook

from api.web.downloads import XLSX
from data.sentences import LANGUAGES
from tests.api.routes.collected import (
    Collecting,
    candidate,
    list_of,
    opened,
    plant_supervisor,
    wish,
)
from tests.api.routes.said import problem
from tests.api.served import ALTA, VADSO, Person, Served

TYPE = {"Content-Type": XLSX}


def taken_home(round_: Collecting, who: Person, language: str = "nb") -> Workbook:
    answer = who.get(round_.requests() + "/template.xlsx", headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    return load_workbook(io.BytesIO(answer.content))


def saved(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def tried(round_: Collecting, content: bytes) -> dict[str, Any]:
    answer = round_.served.coordinator().put(
        round_.requests(), content=content, params={"dry_run": "true"}, headers=TYPE
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def places(found: dict[str, Any]) -> list[tuple[str, str | None, int | None, str | None]]:
    return [(each["code"], each["sheet"], each["row"], each["column"]) for each in found["faults"]]


def full(supervisor: str) -> dict[str, Any]:
    return list_of(
        candidate(f"{ALTA}-2", name="Mari Prøve", supervisor=supervisor, complete_by="2029-01-31"),
        candidate(
            f"{ALTA}-1",
            learning_goals=["ALM-055", "ALM-085"],
            unavailable=[{"from": "2027-12-01", "to": "2028-01-01"}],
            wishes=[wish(), wish("hammerfest", ideal="2027-09-01")],
        ),
        orders=[{"unit": "hammerfest-medisin", "order": [f"{ALTA}-1", f"{ALTA}-2"]}],
    )


def test_what_is_taken_home_in_any_language_is_the_list(served: Served) -> None:
    round_, supervisor = opened(served), plant_supervisor(served)
    assert round_.hand_in(full(supervisor)).status_code == 201
    held = served.coordinator().get(round_.requests()).json()
    for language in LANGUAGES:
        book = taken_home(round_, served.coordinator(), language)
        assert tried(round_, saved(book)) | {"wishes": None, "warnings": None} == {
            "faults": [],
            "requests": held | {"late_reason": None},
            "warnings": None,
            "wishes": None,
        }
    sent: dict[str, Any] = {"content": saved(book), "headers": TYPE, "tag": '"1"'}
    answer = served.coordinator().put(round_.requests(), **sent)
    assert (answer.status_code, answer.json()["number"]) == (200, 2)
    assert answer.json()["hash"] == round_hash(round_)


def round_hash(round_: Collecting) -> str:
    first = round_.served.coordinator().get(round_.requests() + "/receipts/1")
    return str(first.json()["hash"])


def test_rank_is_a_place_and_every_fault_has_its_cell(embedded: Served) -> None:
    """Best is 1, whichever row it stands in; scores, gaps and nonsense are told, all at once."""
    round_, supervisor = opened(embedded), plant_supervisor(embedded)
    assert round_.hand_in(full(supervisor)).status_code == 201
    book = taken_home(round_, embedded.coordinator())
    sheet = book["Kandidater"]
    heads = [cell.value for cell in sheet[1]]
    assert heads[:2] == ["Prioritet, 1 er først", "Id"]
    assert sheet["D2"].value == "Ola Eksempel", "people read names"
    sheet["A2"], sheet["A3"] = 2, 1
    assert tried(round_, saved(book))["requests"]["default_order"] == [f"{ALTA}-1", f"{ALTA}-2"]
    sheet["A2"], sheet["B3"], sheet["D2"], sheet["G3"] = 87, f"{VADSO}-1", "Ingen Kjent", "to"
    book["Ønsker"]["D2"] = "i høst"
    found = tried(round_, saved(book))
    assert found["requests"] is None
    assert places(found) == [
        ("rank-gap", "candidates", 2, "rank"),
        ("not-known", "candidates", 2, "supervisor"),
        ("not-own-id", "candidates", 3, "id"),
        ("not-whole-number", "candidates", 3, "gp_months"),
        ("id-unknown", "unavailable", 2, "candidate"),
        ("not-date", "wishes", 2, "earliest"),
        ("id-unknown", "wishes", 3, "candidate"),
        ("id-unknown", "wishes", 4, "candidate"),
        ("id-unknown", "orders", 2, "candidate"),
    ]
    sent: dict[str, Any] = {"content": saved(book), "headers": TYPE, "tag": '"1"'}
    assert problem(embedded.coordinator().put(round_.requests(), **sent)) == (422, "invalid")


def test_what_is_no_such_workbook_is_refused(embedded: Served) -> None:
    round_ = opened(embedded)

    def changed(change: Callable[[Workbook], object]) -> dict[str, Any]:
        book = taken_home(round_, embedded.coordinator())
        change(book)
        return tried(round_, saved(book))

    assert places(tried(round_, b"PK, men ingen arbeidsbok")) == [
        ("not-workbook", None, None, None)
    ]
    other = changed(lambda book: book["Mal"].cell(2, 1, "rotations/list@2"))
    assert places(other) == [("not-one-of", "list", 2, "format")]
    assert places(changed(lambda book: book.remove(book["Ønsker"]))) == [
        ("sheet-missing", "wishes", None, None)
    ]
    number = changed(lambda book: _one(book, name="Kari 01017012345"))
    assert places(number) == [("national-identity-number", "candidates", 2, "name")]
    assert "01017012345" not in str(number)


def _one(book: Workbook, *, name: str) -> None:
    values: dict[str, int | str] = {"A2": 1, "B2": f"{ALTA}-1", "C2": name, "E2": "ja"}
    for at, value in values.items():
        book["Kandidater"][at] = value


def test_an_empty_workbook_is_for_who_takes_part(embedded: Served) -> None:
    round_ = opened(embedded)
    book = taken_home(round_, embedded.coordinator(), "en")
    assert book.sheetnames[:2] == ["Read me", "Candidates"]
    assert "hammerfest-medisin" in [row[0].value for row in book["Sites and units"].rows]
    assert tried(round_, saved(book))["requests"]["candidates"] == []

    def asked(number: str) -> Response:
        return embedded.coordinator().get(
            f"{round_.path}/municipalities/{number}/requests/template.xlsx"
        )

    assert problem(asked(VADSO)) == problem(asked("0301")) == (404, "not-found")
