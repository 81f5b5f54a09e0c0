"""Planners take a round from draft to locked, and change it on the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from httpx2 import Response
from sqlmodel import select

from api.batch.findings import findings
from models.scope import EVERYTHING
from models.tables import Policy, Round, Snapshot
from tests.api.routes.collected import (
    candidate,
    drafted,
    list_of,
    new_round,
    opened,
    plant_policy,
    plant_window,
)
from tests.api.routes.planned import finnmark, locked
from tests.api.routes.said import MISSING, NOBODYS, alike, faults, problem
from tests.api.routes.test_release import act, published
from tests.api.served import (
    ALTA,
    BERGEN,
    BERGEN_TOWN,
    FINNMARK,
    NORTH,
    TROMS,
    TROMSO,
    VADSO,
    Served,
)


def test_a_round_goes_from_draft_to_locked_and_back_with_a_reason(served: Served) -> None:
    round_, planner = drafted(served), served.planner
    assert planner.get(round_.path).json() | {"policy": "", "id": ""} == {
        "id": "",
        "organisation": FINNMARK,
        "label": "2027-Q1",
        "name": "Finnmark, vinteren 2027",
        "decision_date": "2027-01-15",
        "deadline": "2026-12-15T11:00:00Z",
        "policy": "",
        "tentative_windows": False,
        "state": "draft",
        "origin": "collected",
        "participants": [ALTA, VADSO],
    }
    assert problem(round_.move("lock")) == (409, "round-not-open")
    assert round_.move("open").json()["state"] == "open"
    assert problem(round_.move("open")) == (409, "round-not-draft")
    reason = {"reason": "Et vindu falt bort"}
    assert problem(round_.move("reopen", json=reason)) == (409, "round-not-locked")
    locked = round_.move("lock")
    assert (locked.status_code, locked.json()["number"]) == (200, 1)
    assert faults(round_.move("reopen", json={})) == [("missing", "/reason")]
    assert faults(round_.move("reopen", json={"reason": ""})) == [("empty", "/reason")]
    assert faults(round_.move("reopen", json={"reason": "  "})) == [("missing", "/reason")]
    assert round_.move("reopen", json=reason).json()["state"] == "open"
    assert round_.move("lock").json()["number"] == 2
    moves = planner.get(f"{round_.path}/transitions").json()["items"]
    assert [(m["number"], m["state"], m["reason"]) for m in moves] == [
        (1, "draft", None),
        (2, "open", None),
        (3, "locked", None),
        (4, "open", "Et vindu falt bort"),
        (5, "locked", None),
    ]
    assert {m["moved_at"] for m in moves} == {"2026-11-22T09:00:00Z"}
    assert all(m["moved_by"].startswith("rotations-local|") for m in moves)
    assert {m["organisation"] for m in moves} == {FINNMARK}


@pytest.mark.parametrize("move", ["open", "lock", "close", "reopen"])
def test_a_move_names_the_state_it_was_decided_on(embedded: Served, move: str) -> None:
    round_, sent = drafted(embedded), {"json": {"reason": "Fordi"}}
    address = f"{round_.path}/{move}"
    assert problem(embedded.planner.post(address, **sent))[0] == 428
    assert problem(embedded.planner.post(address, tag='"7"', **sent)) == (412, "stale")


def test_a_round_of_which_no_plan_will_come_is_ended_by_a_person(served: Served) -> None:
    """It is due no more, also to a batch; and it can be opened again."""
    round_, why = opened(served), {"json": {"reason": "Alle stillinger er trukket"}}
    plant_window(served)
    assert round_.hand_in(list_of(candidate())).is_success
    assert problem(round_.move("close", **why)) == (409, "round-not-locked")
    frozen = round_.move("lock").json()

    def due() -> tuple[int, int]:
        deadlines = served.planner.get("/v1/deadlines").json()["items"]
        late = findings(served.database, EVERYTHING, date(2027, 3, 1))
        return len(deadlines), sum("overdue" in each.line.needs for each in late)

    assert due() == (1, 1)
    closed = round_.move("close", **why)
    assert (closed.status_code, closed.json()["state"]) == (200, "closed")
    assert due() == (0, 0)
    assert problem(round_.hand_in(list_of(candidate()))) == (409, "round-not-open")
    asked = served.planner.post(f"{round_.path}/plans", json={})
    assert problem(asked) == (409, "round-not-locked")
    document = served.planner.get(f"{round_.path}/document")
    assert document.headers["etag"] == f'"{frozen["hash"]}"'
    said = served.planner.get(f"{round_.path}/overrides").json()
    assert said["counts"] == {"closed": 1}
    assert round_.move("reopen", **why).json()["state"] == "open"


def test_a_round_whose_plan_is_in_force_is_not_ended(embedded: Served) -> None:
    imported, why = locked(embedded, finnmark()), {"reason": "Den trengs ikke"}
    plan = published(embedded, imported)
    path = f"/v1/rounds/{imported.id}"

    def moved(what: str) -> Response:
        tag = embedded.planner.get(path).headers["etag"]
        return embedded.planner.post(f"{path}/{what}", json=why, tag=tag)

    assert problem(moved("close")) == (409, "plan-published")
    assert act(embedded.planner, plan, "void", {"reason": "Feil"}).is_success
    assert moved("close").json()["state"] == "closed"
    assert problem(act(embedded.planner, plan, "publish"))[0] == 409
    assert moved("reopen").json()["state"] == "locked"
    assert problem(moved("reopen")) == (409, "round-imported")


def test_of_many_who_lock_a_round_one_does(served: Served) -> None:
    round_ = opened(served)
    tag, planner = round_.tag, served.planner

    def lock(_: int) -> int:
        return planner.post(f"{round_.path}/lock", tag=tag).status_code

    with ThreadPoolExecutor(4) as threads:
        answers = sorted(threads.map(lock, range(4)))
    assert answers == [200, 412, 412, 412]
    with served.database.reading(EVERYTHING) as session:
        assert len(session.exec(select(Snapshot)).all()) == 1


def test_every_fault_of_a_new_round_is_told_at_once(embedded: Served) -> None:
    others = plant_policy(embedded, BERGEN)
    form = new_round(
        embedded,
        organisation=BERGEN,
        policy=others,
        deadline="2027-01-15T23:00:00Z",
        participants=[ALTA, "9999", "1111"],
    )
    answer = embedded.planner.post("/v1/rounds", json=form)
    assert faults(answer) == [
        ("deadline-too-late", "/deadline"),
        ("not-known", "/organisation"),
        ("not-known", "/participants/1"),
        ("not-known", "/participants/2"),
        ("not-known", "/policy"),
    ]
    nobodys = embedded.planner.post("/v1/rounds", json=form | {"organisation": NOBODYS})
    assert alike(answer, nobodys)
    early = plant_policy(embedded)
    with embedded.database.writing(EVERYTHING) as session:
        session.get_one(Policy, early).valid_from = date(2027, 2, 1)
    answer = embedded.planner.post("/v1/rounds", json=new_round(embedded, policy=early))
    assert faults(answer) == [("not-in-force", "/policy")]
    broken = {"label": "", "deadline": "2026-12-15", "participants": [ALTA, ALTA], "state": "open"}
    answer = embedded.planner.post("/v1/rounds", json=broken)
    assert faults(answer) == [
        ("not-instant", "/deadline"),
        ("missing", "/decision_date"),
        ("empty", "/label"),
        ("missing", "/organisation"),
        ("repeated", "/participants"),
        ("missing", "/policy"),
        ("unknown-key", "/state"),
    ]


def test_a_label_is_given_once_in_an_organisation(served: Served) -> None:
    first = drafted(served)
    form = new_round(served, policy=served.planner.get(first.path).json()["policy"])
    assert problem(served.planner.post("/v1/rounds", json=form)) == (409, "exists")
    form |= {"label": "2027-Q2"}
    made = served.planner.post("/v1/rounds", json=form, key="k")
    again = served.planner.post("/v1/rounds", json=form, key="k")
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert again.headers["location"] == made.headers["location"]
    listed = served.planner.get("/v1/rounds", params={"label": "2027-Q2"}).json()["items"]
    assert [f"/v1/rounds/{each['id']}" for each in listed] == [made.headers["location"]]


def test_a_region_plans_for_its_trusts_and_by_its_own_policy(served: Served) -> None:
    region, policy = served.as_("planner", NORTH), plant_policy(served, NORTH)
    form = new_round(served, organisation=NORTH, policy=policy, participants=[ALTA, TROMSO])
    made = region.post("/v1/rounds", json=form)
    assert made.status_code == 201
    address = made.headers["location"]
    document = region.get(f"{address}/document").json()
    assert {unit["trust"] for unit in document["units"]} == {"finnmark", "unn"}
    assert problem(served.planner.get(address)) == (404, "not-found")
    for_trust = region.post("/v1/rounds", json=form | {"organisation": TROMS})
    assert for_trust.status_code == 201
    document = region.get(f"{for_trust.headers['location']}/document").json()
    assert {unit["trust"] for unit in document["units"]} == {"unn"}


def test_who_has_a_part_in_a_round_sees_it_once_it_is_open(served: Served) -> None:
    round_ = drafted(served)
    alta, bergen = served.coordinator(), served.coordinator(BERGEN_TOWN)
    leader = served.as_("unit_leader", unit="hammerfest-medisin")
    trainee = served.as_("candidate", municipality=ALTA, candidate=f"{ALTA}-1")
    missing = f"/v1/rounds/{MISSING}"
    for person in (alta, bergen, trainee, served.as_("planner", BERGEN)):
        assert alike(person.get(round_.path), person.get(missing))
        assert person.get("/v1/rounds").json()["items"] == []
    round_.move("open")
    assert alta.get(round_.path).json()["participants"] == [ALTA]
    assert trainee.get(round_.path).status_code == 200
    assert [each["id"] for each in leader.get("/v1/rounds").json()["items"]] == [round_.id]
    assert alike(bergen.get(round_.path), bergen.get(missing))
    for tail in ("transitions", "document", "commitments"):
        assert problem(alta.get(f"{round_.path}/{tail}")) == (403, "forbidden")
        stranger = served.as_("auditor", BERGEN)
        theirs = stranger.get(f"{round_.path}/{tail}")
        assert alike(theirs, stranger.get(f"{missing}/{tail}"))
    for move in ("open", "lock", "reopen"):
        stranger = served.as_("planner", BERGEN)
        sent = {"tag": '"1"', "json": {"reason": "Fordi"}}
        theirs = stranger.post(f"{round_.path}/{move}", **sent)
        assert problem(theirs) == (404, "not-found")
        assert alike(theirs, stranger.post(f"{missing}/{move}", **sent))


def test_a_draft_changes_freely_and_an_open_round_with_a_reason(served: Served) -> None:
    round_, planner = drafted(served), served.planner

    def patch(**change: Any) -> Any:
        return planner.patch(round_.path, json=change, tag=round_.tag)

    assert problem(planner.patch(round_.path, json={}))[0] == 428
    assert faults(patch(reason="Fordi")) == [("not-asked", "/reason")]
    assert faults(patch(decision_date=None, policy=None, deadline=None, participants=None)) == [
        ("not-instant", "/deadline"),
        ("not-date", "/decision_date"),
        ("not-list", "/participants"),
        ("not-text", "/policy"),
    ]
    changed = patch(name=None, decision_date="2027-01-20", participants=[VADSO, TROMSO])
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert changed.json()["participants"] == [TROMSO, VADSO]
    assert (changed.json()["name"], changed.json()["decision_date"]) == (None, "2027-01-20")
    assert patch(participants=[ALTA, VADSO]).headers["etag"] == '"3"'

    round_.move("open")
    assert faults(patch(deadline="2026-12-14T11:00:00Z", participants=["9999"])) == [
        ("deadline-too-soon", "/deadline"),
        ("not-known", "/participants/0"),
        ("missing", "/reason"),
    ]
    longer = patch(deadline="2026-12-20T12:00:00+01:00", reason="Uvær")
    assert longer.json()["deadline"] == "2026-12-20T11:00:00Z"
    assert faults(patch(decision_date="2026-12-01", reason="Hast")) == [
        ("deadline-too-late", "/deadline")
    ]
    round_.hand_in(list_of(candidate()))
    assert problem(patch(participants=[VADSO], reason="Ut")) == (409, "in-use")
    assert patch(participants=[ALTA], reason="Trakk seg").status_code == 200
    moves = planner.get(f"{round_.path}/transitions").json()["items"]
    assert [(m["state"], m["reason"]) for m in moves[2:]] == [
        ("open", "Uvær"),
        ("open", "Trakk seg"),
    ]
    assert moves[2]["changes"] == {
        "deadline": {"from": "2026-12-15T11:00:00Z", "to": "2026-12-20T11:00:00Z"}
    }
    assert moves[3]["changes"] == {"participants": {"from": [ALTA, VADSO], "to": [ALTA]}}
    round_.move("lock")
    assert problem(patch(name="Ny")) == (409, "round-not-open")


def test_a_round_of_nobodys_id_is_not_found(embedded: Served) -> None:
    assert problem(embedded.planner.get("/v1/rounds/nonsense")) == (422, "invalid")
    with embedded.database.reading(EVERYTHING) as session:
        assert session.exec(select(Round)).all() == []
