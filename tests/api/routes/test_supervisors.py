"""Supervisors: kept by their municipality, seen by those it has an agreement with."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Event
from typing import Any

import pytest

from models.scope import EVERYTHING
from models.store.submissions import HandedIn, hand_in, take_turn
from models.tables import Agreement, Placement
from tests.api.routes.collected import at, candidate, list_of, opened
from tests.api.routes.placed import placed
from tests.api.routes.planted import plant_round
from tests.api.routes.said import MISSING, alike, faults, problem
from tests.api.served import ALTA, BERGEN, NOW, TROMS, VADSO, Served

OLA = {"name": "Ola Eksempel", "specialist": True, "capacity": 2, "hours_per_month": 4}
EXEMPT = {"specialist": False, "exempt_from": "2026-01-01", "exempt_until": "2027-01-01"}


def register(served: Served, municipality: str = ALTA, **change: Any) -> str:
    """Register a supervisor and return the address."""
    made = served.coordinator(municipality).post(
        f"/v1/municipalities/{municipality}/supervisors", json=OLA | change
    )
    assert made.status_code == 201, made.text
    return str(made.headers["location"])


def open_round(served: Served, state: str = "open") -> str:
    """Plant a round in which Alta and Vadsø take part."""
    with served.database.writing(EVERYTHING) as session:
        return plant_round(session, state=state, municipalities=(ALTA, VADSO))


def a_list(*supervisors: str) -> HandedIn:
    """Make a list with one candidate for each supervisor."""
    candidates = [{"id": f"{ALTA}-{n}", "supervisor": each} for n, each in enumerate(supervisors)]
    content = json.dumps({"candidates": [*candidates, {"id": f"{ALTA}-x", "supervisor": None}]})
    return HandedIn(content=content, hash="sha256:0", author="test", now=NOW)


def send_in(served: Served, round_id: str, *supervisors: str) -> None:
    with served.database.writing(EVERYTHING) as session:
        hand_in(session, round_id, ALTA, a_list(*supervisors))


def test_a_coordinator_registers_a_supervisor(served: Served) -> None:
    address = register(served)
    answer = served.coordinator().get(address)
    assert answer.headers["etag"] == '"1"'
    assert answer.json() == OLA | {
        "id": address.rpartition("/")[2],
        "municipality": ALTA,
        "exempt_from": None,
        "exempt_until": None,
        "hours_per_year": 42.0,
        "reaches_yardstick": True,
    }


def test_hours_a_year_are_counted_over_ten_and_a_half_months(embedded: Served) -> None:
    for hours, year, enough in ((0, 0, False), (3, 31.5, False), (4, 42, True), (5, 52.5, True)):
        answer = embedded.coordinator().get(register(embedded, hours_per_month=hours)).json()
        assert (answer["hours_per_year"], answer["reaches_yardstick"]) == (year, enough)


def test_a_specialist_has_no_exemption_and_anybody_else_a_whole_one(embedded: Served) -> None:
    def said(**change: Any) -> list[tuple[str, str]]:
        address = f"/v1/municipalities/{ALTA}/supervisors"
        return faults(embedded.coordinator().post(address, json=OLA | change))

    both = [("specialist-or-exempt", "/exempt_from"), ("specialist-or-exempt", "/exempt_until")]
    assert said(**EXEMPT) == []
    assert said(specialist=False) == both
    assert said(**EXEMPT | {"specialist": True}) == both
    assert said(**EXEMPT | {"exempt_until": None}) == both[1:]
    assert said(**EXEMPT | {"exempt_until": "2026-01-01"}) == [("dates-reversed", "/exempt_until")]
    assert said(name="", capacity=-1, specialist=1) == [
        ("out-of-range", "/capacity"),
        ("empty", "/name"),
        ("not-true-or-false", "/specialist"),
    ]


def test_a_national_identity_number_is_refused_and_not_repeated(embedded: Served) -> None:
    address = f"/v1/municipalities/{ALTA}/supervisors"
    refused = embedded.coordinator().post(address, json=OLA | {"name": "Ola 01019012345"})
    assert faults(refused) == [("national-identity-number", "/name")]
    assert "01019012345" not in refused.text


def test_a_supervisor_is_changed_and_removed_by_whoever_has_read_it(served: Served) -> None:
    coordinator, address = served.coordinator(), register(served)
    assert problem(coordinator.put(address, json=OLA)) == (428, "precondition-required")
    changed = coordinator.put(address, json=OLA | EXEMPT, tag='"1"')
    assert (changed.headers["etag"], changed.json()["exempt_until"]) == ('"2"', "2027-01-01")
    assert problem(coordinator.delete(address)) == (428, "precondition-required")
    assert problem(coordinator.delete(address, tag='"1"')) == (412, "stale")
    removed = coordinator.delete(address, tag='"2"', key="k-1")
    assert (removed.status_code, removed.content) == (204, b"")
    assert coordinator.delete(address, tag='"2"', key="k-1").status_code == 204
    assert problem(coordinator.get(address)) == (404, "not-found")


def test_another_municipalitys_supervisor_is_like_none(served: Served) -> None:
    others, own = register(served, VADSO), register(served)
    alta = served.coordinator()
    missing = f"/v1/supervisors/{MISSING}"
    for method, sent in (("get", {}), ("put", {"json": OLA}), ("delete", {})):
        send = getattr(alta, method)
        assert problem(send(others, **sent)) == (404, "not-found")
        assert alike(send(others, **sent), send(missing, **sent))
    posted = [
        alta.post(f"/v1/municipalities/{number}/supervisors", json=OLA) for number in (VADSO, 9999)
    ]
    assert problem(posted[0]) == (404, "not-found")
    assert alike(*posted)
    seen = [
        alta.get("/v1/supervisors", params={"municipality": number}) for number in (VADSO, "9999")
    ]
    assert seen[0].json()["items"] == []
    assert alike(*seen)
    listed = alta.get("/v1/supervisors").json()["items"]
    assert [item["id"] for item in listed] == [own.rpartition("/")[2]]
    assert served.coordinator(VADSO).get(others).status_code == 200


def test_staff_see_supervisors_where_the_municipality_has_handed_in(served: Served) -> None:
    address = register(served)
    assert served.planner.get(address).status_code == 200
    for organisation in (TROMS, BERGEN):
        assert served.as_("auditor", organisation).get(address).status_code == 404
    with served.database.writing(EVERYTHING) as session:
        round_ = plant_round(session, organisation=TROMS, state="open", municipalities=(ALTA,))
        session.add(Agreement(municipality=ALTA, organisation=TROMS, signed_on=date(2026, 1, 1)))
        hand_in(session, round_, ALTA, replace(a_list(), late_reason="Brought by the planner"))
    assert served.as_("auditor", TROMS).get(address).status_code == 404
    send_in(served, round_)
    assert served.as_("auditor", TROMS).get(address).status_code == 200
    assert served.as_("auditor", BERGEN).get(address).status_code == 404
    found = served.planner.get("/v1/supervisors", params={"municipality": ALTA}).json()["items"]
    assert [item["name"] for item in found] == ["Ola Eksempel"]
    assert problem(served.planner.delete(address, tag='"1"')) == (403, "forbidden")


def test_a_supervisor_whom_an_open_rounds_list_names_is_in_use(served: Served) -> None:
    coordinator, address = served.coordinator(), register(served)
    supervisor = address.rpartition("/")[2]
    rounds = [open_round(served), open_round(served)]
    send_in(served, rounds[0], "somebody-else")
    send_in(served, rounds[1], "somebody-else", supervisor)
    assert problem(coordinator.delete(address, tag='"1"')) == (409, "in-use")
    send_in(served, rounds[1], "somebody-else")  # the newest list holds, and names her no more
    assert coordinator.delete(address, tag='"1"').status_code == 204


def test_a_list_handed_in_over_http_holds_its_supervisors(served: Served) -> None:
    round_, coordinator = opened(served), served.coordinator()
    address, colleague = register(served), register(served)
    named = candidate(supervisor=address.rpartition("/")[2])
    assert round_.hand_in(list_of(named)).status_code == 201
    assert problem(coordinator.delete(address, tag='"1"')) == (409, "in-use")
    assert coordinator.delete(colleague, tag='"1"').status_code == 204
    assert round_.hand_in(list_of(candidate())).status_code == 200
    assert coordinator.delete(address, tag='"1"').status_code == 204


def test_a_supervisor_whom_a_placement_needs_is_not_removed(served: Served) -> None:
    """Also one who supervised before another did, and when it is over; unless it never began."""
    addresses = [register(served) for _ in range(2)]
    first, second = (address.rpartition("/")[2] for address in addresses)
    stay = placed(served, supervisor=first)
    stay.done("supervisor", served.coordinator(), day="2027-11-01", supervisor=second)
    at(served, datetime(2028, 2, 3, 12, tzinfo=UTC))

    def removed() -> list[tuple[int, str]]:
        return [problem(served.coordinator().delete(each, tag='"1"')) for each in addresses]

    refused = [(409, "supervisor-named")] * 2
    assert removed() == refused
    stay.start()
    assert removed() == refused
    stay.done("interrupt", stay.leader, day="2027-12-01", remaining_months=2)
    assert removed() == refused
    placed(served, start=date(2028, 2, 1), end=date(2028, 4, 1))
    assert removed() == refused
    with served.database.writing(EVERYTHING) as session:
        gone = session.get_one(Placement, stay.id)
        gone.state, gone.remaining_months = "cancelled", None
    for address in addresses:
        assert served.coordinator().delete(address, tag='"1"').status_code == 204


def test_a_list_of_a_locked_round_is_past(served: Served) -> None:
    address = register(served)
    send_in(served, open_round(served, state="locked"), address.rpartition("/")[2])
    assert served.coordinator().delete(address, tag='"1"').status_code == 204


def test_a_supervisor_is_not_removed_while_a_list_that_names_her_comes_in(served: Served) -> None:
    coordinator, address = served.coordinator(), register(served)
    round_id = open_round(served)
    begun, asked = Event(), Event()

    def hand_in_slowly() -> None:
        with served.database.writing(EVERYTHING) as session:
            take_turn(session, round_id, ALTA)
            begun.set()
            assert asked.wait(10)
            hand_in(session, round_id, ALTA, a_list(address.rpartition("/")[2]))

    with ThreadPoolExecutor(2) as threads:
        listed = threads.submit(hand_in_slowly)
        assert begun.wait(10)
        removed = threads.submit(coordinator.delete, address, tag='"1"')
        with pytest.raises(TimeoutError):
            removed.result(timeout=1)
        asked.set()
        listed.result()
        assert problem(removed.result()) == (409, "in-use")
    assert coordinator.get(address).status_code == 200
