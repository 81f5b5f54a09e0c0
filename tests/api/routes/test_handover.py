"""What a round hands over: each trust its own people, a board its figures, anybody a round."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

from httpx2 import Response
from python_calamine import CalamineWorkbook
from sqlmodel import col, select

from data.documents import read_round
from models.scope import EVERYTHING
from models.store.audit import About, Override, Told, append
from models.tables import AuditEntry, Offer, Placement, Site
from scheduler.planner import plan_round
from tests.api.routes.planned import Locked, finnmark, finnmark_plan, locked
from tests.api.routes.said import problem
from tests.api.routes.test_offers import ALTAS, answer
from tests.api.routes.test_release import HELD, act, published, rows
from tests.api.served import BERGEN, FINNMARK, NORTH, TROMS, Served

FORMULA = "=HYPERLINK(1)"


def lines(answered: Response) -> list[dict[str, str]]:
    """The records of a CSV file."""
    assert answered.status_code == 200, answered.text
    return list(csv.DictReader(io.StringIO(answered.content.decode("utf-8-sig")), delimiter=";"))


def address(round_: Locked, what: str) -> str:
    return f"/v1/rounds/{round_.id}/{what}"


def test_the_hr_list_holds_who_has_taken_a_place(served: Served) -> None:
    round_ = locked(served, finnmark())
    assert problem(served.planner.get(address(round_, "hr-list.csv"))) == (
        409,
        "plan-not-published",
    )
    published(served, round_)
    before = lines(served.planner.get(address(round_, "hr-list.csv")))
    assert {row["candidate"] for row in before} == set(HELD)
    herself = served.as_("candidate", municipality="5601", candidate=ALTAS[0])
    assert answer(herself, ALTAS[0], "accept").status_code == 200
    answer(served.coordinator(), ALTAS[1], "decline")
    found = lines(served.as_("auditor").get(address(round_, "hr-list.csv")))
    assert {row["candidate"] for row in found} == {*HELD, ALTAS[0]}
    [row] = [row for row in found if row["candidate"] == ALTAS[0]]
    [seat] = [p for p in finnmark_plan().placements if p.candidate == ALTAS[0]]
    assert row == {
        "candidate": ALTAS[0],
        "name": finnmark().candidate[ALTAS[0]].name,
        "unit": seat.unit,
        "unit_name": finnmark().unit[seat.unit].name,
        "start": str(seat.start),
        "last_day": str(seat.end - timedelta(days=1)),
        "fte_percent": str(finnmark().window[seat.window].fte_percent),
    }
    with served.database.writing(EVERYTHING) as session:
        for placement in rows(served, Placement):
            session.get_one(Placement, placement.id).state = "cancelled"
    assert lines(served.planner.get(address(round_, "hr-list.csv"))) == []


def test_no_name_is_a_formula(embedded: Served) -> None:
    people = tuple(replace(c, name=FORMULA) for c in finnmark().candidates)
    round_ = locked(embedded, finnmark().replace(candidates=people))
    published(embedded, round_)
    found = lines(embedded.planner.get(address(round_, "hr-list.csv")))
    assert {row["name"] for row in found} == {f"'{FORMULA}"}
    workbook = embedded.planner.get(address(round_, "hr-list.xlsx"))
    assert workbook.headers["content-disposition"] == 'attachment; filename="hr-list.xlsx"'
    assert b"<f>" not in workbook.content
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(workbook.content)).get_sheet_by_index(0)
    headings, *records = sheet.to_python()
    assert sheet.name == "Fiktiv enhet"
    assert {record[1] for record in records} == {FORMULA}
    assert len(headings) == 7
    with embedded.database.reading(EVERYTHING) as session:
        read = [entry.operation for entry in session.exec(_entries(round_)).all()]
    assert read == ["export_hr_list_csv", "export_hr_list_xlsx"]


def _entries(round_: Locked) -> Any:
    shown = (col(AuditEntry.action) == "read") & (col(AuditEntry.round) == round_.id)
    return select(AuditEntry).where(shown).order_by(col(AuditEntry.number))


def test_of_a_regions_round_a_trust_takes_over_its_own_units(embedded: Served) -> None:
    """The sample's units in Kirkenes belong to another trust here, all others to Finnmark's."""
    locked(embedded, finnmark())
    with embedded.database.writing(EVERYTHING) as session:
        session.get_one(Site, "kirkenes").organisation = TROMS
    round_ = locked(embedded, finnmark().replace(id="regional"), NORTH)
    plan = round_.plan(plan_round(finnmark().replace(id="regional")))
    region = embedded.as_("planner", NORTH)
    assert act(region, plan, "publish").status_code == 200
    with embedded.database.writing(EVERYTHING) as session:
        for offer in session.exec(select(Offer)):
            offer.state, offer.ended_at = "accepted", offer.offered_at
    taken = {
        organisation: lines(person.get(address(round_, "hr-list.csv")))
        for organisation in (NORTH, FINNMARK, TROMS)
        for person in [embedded.as_("planner", organisation)]
    }
    units = {name: {row["unit"] for row in found} for name, found in taken.items()}
    assert {unit.partition("-")[0] for unit in units[TROMS]} == {"kirkenes"}
    assert units[TROMS] | units[FINNMARK] == units[NORTH]
    assert units[FINNMARK]
    assert not units[TROMS] & units[FINNMARK]
    assert len(taken[NORTH]) == len(plan_round(finnmark()).placements)
    assert all(row["fte_percent"] for row in taken[NORTH])
    stranger = embedded.as_("planner", BERGEN)
    for what in ("hr-list.csv", "hr-list.xlsx", "board-figures", "pseudonymous"):
        assert problem(stranger.get(address(round_, what))) == (404, "not-found")
    for what in ("board-figures", "pseudonymous"):
        of_trust = embedded.as_("planner", TROMS).get(address(round_, what))
        assert problem(of_trust) == (404, "not-found")


def test_a_board_sees_what_may_be_told_to_anybody(embedded: Served) -> None:
    round_ = locked(embedded, finnmark())
    published(embedded, round_)
    for candidate in ALTAS[:1]:
        answer(embedded.coordinator(), candidate, "accept")
    reader = embedded.as_("regional_reader")
    figures = reader.get(address(round_, "board-figures")).json()
    assert figures == embedded.planner.get(address(round_, "board-figures")).json()
    told = {name: count for name, count in figures["total"].items() if count is not None}
    assert told == {"candidates": 18}
    assert figures["municipalities"] == figures["units"] == []
    assert figures["other_municipalities"]["candidates"] == 18
    with embedded.database.writing(EVERYTHING) as session:
        for offer in session.exec(select(Offer).where(col(Offer.state) == "open")):
            offer.state, offer.ended_at = "accepted", offer.offered_at
    figures = reader.get(address(round_, "board-figures")).json()
    assert figures["total"] == {
        "candidates": 18, "placed": 10, "without": 8, "waiting": 0, "unplaced": 8,
    }  # fmt: skip
    assert figures["overrides"] == []
    with embedded.database.writing(EVERYTHING) as session:
        kinds: dict[Override, list[str] | None] = {"late-list": list("abcde"), "lead-waiver": ["a"]}
        for kind, whom in (kinds | {"reopened": None}).items():
            about = About(round=round_.id, override=kind, candidates=whom, reason="Kari")
            append(session, [Told.change("x|y", "z", embedded.clock(), **about)])
    asked = reader.get(address(round_, "board-figures"), headers={"Accept-Language": "en"})
    assert [tuple(each.values()) for each in asked.json()["overrides"]] == [
        ("late-list", "A list taken after the deadline", 1),
        ("lead-waiver", "A lead time waived for one candidate", None),
        ("reopened", "The round opened again after it was locked", 1),
    ]
    assert "Kari" not in asked.text
    table = lines(reader.get(address(round_, "board-figures.csv")))
    assert [row["times"] for row in table if row["kind"] == "override"] == ["1", "", "1"]
    table = [row for row in table if row["kind"] != "override"]
    assert [row["kind"] for row in table] == ["all", "municipality", "unit"]
    assert table[0]["placed"] == "10"


def test_before_anything_is_published_there_are_no_figures(embedded: Served) -> None:
    round_ = locked(embedded, finnmark())
    asked = embedded.planner.get(address(round_, "board-figures"))
    assert problem(asked) == (409, "plan-not-published")


def test_a_pseudonymous_round_names_nobody_and_is_as_good(embedded: Served) -> None:
    round_ = locked(embedded, finnmark())
    one, other = (embedded.planner.get(address(round_, "pseudonymous")) for _ in range(2))
    assert one.content != other.content
    said = one.text
    for records in (finnmark().candidates, finnmark().municipalities):
        for id_, name in ((record.id, record.name) for record in records):
            assert f'"{id_}"' not in said
            assert f'"{name}"' not in said
    plan = plan_round(read_round(one.content))
    values = [(t.tier, t.value) for t in plan.tiers if t.tier != "lottery"]
    assert values == [(t.tier, t.value) for t in finnmark_plan().tiers if t.tier != "lottery"]
    round_.unlock("open")
    refused = embedded.planner.get(address(round_, "pseudonymous"))
    assert problem(refused) == (409, "round-not-locked")
