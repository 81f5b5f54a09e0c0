"""Divided stays of collected rounds: a vacancy that is taken back, and what one round leaves."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from api.batch.findings import findings
from models.scope import EVERYTHING
from models.tables import Placement, Window
from tests.api.routes.collected import (
    Collecting,
    at,
    candidate,
    list_of,
    opened,
    plant_policy,
    plant_supervisor,
    plant_window,
    wish,
)
from tests.api.routes.planned import Locked
from tests.api.routes.said import problem
from tests.api.routes.test_meanwhile import changed, frozen, planned
from tests.api.routes.test_offers import answer, offers, replanned
from tests.api.routes.test_release import act, rows
from tests.api.served import ALTA, Served

HER, OTHER = f"{ALTA}-1", f"{ALTA}-2"
AUTUMN: dict[str, Any] = {"opens": date(2027, 8, 1), "closes": date(2027, 11, 1)}
WINTER: dict[str, Any] = {"opens": date(2027, 11, 1), "closes": date(2028, 2, 1)}
PARTS = {"divisions": [[6], [3, 3]], "longest_gap_months": 2}


def begun(served: Served) -> tuple[Collecting, str, str, str]:
    """Publish a round in which her stay is divided; return it, both windows, her supervisor."""
    supervisor = plant_supervisor(served)
    first = plant_window(served, **AUTUMN)
    second = plant_window(served, unit="kirkenes-medisin", **WINTER)
    collecting = opened(served, policy=plant_policy(served, parts=PARTS))
    both = [wish(), wish("kirkenes-medisin")]
    asked = candidate(HER, supervisor=supervisor, wishes=both)
    assert collecting.hand_in(list_of(asked)).is_success
    _, plan = planned(served, collecting)
    assert act(served.planner, plan, "publish").status_code == 200
    offer = offers(served.planner)[HER]
    assert (offer["window"], offer["then"]["window"]) == (first, second)
    return collecting, first, second, supervisor


def withdraw(served: Served, window: str) -> None:
    with served.database.writing(EVERYTHING) as session:
        session.get_one(Window, window).withdrawn_at = served.clock()


def lost_second(served: Served) -> tuple[Collecting, str]:
    """Let her accept, and the post of the second part fall away."""
    collecting, _, second, supervisor = begun(served)
    assert answer(served.coordinator(), HER, "accept").status_code == 200
    (placement,) = (p for p in rows(served, Placement) if p.window == second)
    cancel(served, placement)
    return collecting, supervisor


def cancel(served: Served, placement: Placement) -> None:
    """Let a place come to nothing by no wish of hers."""
    path, tag = f"/v1/placements/{placement.id}/cancel", f'"{placement.revision}"'
    gone = served.planner.post(path, json={"reason": "post-gone"}, tag=tag)
    assert gone.status_code == 200, gone.text


def after(served: Served, *asked: dict[str, Any]) -> Collecting:
    """Open the next round, and hand in Alta's list."""
    policy = served.planner.get("/v1/policies").json()["items"][0]["id"]
    found = opened(served, label="2027-Q2", decision_date="2027-01-16", policy=policy)
    assert found.hand_in(list_of(*asked)).is_success
    return found


@pytest.mark.parametrize("number", [0, 1])
def test_a_window_that_is_taken_back_takes_the_whole_offer(served: Served, number: int) -> None:
    collecting, *windows, _ = begun(served)
    withdraw(served, windows[number])
    assert problem(answer(served.coordinator(), HER, "accept")) == (409, "seat-gone")
    assert rows(served, Placement) == []
    (found,) = findings(served.database, EVERYTHING, date(2026, 11, 23))
    assert found.line.needs == ("seat-gone",)
    document, snapshot = frozen(served, collecting.id)
    said, _ = replanned(served, Locked(served, document, collecting.id, snapshot))
    assert (said["offered"], said["accepted"], said["left"]) == (0, 0, [])


def test_nobody_is_asked_for_one_part_alone(served: Served) -> None:
    """A document says her offer as two seats with months, and the plan keeps it."""
    collecting, *windows, _ = begun(served)
    document, snapshot = frozen(served, collecting.id)
    said, plan = replanned(served, Locked(served, document, collecting.id, snapshot))
    assert (said["offered"], said["accepted"]) == (1, 0)
    held = [(c.window, c.state, c.months) for c in frozen(served, collecting.id)[0].commitments]
    assert sorted(held) == sorted((window, "offered", 3) for window in windows)
    seen = served.planner.get(f"/v1/plans/{plan}/release").json()
    assert (seen["made"], seen["kept"], seen["moved"]) == (0, 1, [])


def test_a_part_that_ended_after_the_freezing_is_told(served: Served) -> None:
    collecting, *_ = begun(served)
    assert answer(served.coordinator(), HER, "accept").status_code == 200
    document, snapshot = frozen(served, collecting.id)
    _, plan = replanned(served, Locked(served, document, collecting.id, snapshot))
    first = min(rows(served, Placement), key=lambda each: each.start)
    cancel(served, first)
    assert changed(served, plan) == [("commitments", HER)]


