"""Planners take a round from draft to locked; what is frozen is what everybody was told."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from itertools import pairwise
from threading import Event
from typing import Any

import pytest
from sqlmodel import col, delete, select

from api.collecting.figures import Audience
from api.collecting.lists import keep
from api.collecting.moves import lock
from api.schemas.requests import RequestsForm
from data.documents import read_round
from models.scope import EVERYTHING
from models.store.rounds import taken
from models.tables import Policy, Round, Site, Snapshot, Unit, Window
from scheduler.domain import GOALS
from tests.api.routes.collected import (
    Collecting,
    at,
    candidate,
    drafted,
    finnmark_document,
    list_of,
    new_round,
    opened,
    plant_policy,
    plant_supervisor,
    plant_window,
    wish,
)
from tests.api.routes.said import MISSING, NOBODYS, alike, faults, problem
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


@pytest.mark.parametrize("move", ["open", "lock", "reopen"])
def test_a_move_names_the_state_it_was_decided_on(embedded: Served, move: str) -> None:
    round_, sent = drafted(embedded), {"json": {"reason": "Fordi"}}
    address = f"{round_.path}/{move}"
    assert problem(embedded.planner.post(address, **sent))[0] == 428
    assert problem(embedded.planner.post(address, tag='"7"', **sent)) == (412, "stale")


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
    round_.move("lock")
    assert problem(patch(name="Ny")) == (409, "round-not-open")


def test_a_document_holds_what_is_open_to_the_round(embedded: Served) -> None:
    round_ = opened(embedded)
    plain = plant_window(embedded)
    plant_window(embedded, unit="haukeland-medisin")
    maybe = plant_window(embedded, certainty="tentative", release_on=date(2026, 12, 1))
    gone = plant_window(embedded, withdrawn_at=datetime(2026, 11, 1, tzinfo=UTC))
    over = plant_window(embedded, opens=date(2026, 1, 1), closes=date(2027, 1, 15))
    document = round_.document()
    assert [window["id"] for window in document["windows"]] == [plain]
    assert {unit["id"] for unit in document["units"]} == {
        "hammerfest-kirurgi",
        "hammerfest-medisin",
        "kirkenes-medisin",
    }
    round_.hand_in(list_of(*(candidate(f"{ALTA}-{n}") for n in range(4))))
    seats = [
        {"candidate": f"{ALTA}-{n}", "window": window, "start": "2027-08-01", "state": "accepted"}
        for n, window in enumerate((plain, maybe, gone, over))
    ]
    hold(round_, seats)
    windows = {window["id"]: window["release_on"] for window in round_.document()["windows"]}
    assert windows == {plain: None, maybe: "2026-12-01", gone: "2027-01-15", over: "2027-01-15"}
    tentative = {"tentative_windows": True, "reason": "Få vinduer"}
    embedded.planner.patch(round_.path, json=tentative, tag=round_.tag)
    hold(round_, [])
    assert {window["id"] for window in round_.document()["windows"]} == {plain, maybe}


def hold(round_: Collecting, seats: list[dict[str, str]]) -> Any:
    """Say which seats are held."""
    address, planner = f"{round_.path}/commitments", round_.served.planner
    tag = planner.get(address).headers["etag"]
    return planner.put(address, json={"commitments": seats}, tag=tag)


def test_a_frozen_document_stays_as_it_is(served: Served) -> None:
    round_, planner = opened(served), served.planner
    window = plant_window(served)
    round_.hand_in(list_of(candidate(name="Kari Eksempel")))
    address = f"{round_.path}/document"
    before = planner.get(address)
    locked = round_.move("lock").json()
    first = planner.get(address)
    assert first.headers["etag"] == before.headers["etag"] == f'"{locked["hash"]}"'
    assert first.content == before.content
    assert first.headers["content-type"] == "application/json"
    assert read_round(first.content).hash == locked["hash"]
    with served.database.writing(EVERYTHING) as session:
        session.get_one(Window, window).positions = 9
    assert planner.get(address).content == first.content
    round_.move("reopen", json={"reason": "Flere plasser"})
    assert planner.get(address).json()["windows"][0]["positions"] == 9
    second = round_.move("lock").json()
    assert second["hash"] != locked["hash"]
    numbered = planner.get(address, params={"snapshot": "1"})
    assert numbered.content == first.content
    assert planner.get(address).headers["etag"] == f'"{second["hash"]}"'
    assert problem(planner.get(address, params={"snapshot": "3"})) == (404, "not-found")
    assert planner.get(address, params={"snapshot": "0"}).status_code == 422


def test_a_round_that_does_not_hold_together_is_not_locked(served: Served) -> None:
    round_ = opened(served)
    window = plant_window(served)
    round_.hand_in(list_of(candidate(wishes=[wish("hammerfest-kirurgi")])))
    seat = {"candidate": f"{ALTA}-1", "window": window, "start": "2027-08-01", "state": "accepted"}
    assert hold(round_, [seat]).status_code == 200
    round_.hand_in(list_of(candidate(f"{ALTA}-2", wishes=[wish("hammerfest-kirurgi")])))
    with served.database.writing(EVERYTHING) as session:
        session.exec(delete(Unit).where(col(Unit.id) == "hammerfest-kirurgi"))
    answer = round_.move("lock")
    assert problem(answer) == (422, "round-invalid")
    assert faults(answer) == [
        ("id-unknown", "/candidates/0/wishes/0/target"),
        ("id-unknown", "/commitments/0/candidate"),
    ]
    records = [fault["figures"]["record"] for fault in answer.json()["faults"]]
    assert records == [f"{ALTA}-2", f"{ALTA}-1"]
    assert problem(served.planner.get(f"{round_.path}/document")) == (422, "round-invalid")
    assert served.planner.get(f"{round_.path}/figures").json()["faults"] == 2
    assert served.planner.get(round_.path).json()["state"] == "open"
    with served.database.reading(EVERYTHING) as session:
        assert session.exec(select(Snapshot)).all() == []


def test_a_round_whose_accepted_seats_contradict_is_refused(embedded: Served) -> None:
    round_ = opened(embedded)
    window = plant_window(embedded)
    round_.hand_in(list_of(candidate(f"{ALTA}-1"), candidate(f"{ALTA}-2")))
    seats = [
        {"candidate": f"{ALTA}-{n}", "window": window, "start": "2027-08-01", "state": "accepted"}
        for n in (1, 2)
    ]
    assert hold(round_, seats).status_code == 200
    refused = round_.move("lock")
    assert problem(refused) == (422, "refused")
    (conflict,) = refused.json()["conflicts"]
    assert (conflict["rule"], conflict["subject"]) == ("POSITIONS", window)
    assert conflict["candidates"] == [f"{ALTA}-1", f"{ALTA}-2"]
    assert window in conflict["sentence"]
    assert embedded.planner.get(round_.path).json()["state"] == "open"


def test_every_fault_of_the_seats_held_is_told_at_once(served: Served) -> None:
    round_ = opened(served)
    window, elsewhere = plant_window(served), plant_window(served, unit="haukeland-medisin")
    round_.hand_in(list_of(*(candidate(f"{ALTA}-{n}") for n in range(5))))
    seats: list[Any] = [
        {"candidate": f"{ALTA}-1", "window": window, "start": "2027-08-03", "state": "offered"},
        {"candidate": f"{ALTA}-2", "window": window, "start": "2027-08-03", "state": "accepted"},
        {"candidate": "5607-1", "window": elsewhere, "start": "2027-08-01", "state": "offered"},
        {"candidate": f"{ALTA}-3", "window": window, "start": "2027-02-30", "state": "held"},
        {"candidate": f"{ALTA}-4", "window": window, "start": "2028-06-01", "state": "offered"},
        {"candidate": f"{ALTA}-2", "window": window, "start": "2027-08-03", "state": "accepted"},
        "seat",
    ]
    answer = hold(round_, seats)
    assert faults(answer) == [
        ("not-start-day", "/commitments/0/start"),
        ("id-unknown", "/commitments/2/candidate"),
        ("id-unknown", "/commitments/2/window"),
        ("not-date", "/commitments/3/start"),
        ("not-one-of", "/commitments/3/state"),
        ("not-start-day", "/commitments/4/start"),
        ("commitment-repeated", "/commitments/5"),
        ("not-object", "/commitments/6"),
    ]
    assert faults(hold(round_, {"a": 1}))[0][0] == "not-list"  # type: ignore[arg-type]
    assert hold(round_, seats[1:2]).json() == {"commitments": seats[1:2]}
    address = f"{round_.path}/commitments"
    held = served.planner.get(address)
    assert held.json() == {"commitments": seats[1:2]}
    assert problem(served.planner.put(address, json=held.json()))[0] == 428
    tag = held.headers["etag"]
    assert served.planner.put(address, json={"commitments": []}, tag=tag).status_code == 200
    assert problem(served.planner.put(address, json=held.json(), tag=tag)) == (412, "stale")
    round_.move("lock")
    assert problem(hold(round_, [])) == (409, "round-not-open")


def test_a_planner_says_who_has_waited_and_whose_lead_time_is_waived(served: Served) -> None:
    round_, planner = opened(served), served.planner
    round_.hand_in(list_of(candidate()))
    address = f"{round_.path}/candidates/{ALTA}-1/standing"
    shown = planner.get(address)
    assert shown.json() == {
        "candidate": f"{ALTA}-1",
        "municipality": ALTA,
        "submitted_on": "2026-11-22",
        "rounds_waited": 0,
        "lead_waiver": None,
    }
    form = {"rounds_waited": 2, "lead_waiver": "Vikar er ansatt"}
    assert problem(planner.put(address, json=form))[0] == 428
    put = planner.put(address, json=form, tag=shown.headers["etag"])
    assert (put.status_code, put.headers["etag"]) == (200, '"2"')
    (only,) = round_.document()["candidates"]
    assert (only["rounds_waited"], only["lead_waiver"]) == (2, "Vikar er ansatt")
    assert planner.put(address, json={"rounds_waited": 2, "lead_waiver": " "}, tag='"2"').json()[
        "lead_waiver"
    ] is None  # fmt: skip
    unknown = planner.get(address.replace(f"{ALTA}-1", f"{ALTA}-9"))
    assert alike(unknown, planner.get(address.replace(round_.id, MISSING)))
    assert problem(served.coordinator().get(address)) == (403, "forbidden")
    round_.move("lock")
    assert problem(planner.put(address, json=form, tag='"3"')) == (409, "round-not-open")


# -- figures -------------------------------------------------------------------------------------


def test_figures_set_supply_against_demand(embedded: Served) -> None:
    round_ = opened(embedded)
    plant_window(embedded, positions=2)
    plant_window(embedded, fte_percent=50)
    plant_window(embedded, release_on=date(2027, 1, 1))
    later = candidate(f"{ALTA}-2", months_needed=3, wishes=[wish(ideal="2027-10-15")])
    round_.hand_in(list_of(candidate(), later, candidate(f"{ALTA}-3", wishes=[])))
    told = embedded.planner.get(f"{round_.path}/figures").json()
    months = told.pop("months")
    assert told == {
        "participants": 2,
        "lists": 1,
        "missing": [VADSO],
        "faults": 0,
        "candidates": 3,
        "windows": 2,
        "six_month_seats": 5,
    }
    by_month = {each["month"]: (each["positions"], each["candidates"]) for each in months}
    assert [*by_month][0::17] == ["2027-02", "2028-07"]
    assert by_month["2027-07"] == (0, 0)
    assert by_month["2027-08"] == by_month["2027-10"] == (3, 1)
    assert by_month["2027-11"] == by_month["2028-01"] == (3, 2)
    assert by_month["2028-02"] == (3, 0)
    round_.move("lock")
    assert embedded.planner.get(f"{round_.path}/figures").json() == told | {"months": months}


@pytest.mark.parametrize("others", [0, 1, 4, 5, 6, 9, 10])
def test_a_coordinator_learns_nothing_about_a_few_others(embedded: Served, others: int) -> None:
    """Whatever is taken from whatever is told, fewer than five others cannot be told apart."""
    round_ = opened(embedded)
    plant_window(embedded)
    round_.hand_in(list_of(*(candidate(f"{ALTA}-{n}") for n in range(3))))
    round_.hand_in(list_of(*(candidate(f"{VADSO}-{n}") for n in range(others))), VADSO)
    told = embedded.coordinator().get(f"{round_.path}/figures").json()
    steps = others // 5 * 5
    expected = 3 + steps if steps else None
    assert told["candidates"] == expected
    august = next(each for each in told["months"] if each["month"] == "2027-08")
    assert august["candidates"] == expected
    before = next(each for each in told["months"] if each["month"] == "2027-07")
    assert before["candidates"] is None
    assert (told["missing"], told["faults"]) == (None, None)
    reader = embedded.as_("regional_reader").get(f"{round_.path}/figures").json()
    everybody = (3 + others) // 5 * 5
    assert reader["candidates"] == (everybody or None)
    assert embedded.as_("auditor").get(f"{round_.path}/figures").json()["candidates"] == 3 + others


def test_no_two_readings_differ_by_a_few() -> None:
    """A list that comes in between two readings moves a count by five or not at all."""
    told = [
        Audience({"a"}).count([{"municipality": "a"}] * 2 + [{"municipality": "b"}] * others)
        for others in range(40)
    ]
    steps = {(after or 0) - (before or 0) for before, after in pairwise(told[5:])}
    assert steps == {0, 5}
    assert told[:5] == [None] * 5


def test_figures_are_for_those_who_have_a_part(served: Served) -> None:
    round_ = opened(served)
    address = f"{round_.path}/figures"
    stranger = served.coordinator(BERGEN_TOWN)
    theirs = stranger.get(address)
    assert problem(theirs) == (404, "not-found")
    assert alike(theirs, stranger.get(address.replace(round_.id, MISSING)))
    assert problem(served.as_("unit_leader", unit="hammerfest-medisin").get(address))[0] == 403
    assert served.as_("regional_reader", NORTH).get(address).status_code == 200


# -- a round frozen while others are at work -----------------------------------------------------


def test_a_list_is_in_the_snapshot_or_was_refused(served: Served) -> None:
    """Municipalities hand in while the planner locks: each is in it, or was told so."""
    numbers = [ALTA, VADSO, TROMSO, BERGEN_TOWN]
    round_ = opened(served, participants=numbers)
    people = {number: served.coordinator(number) for number in numbers}
    tag, planner = round_.tag, served.planner

    def hand_in(number: str) -> tuple[str, int]:
        path, list_ = round_.requests(number), list_of(candidate(f"{number}-1"))
        return number, people[number].put(path, json=list_, new=True).status_code

    with ThreadPoolExecutor(5) as threads:
        some = [threads.submit(hand_in, number) for number in numbers[:2]]
        lock = threads.submit(planner.post, f"{round_.path}/lock", tag=tag)
        some += [threads.submit(hand_in, number) for number in numbers[2:]]
        answers = dict(each.result() for each in some)
    assert lock.result().status_code == 200
    assert set(answers.values()) <= {201, 409}
    document = round_.document()
    acknowledged = {number for number, status in answers.items() if status == 201}
    assert {each["municipality"] for each in document["candidates"]} == acknowledged


def test_a_lock_waits_for_a_list_that_is_coming_in(served: Served) -> None:
    round_ = opened(served)
    form = RequestsForm.model_validate(list_of(candidate()))
    tag, planner = round_.tag, served.planner
    begun, asked = Event(), Event()

    def hand_in_slowly() -> None:
        with served.database.writing(EVERYTHING) as session:
            row = taken(session, round_.id, alone=False)
            assert row is not None
            assert row.state == "open"
            begun.set()
            assert asked.wait(10)
            keep(session, row, ALTA, form, author="test", now=served.clock())

    with ThreadPoolExecutor(2) as threads:
        listed = threads.submit(hand_in_slowly)
        assert begun.wait(10)
        lock = threads.submit(planner.post, f"{round_.path}/lock", tag=tag)
        with pytest.raises(TimeoutError):
            lock.result(timeout=1)
        asked.set()
        listed.result()
        assert lock.result().status_code == 200
    assert [each["id"] for each in round_.document()["candidates"]] == [f"{ALTA}-1"]


def test_a_list_that_comes_while_the_round_is_locked_is_refused(served: Served) -> None:
    round_, coordinator = opened(served), served.coordinator()
    begun, asked = Event(), Event()

    def lock_slowly() -> None:
        with served.database.writing(EVERYTHING) as session:
            row = taken(session, round_.id)
            assert row is not None
            lock(session, row, author="test", now=served.clock())
            begun.set()
            assert asked.wait(10)

    with ThreadPoolExecutor(2) as threads:
        locked = threads.submit(lock_slowly)
        assert begun.wait(10)
        sent = {"json": list_of(candidate()), "new": True}
        listed = threads.submit(coordinator.put, round_.requests(), **sent)
        with pytest.raises(TimeoutError):
            listed.result(timeout=1)
        asked.set()
        locked.result()
        assert problem(listed.result()) == (409, "round-not-open")
    assert round_.document()["candidates"] == []


# -- the sample ----------------------------------------------------------------------------------


def test_the_finnmark_sample_collected_over_http_is_the_sample(served: Served) -> None:
    sample = finnmark_document()
    register(served, sample)
    round_ = collect(served, sample)
    locked = round_.move("lock")
    assert locked.status_code == 200, locked.text
    frozen = served.planner.get(f"{round_.path}/document")
    shipped = read_round(json.dumps(sample).encode())
    assert frozen.headers["etag"] == f'"{shipped.hash}"'
    assert read_round(frozen.content).hash == shipped.hash == locked.json()["hash"]


def register(served: Served, sample: dict[str, Any]) -> None:
    """Register what the service takes under the sample's ids, and plant the rest."""
    planner = served.planner
    with served.database.writing(EVERYTHING) as session:
        own = ("hammerfest-kirurgi", "hammerfest-medisin", "kirkenes-medisin")
        session.exec(delete(Unit).where(col(Unit.id).in_(own)))
        session.add(Site(id="sámi-klinihkka", name="Sámi klinihkka", organisation=FINNMARK))
    for site in {unit["site"] for unit in sample["units"]} - {"hammerfest", "kirkenes"}:
        form = {"name": site, "organisation": FINNMARK}
        if site.isascii():
            assert planner.put(f"/v1/sites/{site}", json=form, new=True).is_success
    for unit in sample["units"]:
        form = {key: value for key, value in unit.items() if key not in {"id", "trust"}}
        if unit["site"].isascii():
            answer = planner.put(f"/v1/units/{unit['id']}", json=form, new=True)
            assert answer.is_success, answer.text
        else:
            with served.database.writing(EVERYTHING) as session:
                goals = unit.get("learning_goals", list(GOALS))
                session.add(Unit(id=unit["id"], **form | {"learning_goals": goals}))
    for town in sample["municipalities"]:
        register_municipality(served, town)
    for window in sample["windows"]:
        days = {
            key: date.fromisoformat(value)
            for key, value in window.items()
            if key in {"opens", "closes", "release_on"} and value
        }
        plant_window(served, window["id"], **{**window, **days})


