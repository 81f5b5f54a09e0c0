"""Rounds come as one document: JSON, CSV files in an archive, or a workbook."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from httpx2 import Response
from sqlmodel import select

from api.collecting.arrivals import MEDIA_TYPES
from data.documents import read_round, write_round
from models.database import Database
from models.scope import EVERYTHING
from models.tables import Participation, Round
from tests.api.routes.collected import SAMPLE, finnmark_document, list_of, new_round
from tests.api.routes.said import MISSING, NOBODYS, alike, faults, problem
from tests.api.served import ALTA, BERGEN, FINNMARK, NORTH, VADSO, Person, Served, serving
from tests.databases import Files

JSON, ZIP, XLSX = MEDIA_TYPES


@cache
def archive(**changed: bytes) -> bytes:
    """Return the sample's CSV files in an archive, some of them changed or added."""
    files = {path.name: path.read_bytes() for path in (SAMPLE / "csv").iterdir()}
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as made:
        for name, content in {**files, **changed}.items():
            made.writestr(name, content)
    return buffer.getvalue()


def document() -> dict[str, Any]:
    copied: dict[str, Any] = json.loads(json.dumps(finnmark_document()))
    return copied


def send(
    served: Served,
    content: bytes | dict[str, Any],
    media_type: str = JSON,
    who: Person | None = None,
    **sent: Any,
) -> Response:
    """Import a document, as Finnmark's planner unless somebody else is named."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    params = {"organisation": FINNMARK} | sent.pop("params", {})
    headers = {"Content-Type": media_type}
    return (who or served.planner).post(
        "/v1/rounds/import", content=body, headers=headers, params=params, **sent
    )


def rounds(served: Served) -> list[Round]:
    with served.database.reading(EVERYTHING) as session:
        return list(session.exec(select(Round)))


COUNTS = {"units": 13, "windows": 14, "municipalities": 18, "candidates": 18, "commitments": 2}


def test_a_document_becomes_a_round_that_is_locked(served: Served) -> None:
    shipped = read_round((SAMPLE / "round.json").read_bytes())
    made = send(served, (SAMPLE / "round.json").read_bytes())
    assert made.status_code == 201
    answer = made.json()
    assert {name: answer[name] for name in COUNTS} == COUNTS
    assert (answer["hash"], answer["label"], answer["faults"]) == (shipped.hash, "2027-Q1", [])
    address = made.headers["location"]
    round_ = served.planner.get(address).json()
    assert (round_["state"], round_["origin"], round_["policy"]) == ("locked", "imported", None)
    # Of the sample's municipalities the register knows two.
    assert round_["participants"] == [ALTA, VADSO]
    frozen = served.planner.get(f"{address}/document")
    assert frozen.content == write_round(shipped)
    assert served.coordinator(ALTA).get(address).json()["participants"] == [ALTA]
    assert problem(served.as_("planner", BERGEN).get(address)) == (404, "not-found")
    moves = served.planner.get(f"{address}/transitions").json()["items"]
    assert [move["state"] for move in moves] == ["locked"]
    told = served.planner.get(f"{address}/figures").json()
    assert (told["lists"], told["missing"], told["candidates"]) == (None, None, 18)


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        (ZIP, archive()),
        (ZIP, archive(**{"README.md": b"x", ".hidden.csv": b"x", "__MACOSX/._units.csv": b"x"})),
        (XLSX, (SAMPLE / "round.xlsx").read_bytes()),
        (JSON + "; charset=utf-8", b"\xef\xbb\xbf" + (SAMPLE / "round.json").read_bytes()),
    ],
    ids=["zip", "zip with others", "xlsx", "json"],
)
def test_every_form_of_a_round_is_the_same_round(
    embedded: Served, media_type: str, content: bytes
) -> None:
    tried = send(embedded, content, media_type, params={"dry_run": "true"})
    shipped = read_round((SAMPLE / "round.json").read_bytes())
    assert tried.status_code == 200
    assert tried.json() == COUNTS | {
        "hash": shipped.hash,
        "label": "2027-Q1",
        "round": None,
        "faults": [],
    }
    assert rounds(embedded) == []
    assert send(embedded, content, media_type).json()["hash"] == shipped.hash


def test_an_imported_round_is_changed_by_importing_another(served: Served) -> None:
    address = send(served, document()).headers["location"]
    planner = served.planner
    tag = planner.get(address).headers["etag"]
    for move in ("open", "lock", "reopen"):
        moved = planner.post(f"{address}/{move}", tag=tag, json={"reason": "Fordi"})
        assert problem(moved) == (409, "round-imported")
    assert problem(planner.patch(address, json={"name": "Ny"}, tag=tag))[1] == "round-imported"
    assert problem(planner.get(f"{address}/commitments"))[1] == "round-imported"
    assert problem(planner.get(f"{address}/candidates/5601-c1/standing"))[1] == "round-imported"
    held = planner.put(f"{address}/commitments", json={"commitments": []}, tag=tag)
    assert problem(held) == (409, "round-imported")
    listed = planner.put(f"{address}/municipalities/{ALTA}/requests", json=list_of(), new=True)
    assert problem(listed) == (409, "round-not-open")
    assert planner.get(address).headers["etag"] == tag


def test_a_label_is_imported_once(served: Served) -> None:
    first = send(served, document(), key="k-1")
    again = send(served, document(), key="k-1")
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    assert problem(send(served, document())) == (409, "exists")
    collected = served.planner.post("/v1/rounds", json=new_round(served, label="2027-Q1"))
    assert problem(collected) == (409, "exists")
    region = served.as_("planner", NORTH)
    made = send(served, document(), who=region, params={"organisation": NORTH})
    assert made.status_code == 201


def test_of_many_who_import_the_same_round_one_does(served: Served) -> None:
    people = [served.planner] * 4

    def import_it(person: Person) -> tuple[int, str]:
        answer = send(served, document(), who=person)
        return answer.status_code, answer.json().get("code", "")

    with ThreadPoolExecutor(4) as threads:
        answers = sorted(threads.map(import_it, people))
    assert answers[0] == (201, "")
    assert set(answers[1:]) <= {(409, "exists"), (409, "conflict")}
    assert len(rounds(served)) == 1


def test_every_fault_of_a_document_is_told_at_once(embedded: Served) -> None:
    broken = document()
    broken["windows"][0]["positions"] = 0
    broken["candidates"][1]["wishes"][0]["target"] = "nowhere"
    broken["candidates"][2]["name"] = "Kari 01017012345"
    del broken["candidates"][3]["has_supervisor"]
    expected = [
        ("id-unknown", "/candidates/1/wishes/0/target"),
        ("national-identity-number", "/candidates/2/name"),
        ("missing", "/candidates/3/has_supervisor"),
        ("out-of-range", "/windows/0/positions"),
    ]
    answer = send(embedded, broken)
    assert (problem(answer), faults(answer)) == ((422, "invalid"), expected)
    tried = send(embedded, broken, params={"dry_run": "true"})
    assert (tried.status_code, faults(tried)) == (200, expected)
    assert (tried.json()["hash"], tried.json()["candidates"]) == (None, None)
    assert "01017012345" not in answer.text + tried.text
    assert rounds(embedded) == []


def test_what_a_round_is_looked_up_by_is_short(served: Served) -> None:
    long = document()
    long["round"]["id"] = "x" * 3000
    town = long["municipalities"][0]
    long["municipalities"].append(town | {"id": "5" * 3000})
    assert faults(send(served, long)) == [
        ("too-long", "/municipalities"),
        ("too-long", "/round/id"),
    ]
    many = document()
    many["municipalities"] += [town | {"id": str(10**6 + n)} for n in range(10_000)]
    assert faults(send(served, many)) == [("too-many", "/municipalities")]


def test_faults_of_sheets_name_sheet_row_and_column(embedded: Served) -> None:
    windows = (SAMPLE / "csv" / "windows.csv").read_bytes().replace(b";locum;", b";sofa;", 1)
    answer = send(embedded, archive(**{"windows.csv": windows, "rooms.csv": b"id\r\n1"}), ZIP)
    told = {fault["code"]: fault for fault in answer.json()["faults"]}
    assert {k: told["not-one-of"][k] for k in ("sheet", "row", "column")} == {
        "sheet": "windows",
        "row": 2,
        "column": "kind",
    }
    assert told["sheet-unknown"]["sheet"] == "rooms.csv"


def test_a_national_identity_number_in_a_sheet_names_the_sheet(embedded: Served) -> None:
    candidates = (SAMPLE / "csv" / "candidates.csv").read_bytes()
    candidates = candidates.replace("Sanna Prøvestad".encode(), b"010170 12345")
    answer = send(embedded, archive(**{"candidates.csv": candidates}), ZIP)
    (fault,) = answer.json()["faults"]
    assert (fault["code"], fault["sheet"]) == ("national-identity-number", "candidates")
    assert "12345" not in answer.text
    assert rounds(embedded) == []


def bomb() -> bytes:
    """Return a small archive that unpacks to more than is allowed."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as made:
        made.writestr("units.csv", bytes(257 * 2**20))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("media_type", "content", "expected"),
    [
        (ZIP, b"", "not-zip"),
        (ZIP, b"PK\x03\x04 broken", "not-zip"),
        (ZIP, (SAMPLE / "round.json").read_bytes(), "not-zip"),
        (ZIP, (SAMPLE / "round.xlsx").read_bytes(), "folder-empty"),
        (ZIP, archive(**{"../../units.csv": b"id\r\n1"}), "sheet-unknown"),
        (XLSX, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook-locked"),
        (XLSX, archive(), "not-workbook"),
        (JSON, b"", "not-json"),
        (JSON, b"[" * 100_000, "too-deep"),
        (JSON, b"\xff", "not-utf-8"),
        (JSON, b'{"round": {}, "round": {}}', "key-repeated"),
        (JSON, b"[]", "not-object"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_round_is_refused(
    embedded: Served, media_type: str, content: bytes, expected: str
) -> None:
    answer = send(embedded, content, media_type)
    assert problem(answer) == (422, "invalid")
    assert expected in {fault["code"] for fault in answer.json()["faults"]}
    assert rounds(embedded) == []


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(embedded: Served) -> None:
    content = bomb()
    assert len(content) < 2**20
    answer = send(embedded, content, ZIP)
    assert faults(answer) == [("unpacks-too-large", "")]
    assert send(embedded, content, XLSX).json()["faults"][0]["code"] == "unpacks-too-large"


@pytest.mark.parametrize("media_type", ["text/csv", "application/octet-stream", "", "json"])
def test_another_form_is_not_guessed_at(embedded: Served, media_type: str) -> None:
    assert problem(send(embedded, document(), media_type)) == (415, "unsupported-media-type")


def test_a_round_is_imported_for_ones_own_organisation(served: Served) -> None:
    for role in ("coordinator", "auditor"):
        person = served.coordinator() if role == "coordinator" else served.as_(role)
        refused = person.post("/v1/rounds/import", params={"organisation": FINNMARK})
        assert problem(refused) == (403, "forbidden")
    theirs = send(served, document(), params={"organisation": BERGEN})
    assert faults(theirs) == [("not-known", "/query/organisation")]
    assert alike(theirs, send(served, document(), params={"organisation": NOBODYS}))
    assert faults(send(served, document(), params={"organisation": MISSING})) == [
        ("not-organisation-number", "/query/organisation")
    ]
    anonymous = served.client.post("/v1/rounds/import", content=b"x" * 100)
    assert anonymous.status_code == 401


def test_a_round_whose_accepted_seats_contradict_is_not_imported(embedded: Served) -> None:
    broken = document()
    seat = broken["commitments"][1]
    broken["commitments"].append(seat | {"start": "2027-09-01"})
    answer = send(embedded, broken)
    assert problem(answer) == (422, "refused")
    assert answer.json()["conflicts"][0]["rule"] == "ONE"
    assert rounds(embedded) == []


def test_an_import_has_a_limit_of_its_own(sqlite_databases: Files, tmp_path: Path) -> None:
    database = Database(sqlite_databases.migrated())
    large = json.dumps(document()).encode() + b" " * (2 * 2**20)
    with serving(database, tmp_path, body_mebibytes=1, import_mebibytes=3) as served:
        assert send(served, large, key="k").status_code == 201
        refused = send(served, large + b" " * 2**20)
        assert problem(refused) == (413, "too-large")
        assert refused.json()["maximum"] == 3
        with served.database.reading(EVERYTHING) as session:
            assert len(session.exec(select(Participation)).all()) == 2
    database.close()


def test_whoever_registers_a_number_sees_nobody_of_another_region(served: Served) -> None:
    made = send(served, (SAMPLE / "round.json").read_bytes())
    bergen = served.as_("administrator", BERGEN)
    record = {"name": "Hasvik", "organisation": BERGEN}
    assert bergen.put("/v1/municipalities/5616", json=record, new=True).status_code == 201
    claimed = served.coordinator("5616", BERGEN)
    assert problem(claimed.get(made.headers["location"])) == (404, "not-found")
    again = json.dumps(document() | {"round": document()["round"] | {"id": "again"}}).encode()
    later = send(served, again)
    assert problem(claimed.get(later.headers["location"])) == (404, "not-found")