def test_a_seat_of_one_part_that_came_free_needs_a_person(served: Served) -> None:
    """Somebody else waits for it, whose stay is three months."""
    supervisor = plant_supervisor(served)
    plant_window(served, **AUTUMN)
    plant_window(served, unit="kirkenes-medisin", **WINTER)
    collecting = opened(served, policy=plant_policy(served, parts=PARTS))
    both = [wish(), wish("kirkenes-medisin")]
    people = [candidate(HER, supervisor=supervisor, wishes=both)]
    people.append(candidate(OTHER, supervisor=supervisor, wishes=both[1:], months_needed=3))
    assert collecting.hand_in(list_of(*people)).is_success
    _, plan = planned(served, collecting)
    assert act(served.planner, plan, "publish").status_code == 200
    assert answer(served.coordinator(), HER, "accept").status_code == 200
    (found,) = findings(served.database, EVERYTHING, date(2026, 11, 23))
    assert found.line.needs == ()
    second = max(rows(served, Placement), key=lambda each: each.start)
    cancel(served, second)
    (found,) = findings(served.database, EVERYTHING, date(2026, 11, 23))
    assert found.line.needs == ("seat-free",)


def test_what_a_lost_part_leaves_is_planned_beside_the_one_that_stands(served: Served) -> None:
    _, supervisor = lost_second(served)
    (need,) = served.coordinator().get(f"/v1/municipalities/{ALTA}/needs").json()["items"]
    asked = need["candidate"] | {
        "supervisor": supervisor,
        "wishes": [wish("hammerfest-kirurgi", latest="2028-03-01")],
    }
    assert asked["months_needed"] == 3
    plant_window(served, unit="hammerfest-kirurgi")
    collecting = after(served, asked)
    document, plan = planned(served, collecting)
    (away,) = document.candidate[HER].unavailable
    assert (away.start, away.end) == (AUTUMN["opens"], AUTUMN["closes"])
    seats = [c.candidate for c in document.commitments]
    assert len(seats) == 1
    assert HER not in seats
    assert act(served.planner, plan, "publish").status_code == 200
    offer = offers(served.planner, round=collecting.id)[HER]
    assert (offer["start"], offer["then"]) == ("2027-11-01", None)
    path = f"/v1/offers/{offer['id']}/accept"
    assert served.coordinator().post(path, tag='"1"').status_code == 200
    own = sorted(rows(served, Placement), key=lambda each: each.start)
    assert [(p.number, p.state) for p in own if p.state != "cancelled"] == [
        (1, "planned"),
        (2, "planned"),
    ]
    assert served.coordinator().get(f"/v1/municipalities/{ALTA}/needs").json()["items"] == []


def test_whoever_has_both_parts_is_not_planned_elsewhere(served: Served) -> None:
    _, _, _, supervisor = begun(served)
    assert answer(served.coordinator(), HER, "accept").status_code == 200
    asked = [candidate(each, supervisor=supervisor) for each in (HER, OTHER)]
    document, _ = planned(served, after(served, *asked))
    held = [c for c in document.commitments if c.state == "accepted"]
    assert sorted(c.start for c in held) == [AUTUMN["opens"], WINTER["opens"]]
    assert len({c.candidate for c in held}) == 2, "who sits there is not told to be one person"
    assert HER not in document.candidate
    assert OTHER in document.candidate


def test_a_stay_of_which_nothing_stands_is_planned_anew_as_a_whole(served: Served) -> None:
    collecting, *_ = begun(served)
    assert answer(served.coordinator(), HER, "accept").status_code == 200
    for placement in rows(served, Placement):
        cancel(served, placement)
    assert offers(served.planner)[HER]["state"] == "withdrawn"
    document, snapshot = frozen(served, collecting.id)
    said, plan = replanned(served, Locked(served, document, collecting.id, snapshot))
    assert (said["left"], said["accepted"], said["offered"]) == ([], 0, 0)
    assert act(served.planner, plan, "publish").status_code == 200
    assert offers(served.planner, state="open")[HER]["then"] is not None


def test_seats_that_are_offered_again_after_they_were_lost_are_held(served: Served) -> None:
    """Offered as well: what became of the first offer says nothing of the second."""
    collecting, *_ = begun(served)
    assert answer(served.coordinator(), HER, "accept").status_code == 200
    for placement in rows(served, Placement):
        cancel(served, placement)
    for offered in (0, 1):
        document, snapshot = frozen(served, collecting.id)
        said, plan = replanned(served, Locked(served, document, collecting.id, snapshot))
        assert said["offered"] == offered
        assert act(served.planner, plan, "publish").status_code == 200
    states = [each["state"] for each in served.planner.get("/v1/offers").json()["items"]]
    assert sorted(states) == ["open", "withdrawn"]


def test_a_part_that_is_lost_after_the_other_was_replaced_is_a_need(served: Served) -> None:
    _, supervisor = lost_second(served)
    plant_window(served, unit="hammerfest-kirurgi", opens=WINTER["opens"], closes=date(2028, 5, 1))
    wishes = [wish("hammerfest-kirurgi", latest="2028-03-01")]
    asked = candidate(HER, supervisor=supervisor, wishes=wishes) | {"months_needed": 3}
    collecting = after(served, asked)
    _, plan = planned(served, collecting)
    assert act(served.planner, plan, "publish").status_code == 200
    offer = offers(served.planner, round=collecting.id)[HER]
    path = f"/v1/offers/{offer['id']}/accept"
    assert served.coordinator().post(path, tag='"1"').status_code == 200
    at(served, served.clock() + timedelta(days=1))
    (first,) = (p for p in rows(served, Placement) if p.start == AUTUMN["opens"])
    cancel(served, first)
    (need,) = served.coordinator().get(f"/v1/municipalities/{ALTA}/needs").json()["items"]
    assert (need["placement"], need["candidate"]["months_needed"]) == (first.id, 3)