def register_municipality(served: Served, town: dict[str, Any]) -> None:
    planner, address = served.planner, f"/v1/municipalities/{town['id']}"
    known = planner.get(address)
    state: dict[str, Any] = {"tag": known.headers["etag"]} if known.is_success else {"new": True}
    form = {
        "name": town["name"],
        "organisation": FINNMARK,
        "registered_on": town.get("registered_on"),
        "max_away": town.get("max_away"),
    }
    assert planner.put(address, json=form, **state).is_success
    for agreement in town["agreements"]:
        path = f"{address}/agreements/{FINNMARK}/{agreement['signed_on']}"
        known = planner.get(path)
        state = {"tag": known.headers["etag"]} if known.is_success else {"new": True}
        sent = {"ends_on": agreement.get("ends_on")}
        assert planner.put(path, json=sent, **state).is_success, path


def collect(served: Served, sample: dict[str, Any]) -> Collecting:
    """Collect the sample's lists, standings and commitments over HTTP."""
    policy = sample["policy"] | {"organisation": FINNMARK, "valid_from": "2026-01-01"}
    at(served, datetime(2026, 8, 20, 9, 0, tzinfo=UTC))
    made = served.planner.post("/v1/policies", json=policy)
    assert made.status_code == 201, made.text
    round_ = opened(
        served,
        label=sample["round"]["id"],
        name=sample["round"]["name"],
        decision_date=sample["round"]["decision_date"],
        policy=made.json()["id"],
        participants=[town["id"] for town in sample["municipalities"]],
    )
    early, last = sorted({each["submitted_on"] for each in sample["candidates"]})
    first_in = {c["municipality"] for c in sample["candidates"] if c["submitted_on"] == early}
    for day, towns in ((early, first_in), (last, {t["id"] for t in sample["municipalities"]})):
        at(served, datetime.fromisoformat(f"{day}T09:00:00+00:00"))
        for town in sorted(towns):
            hand_in_sample(round_, sample, town, day)
    for each in sample["candidates"]:
        judge(round_, each)
    assert hold(round_, sample["commitments"]).status_code == 200
    return round_


