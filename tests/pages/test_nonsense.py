"""Addresses and forms that no page of ours makes: refused, and never a fault of the service."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.routes.collected import candidate, list_of, opened, plant_supervisor
from tests.api.served import ALTA, VADSO, Served
from tests.pages.reading import Reader, reader, signed_in

HUGE = "9" * 5000
"""More digits than Python turns into a number."""

HER: dict[str, Any] = {
    **dict.fromkeys(("name", "supervisor", "lis1_completed_on", "available_from", "complete_by")),
    "id": "5601-c1",
    "in_individual_plan": True,
    "learning_goals": [],
    "unavailable": [],
    "wishes": [],
}
WHOLE: dict[str, Any] = {"candidates": [HER], "default_order": None, "orders": []}
WRONG: list[dict[str, Any]] = [
    {"name": "\ud800"},
    {"id": []},
    {"gp_months": {}},
    {"wishes": [1]},
    {"wishes": [{"target": {}}]},
    {"unavailable": [{"from": None, "to": 7}]},
    {"complete_by": 20270101},
    {"learning_goals": [[]]},
    {"more": 1},
]
FORGED = [
    json.dumps(each)
    for each in (
        [],
        {"candidates": 1},
        {**WHOLE, "orders": {"unit": 1}},
        {**WHOLE, "orders": [{"unit": "x", "order": [{}]}]},
        {**WHOLE, "default_order": [[]]},
        {**WHOLE, "late_reason": {}},
        *({**WHOLE, "candidates": [{**HER, **wrong}]} for wrong in WRONG),
    )
]
"""What a page carries along, with a part that none of ours would have."""


def coordinator(served: Served, number: str = ALTA) -> Reader:
    return signed_in(served, "coordinator", municipality=number)


@pytest.mark.parametrize("id_", ["%0a", "%00", "%3Fx=1", "%23", "a%252Fb", "%d0%96", "a" * 9000])
def test_no_id_in_an_address_is_more_than_an_id(embedded: Served, id_: str) -> None:
    round_, planner = opened(embedded), signed_in(embedded, "planner")
    for path in (
        f"/rounds/{id_}",
        f"/units/{id_}",
        f"/rounds/{round_.id}{id_}",
        f"/static/x/{id_}",
    ):
        assert planner.get(path, headers={"HX-Request": "true"}).status_code in (404, 422), path
    assert planner.post(f"/plans/{id_}/stop").status_code in (404, 422)
    long_ = {"candidate": "a" * 70_000, "seat": "-", "/reason": "x"}
    assert planner.post(f"/plans/{id_}/move", data=long_).status_code in (404, 422)


def test_no_address_of_ours_leads_to_another_host(embedded: Served) -> None:
    anybody = TestClient(embedded.app)
    for path in ("//evil.example/x", "/%09/evil.example", "/%5Cevil.example"):
        page = anybody.get(f"http://testserver{path}", headers=reader(embedded).headers)
        assert page.status_code == 404
        links = re.findall(r'href="([^"]*language=[^"]*)"', page.text)
        assert links
        assert not [each for each in links if re.match(r"/[/\\\s]", each)], path


def test_what_no_field_holds_is_refused(embedded: Served) -> None:
    round_, alta, record = opened(embedded), coordinator(embedded), f"/municipalities/{ALTA}"
    supervisor = f"{record}/supervisors/{plant_supervisor(embedded)}"
    planner, list_ = signed_in(embedded, "planner"), f"/rounds/{round_.id}/lists/{ALTA}"
    sent: list[tuple[Reader, str, dict[str, Any]]] = [
        (alta, record, {"/max_away": HUGE}),
        (alta, record, {"tag": "æ"}),
        (alta, supervisor, {"/capacity": HUGE}),
        (alta, f"{record}/supervisors/new", {"/hours_per_month": HUGE}),
        (planner, f"/rounds/{round_.id}/plans", {"/seconds": HUGE}),
        (alta, list_, {"/candidates": "0", "/candidates/0/gp_months": HUGE, "do": "check"}),
        (alta, list_, {"draft": "[" * 100_000, "do": "check"}),
        (alta, list_, {"draft": '{"candidates": [{"gp_months": NaN}]}', "do": "check"}),
        *((alta, list_, {"draft": draft, "do": "edit"}) for draft in FORGED),
    ]
    for who, path, form in sent:
        assert 400 <= who.post(path, data=form).status_code < 500, (path, str(form)[:60])
    assert alta.post(list_, data={"draft": json.dumps(WHOLE), "do": "edit"}).status_code == 200
    added = alta.post(list_, data={"/candidates": HUGE, "do": "add:/candidates"})
    assert added.status_code == 200


def test_an_id_that_somebody_had_is_given_to_nobody_else(embedded: Served) -> None:
    round_, alta = opened(embedded), coordinator(embedded)
    people = [candidate(f"{ALTA}-c{number}") for number in (1, 2, 3)]
    for held in (people, people[:2]):  # the list that names the third is replaced
        assert round_.hand_in(list_of(*held)).is_success
    left = {f"/candidates/{at}/id": f"{ALTA}-c{at + 1}" for at in (0, 1)}
    sent = {"/candidates": ["0", "1"], "do": "add:/candidates", **left}
    page = alta.post(f"/rounds/{round_.id}/lists/{ALTA}", data=sent)
    ids = set(re.findall(rf'value="({ALTA}-c\d+)"', page.text))
    assert ids & {f"{ALTA}-c{number}" for number in (1, 2, 3)} == {f"{ALTA}-c1", f"{ALTA}-c2"}
    assert len(ids) == 3


def test_forms_are_for_who_answers_for_the_municipality(embedded: Served) -> None:
    other = plant_supervisor(embedded, VADSO)
    record = f"/municipalities/{ALTA}/supervisors"
    for role, named in (
        ("planner", {}),
        ("candidate", {"municipality": ALTA, "candidate": f"{ALTA}-c1"}),
        ("coordinator", {"municipality": VADSO}),
    ):
        who = signed_in(embedded, role, **named)
        assert who.get(f"{record}/new").status_code == 404, role
        assert who.get(f"{record}/{other}").status_code == 404, role


def test_no_number_in_an_address_is_too_long(embedded: Served) -> None:
    auditor = embedded.as_("auditor")
    answer = auditor.get(f"/v1/audit?after={HUGE}")
    assert answer.status_code == 422
    assert [(f["place"], f["code"]) for f in answer.json()["faults"]] == [
        ("/query/after", "not-whole-number")
    ]
    assert signed_in(embedded, "auditor").get(f"/audit?after={HUGE}").status_code == 422
