"""A municipality's pages without a browser: who may what, and what is refused."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from httpx2 import Response

from api.pages.municipality.cover import cover
from models.scope import EVERYTHING
from models.tables import Agreement, Municipality
from tests.api.routes.collected import (
    Collecting,
    at,
    candidate,
    list_of,
    opened,
    plant_policy,
    plant_supervisor,
    plant_window,
)
from tests.api.served import ALTA, BERGEN_TOWN, FINNMARK, VADSO, Served
from tests.pages.reading import Reader, signed_in

LIST = list_of(candidate(f"{ALTA}-1", name="Kari Eksempel"), candidate(f"{ALTA}-2"))


def coordinator(served: Served, number: str = ALTA) -> Reader:
    return signed_in(served, "coordinator", municipality=number)


def fields(page: Response) -> dict[str, list[str]]:
    """Return what the form of a list would send, but for what is not ticked."""
    form = page.text.partition('<form class="list"')[2].partition("</form>")[0]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        said = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if said.get("type") != "checkbox" or " checked" in tag:
            found.setdefault(said["name"], []).append(said["value"])
    return found


def held(round_: Collecting) -> Any:
    return round_.served.planner.get(round_.requests()).json()


def test_an_earlier_list_is_there_to_begin_with(served: Served) -> None:
    policy = plant_policy(served)
    autumn = {"label": "2026-Q4", "decision_date": "2026-12-31", "name": "Høsten"}
    earlier = opened(served, policy=policy, **autumn)
    assert earlier.hand_in(LIST).status_code == 201
    round_, reader = opened(served, policy=policy), coordinator(served)
    address = f"/rounds/{round_.id}/lists/{ALTA}"
    page = reader.get(address)
    assert "Her står listen fra Høsten" in page.text
    sent = fields(page) | {"do": ["down:/candidates/0"]}
    moved = fields(reader.post(address, data=sent))
    assert (moved["/candidates/0/id"], moved["/candidates/1/id"]) == ([f"{ALTA}-2"], [f"{ALTA}-1"])
    review = reader.post(address, data=moved | {"do": ["check"]})
    assert review.status_code == 200
    assert "Ingen plass" not in review.text
    assert served.planner.get(round_.requests()).status_code == 404, "a look saves nothing"
    hidden = re.search(r'name="draft" value="([^"]*)"', review.text)
    assert hidden is not None
    draft = {"draft": hidden[1].replace("&#34;", '"'), "tag": "", "do": "hand-in"}
    done = reader.post(address, data=draft)
    assert (done.status_code, done.headers["location"]) == (
        303,
        f"{address}/receipts/1?done=list-handed-in",
    )
    assert held(round_)["default_order"] == [f"{ALTA}-2", f"{ALTA}-1"]
    again = reader.post(address, data=draft)
    assert again.headers["location"] == f"{address}/receipts/1", "pressed twice"
    assert "sha256:" in reader.get(again.headers["location"]).text


def test_a_list_belongs_to_its_municipality(embedded: Served) -> None:
    round_ = opened(embedded)
    assert round_.hand_in(LIST).status_code == 201
    address = f"/rounds/{round_.id}/lists/{ALTA}"
    stranger = coordinator(embedded, VADSO)
    for path in (address, f"{address}/receipts/1", f"{address}/template.xlsx"):
        assert stranger.get(path).status_code == 404
        assert "Kari Eksempel" not in stranger.get(path).text
    assert stranger.post(address, data={"do": "check"}).status_code == 404
    assert "Kari Eksempel" in coordinator(embedded).get(f"{address}/receipts/1").text
    leader = signed_in(embedded, "unit_leader", unit="hammerfest-medisin")
    assert leader.get(f"/municipalities/{ALTA}").status_code == 200
    assert leader.get(address).status_code == 404


def test_before_the_deadline_a_planner_looks_and_after_it_says_why(embedded: Served) -> None:
    round_ = opened(embedded)
    assert round_.hand_in(LIST).status_code == 201
    address = f"/rounds/{round_.id}/lists/{ALTA}"
    page = signed_in(embedded, "planner").get(address)
    assert "Til fristen leverer kommunen selv" in page.text
    assert "data-item" not in page.text
    at(embedded, datetime(2026, 12, 15, 11, 0, 1, tzinfo=UTC))
    assert "Fristen er ute" in coordinator(embedded).get(address).text
    planner = signed_in(embedded, "planner")
    sent = fields(planner.get(address)) | {"do": ["check"]}
    refused = planner.post(address, data=sent)
    assert refused.status_code == 422
    assert 'href="#field-late_reason"' in refused.text
    review = planner.post(address, data=sent | {"/late_reason": "Etter avtale"})
    assert 'value="hand-in"' in review.text


def test_nonsense_in_a_form_is_refused_and_harms_nothing(embedded: Served) -> None:
    round_, reader = opened(embedded), coordinator(embedded)
    address = f"/rounds/{round_.id}/lists/{ALTA}"
    for draft in (
        "",
        "[]",
        "{}",
        '{"candidates": 1}',
        '{"candidates": [1]}',
    ):
        assert reader.post(address, data={"draft": draft, "do": "edit"}).status_code == 400, draft
    for pressed in ("up:/candidates/9", "remove:/x", "add:/", "up:", "down:/candidates/x/wishes/y"):
        sent = {"/candidates": ["0", "x", "0"], "/candidates/0/id": f"{ALTA}-1", "do": pressed}
        assert reader.post(address, data=sent).status_code == 200, pressed
    sent = {"/candidates": "0", "/candidates/0/name": "01017012345", "do": "check"}
    refused = reader.post(address, data=sent)
    assert refused.status_code == 422
    assert "fødselsnummer" in refused.text


def test_who_comes_back_makes_room_for_who_goes_in_the_same_month() -> None:
    stays = [
        {"candidate": "a", "unit": "u", "start": "2027-01-01", "end": "2027-02-15"},
        {"candidate": "b", "unit": "u", "start": "2027-02-15", "end": "2027-04-01"},
        {"candidate": "c", "unit": "u", "start": "2027-03-31", "end": "2027-04-01"},
    ]
    found = cover(stays, {}, 1, date(2026, 12, 1))
    assert found is not None
    assert [(each, found.is_crowded(each)) for each in found.away] == [
        (1, False),
        (1, False),
        (2, True),
    ]


def test_supervisors_are_added_changed_and_removed(embedded: Served) -> None:
    reader, record = coordinator(embedded), f"/municipalities/{ALTA}"
    form = {"/name": "Ola Eksempel", "/specialist": "false", "/exempt_from": "2026-01-01"}
    form |= {"/capacity": "2", "/hours_per_month": "3"}
    refused = reader.post(f"{record}/supervisors/new", data=form)
    assert refused.status_code == 422
    assert 'value="Ola Eksempel"' in refused.text
    form["/exempt_until"] = "2027-12-31"
    assert reader.post(f"{record}/supervisors/new", data=form).status_code == 303
    [row] = embedded.coordinator().get("/v1/supervisors").json()["items"]
    assert row["exempt_until"] == "2028-01-01", "people say the last day"
    page = reader.get(record).text
    assert "31. des. 2027" in page
    assert "Under 4 timer" in page
    address = f"{record}/supervisors/{row['id']}"
    shown = reader.get(address)
    assert 'value="2027-12-31"' in shown.text
    tag = {"tag": embedded.coordinator().get(f"/v1/supervisors/{row['id']}").headers["etag"]}
    assert reader.post(address, data=form | tag | {"/hours_per_month": "4"}).status_code == 303
    assert reader.post(address, data=form | tag).status_code == 412, "somebody was faster"
    tag = {"tag": embedded.coordinator().get(f"/v1/supervisors/{row['id']}").headers["etag"]}
    assert reader.post(address, data=form | tag | {"do": "remove"}).status_code == 303
    assert "Ola Eksempel" not in reader.get(record).text
    assert coordinator(embedded, VADSO).get(address).status_code == 404


def test_a_municipality_says_how_it_is_reached_and_is_told_what_is_missing(
    embedded: Served,
) -> None:
    reader, record = coordinator(embedded), f"/municipalities/{ALTA}"
    tag = embedded.coordinator().get(f"/v1{record}").headers["etag"]
    form = {"tag": tag, "/contact": "alis", "/language": "se", "/max_away": "mange"}
    refused = reader.post(record, data=form)
    assert refused.status_code == 422
    assert refused.text.count('aria-invalid="true"') == 2
    form |= {"/contact": "alis@alta.kommune.example", "/max_away": "2"}
    assert reader.post(record, data=form).status_code == 303
    assert embedded.coordinator().get(f"/v1{record}").json()["max_away"] == 2
    page = signed_in(embedded, "planner").get(record).text
    assert "alis@alta.kommune.example" in page
    assert 'name="/contact"' not in page
    with embedded.database.writing(EVERYTHING) as session:
        session.get_one(Municipality, ALTA).registered_on = None
        session.add(Agreement(municipality=ALTA, organisation=FINNMARK, signed_on=date(2027, 3, 1)))
    assert "Kommunen er ikke registrert for utdanning" in reader.get(record).text
    assert reader.get(f"/municipalities/{BERGEN_TOWN}").status_code == 200, "all read the register"


def test_who_may_not_answer_an_offer_is_told_nothing(embedded: Served) -> None:
    round_, reader = opened(embedded), coordinator(embedded)
    plant_window(embedded)
    plant_supervisor(embedded)
    address = f"/rounds/{round_.id}/results/{ALTA}"
    assert "Ingen plan er kunngjort ennå." in reader.get(address).text
    assert reader.post(f"{address}/offers/{'0' * 32}", data={"do": "accept"}).status_code == 404
    assert reader.post(f"{address}/offers/{'0' * 32}", data={"do": "steal"}).status_code == 400