def hand_in_sample(round_: Collecting, sample: dict[str, Any], town: str, day: str) -> None:
    """Hand in a municipality's list of those whom it asked for by that day."""
    others = {"municipality", "submitted_on", "has_supervisor", "rounds_waited", "lead_waiver"}
    own = [
        each
        for each in sample["candidates"]
        if each["municipality"] == town and each["submitted_on"] <= day
    ]
    supervisor = plant_supervisor(round_.served, town) if own else None
    orders = [each for each in sample["priorities"] if each["municipality"] == town]
    default = [each["order"] for each in orders if each.get("unit") is None]
    list_ = {
        "candidates": [
            {key: value for key, value in each.items() if key not in others}
            | {"supervisor": supervisor if each["has_supervisor"] else None}
            for each in own
        ],
        "default_order": default[0] if default and own else None,
        "orders": [
            {"unit": each["unit"], "order": each["order"]}
            for each in orders
            if each.get("unit") is not None and own
        ],
    }
    answer = round_.hand_in(list_, town)
    assert answer.is_success, answer.text


def judge(round_: Collecting, of: dict[str, Any]) -> None:
    """Say what the planner knows of a candidate, where there is anything to say."""
    form = {key: of.get(key) for key in ("rounds_waited", "lead_waiver") if key in of}
    if form:
        address = f"{round_.path}/candidates/{of['id']}/standing"
        sent = {"rounds_waited": 0} | form
        answer = round_.served.planner.put(address, json=sent, tag='"1"')
        assert answer.status_code == 200, answer.text


def test_a_round_of_nobodys_id_is_not_found(embedded: Served) -> None:
    assert problem(embedded.planner.get("/v1/rounds/nonsense")) == (422, "invalid")
    with embedded.database.reading(EVERYTHING) as session:
        assert session.exec(select(Round)).all() == []
