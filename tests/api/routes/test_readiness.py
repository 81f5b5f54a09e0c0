"""Readiness tells who has handed in, what keeps a round from its lock, and what is seldom meant."""

from __future__ import annotations

from datetime import date
from typing import Any

from models.scope import EVERYTHING
from models.tables import Round
from tests.api.routes.collected import (
    Collecting,
    candidate,
    list_of,
    opened,
    plant_supervisor,
    plant_window,
    wish,
)
from tests.api.routes.said import MISSING, problem
from tests.api.served import ALTA, TROMS, VADSO, Served


def ready(round_: Collecting, **sent: Any) -> dict[str, Any]:
    answer = round_.served.planner.get(f"{round_.path}/readiness", **sent)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def codes(round_: Collecting) -> list[str]:
    return [each["code"] for each in ready(round_)["warnings"]]


def people(*numbers: int, **change: Any) -> list[dict[str, Any]]:
    """Return candidates whom the window takes, with a supervisor."""
    return [candidate(f"{ALTA}-{n}", **SUPERVISED | change) for n in numbers]


SUPERVISED = {"supervisor": "ola"}
"""Nobody is admitted without a supervisor; `begun` has put this one on record."""


def begun(served: Served, **change: Any) -> Collecting:
    """Open a round with a window."""
    round_ = opened(served, **change)
    plant_window(served)
    plant_supervisor(served, id="ola", capacity=9)
    return round_


def earlier(served: Served, list_: dict[str, Any]) -> str:
    """Collect a list in a round before, and return its label."""
    policy = served.planner.get("/v1/policies").json()["items"][0]["id"]
    round_ = opened(served, label="2026-Q4", policy=policy)
    assert round_.hand_in(list_).status_code == 201
    with served.database.writing(EVERYTHING) as session:
        session.get_one(Round, round_.id).decision_date = date(2026, 10, 15)
    return "2026-Q4"


def test_it_says_who_has_handed_in(served: Served) -> None:
    round_ = begun(served)
    assert [each["number"] for each in ready(round_)["lists"]] == [None, None]
    round_.hand_in(list_of(*people(1, 2)))
    round_.hand_in(list_of(*people(1, 2, 3)))
    told = ready(round_)
    assert [(x["municipality"], x["number"], x["candidates"]) for x in told["lists"]] == [
        (ALTA, 2, 3),
        (VADSO, None, 0),
    ]
    assert (told["faults"], told["conflicts"], told["warnings"]) == ([], [], [])
    assert (told["compared_with"], told["decided_on"]) == (None, "2027-01-15")
    round_.move("lock")
    assert ready(round_) == told


def test_it_is_for_those_who_plan(embedded: Served) -> None:
    round_ = opened(embedded)
    address = f"{round_.path}/readiness"
    assert embedded.as_("approver").get(address).status_code == 200
    assert problem(embedded.coordinator().get(address)) == (403, "forbidden")
    stranger = embedded.as_("planner", TROMS)
    assert problem(stranger.get(address)) == (404, "not-found")
    missing = embedded.planner.get(address.replace(round_.id, MISSING))
    assert problem(missing) == (404, "not-found")


def test_faults_are_those_of_the_lock(embedded: Served) -> None:
    """A seat is held by somebody who is in no list any more."""
    round_ = begun(embedded)
    window = plant_window(embedded)
    round_.hand_in(list_of(*people(1)))
    seat = {"candidate": f"{ALTA}-1", "window": window, "start": "2027-08-01", "state": "accepted"}
    assert round_.hold([seat]).status_code == 200
    round_.hand_in(list_of(*people(2)))
    told = ready(round_)
    refused = round_.move("lock").json()
    assert refused["code"] == "round-invalid"
    assert [each["code"] for each in told["faults"]] == [each["code"] for each in refused["faults"]]
    assert told["warnings"] == []


def test_a_list_the_other_way_round_is_odd(embedded: Served) -> None:
    round_ = begun(embedded)
    round_.hand_in(list_of(*people(1, 2, 3)))
    round_.hand_in(list_of(*people(1, 2, 3), default_order=[f"{ALTA}-{n}" for n in (2, 1, 3)]))
    assert codes(round_) == []
    turned = [f"{ALTA}-{n}" for n in (3, 1, 2)]
    round_.hand_in(list_of(*people(1, 2, 3), default_order=turned))
    (said,) = ready(round_)["warnings"]
    assert (said["code"], said["municipality"], said["candidate"]) == ("order-reversed", ALTA, None)
    own = {"unit": "hammerfest-medisin", "order": turned[::-1]}
    round_.hand_in(list_of(*people(1, 2, 3), default_order=turned, orders=[own]))
    (said,) = ready(round_)["warnings"]
    assert (said["code"], said["unit"]) == ("unit-order-reversed", "hammerfest-medisin")


def test_a_list_is_held_against_the_round_before(embedded: Served) -> None:
    round_ = begun(embedded)
    label = earlier(embedded, list_of(*people(1, 2, 3, 4)))
    round_.hand_in(list_of(*people(1, 2, 5)))
    (said,) = ready(round_)["warnings"]
    assert (said["code"], said["figures"]) == (
        "list-changed",
        {"round": label, "changed": 3, "of": 5},
    )
    assert label in said["sentence"]
    round_.hand_in(list_of(*people(1, 2, 3, 5)))
    assert codes(round_) == [], "two of five"
    moved = people(1, 2, wishes=[wish("hammerfest-medisin"), wish("finnmark")])
    round_.hand_in(list_of(*moved, *people(3, 5)))
    assert codes(round_) == ["list-changed"], "four of five: other wishes count as well"
    back = [f"{ALTA}-{n}" for n in (4, 3, 2, 1)]
    round_.hand_in(list_of(*people(1, 2, 3, 4), default_order=back))
    assert codes(round_) == ["order-reversed", "order-reversed-since"], "and the one before it"
    assert ready(round_)["compared_with"] == label


def test_windows_and_candidates_without_each_other_are_odd(embedded: Served) -> None:
    round_ = begun(embedded)
    plant_window(embedded, "small", fte_percent=20)
    plant_window(embedded, "given-back", fte_percent=20, release_on=date(2027, 1, 15))
    late = wish(earliest="2029-01-01", latest="2029-06-01")
    round_.hand_in(list_of(*people(1), *people(2, wishes=[late])))
    said = ready(round_, headers={"Accept-Language": "en"})["warnings"]
    assert [(x["code"], x["candidate"], x["window"]) for x in said] == [
        ("candidate-unreached", f"{ALTA}-2", None),
        ("window-unused", None, "small"),
    ]
    assert "1 Aug 2027 to 31 Jul 2028" in said[1]["sentence"]
    seat = {"candidate": f"{ALTA}-2", "window": "small", "start": "2027-08-01", "state": "accepted"}
    assert round_.hold([seat]).status_code == 200
    assert codes(round_) == []
