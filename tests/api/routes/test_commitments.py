"""Planners say which seats are held, who has waited, and whose lead time is waived."""

from __future__ import annotations

from typing import Any

from tests.api.routes.collected import (
    candidate,
    list_of,
    opened,
    plant_window,
)
from tests.api.routes.said import MISSING, alike, faults, problem
from tests.api.served import (
    ALTA,
    Served,
)


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
    answer = round_.hold(seats)
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
    assert faults(round_.hold({"a": 1}))[0][0] == "not-list"
    parts = [seats[1] | {"months": 2}, seats[1] | {"start": "2027-10-03", "months": 4}]
    whole = [seats[1] | {"months": None}]
    assert faults(round_.hold([parts[0] | {"months": 0}]))[0][0] == "out-of-range"
    assert round_.hold(parts).json() == {"commitments": parts}
    assert round_.document()["commitments"] == parts
    assert round_.hold(seats[1:2]).json() == {"commitments": whole}
    address = f"{round_.path}/commitments"
    held = served.planner.get(address)
    assert held.json() == {"commitments": whole}
    assert problem(served.planner.put(address, json=held.json()))[0] == 428
    tag = held.headers["etag"]
    assert served.planner.put(address, json={"commitments": []}, tag=tag).status_code == 200
    assert problem(served.planner.put(address, json=held.json(), tag=tag)) == (412, "stale")
    round_.move("lock")
    assert problem(round_.hold([])) == (409, "round-not-open")


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
