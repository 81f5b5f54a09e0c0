"""What is frozen of a round is what everybody was told, also while others are at work."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Event

import pytest
from sqlmodel import col, delete, select

from api.collecting.lists import keep
from api.collecting.moves import lock
from api.schemas.requests import RequestsForm
from data.documents import read_round
from models.scope import EVERYTHING
from models.store.rounds import taken
from models.tables import Snapshot, Unit, Window
from tests.api.routes.collected import (
    candidate,
    list_of,
    opened,
    plant_window,
    wish,
)
from tests.api.routes.said import faults, problem
from tests.api.served import (
    ALTA,
    BERGEN_TOWN,
    TROMSO,
    VADSO,
    Served,
)


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
    round_.hold(seats)
    windows = {window["id"]: window["release_on"] for window in round_.document()["windows"]}
    assert windows == {plain: None, maybe: "2026-12-01", gone: "2027-01-15", over: "2027-01-15"}
    tentative = {"tentative_windows": True, "reason": "Få vinduer"}
    embedded.planner.patch(round_.path, json=tentative, tag=round_.tag)
    round_.hold([])
    assert {window["id"] for window in round_.document()["windows"]} == {plain, maybe}


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
    assert round_.hold([seat]).status_code == 200
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
    assert round_.hold(seats).status_code == 200
    refused = round_.move("lock")
    assert problem(refused) == (422, "refused")
    (conflict,) = refused.json()["conflicts"]
    assert (conflict["rule"], conflict["subject"]) == ("POSITIONS", window)
    assert conflict["candidates"] == [f"{ALTA}-1", f"{ALTA}-2"]
    assert window in conflict["sentence"]
    assert embedded.planner.get(round_.path).json()["state"] == "open"


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
