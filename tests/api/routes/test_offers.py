"""Offers: answered once, in time, by whom they concern; and what becomes of seats that are free."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response
from sqlmodel import select

from api.releasing.answering import expire
from data.documents import read_round
from models.scope import EVERYTHING
from models.tables import Offer, Placement, Plan, Snapshot
from scheduler.planner import plan_round
from tests.api.routes.planned import Locked, bare, finnmark, finnmark_plan, locked
from tests.api.routes.said import problem
from tests.api.routes.test_release import HELD, act, published, rows, states
from tests.api.served import ALTA, TROMS, VADSO, Person, Served

ALTAS = sorted(
    p.candidate
    for p in finnmark_plan().placements
    if p.candidate.startswith(ALTA) and p.candidate not in HELD
)


@pytest.fixture
def round_(served: Served) -> Locked:
    made = locked(served, finnmark())
    published(served, made)
    return made


def offers(person: Person, **asked: str) -> dict[str, dict[str, Any]]:
    """The offers that somebody sees, by candidate."""
    items = person.get("/v1/offers", params={"limit": "200", **asked}).json()["items"]
    return {item["candidate"]: item for item in items}


def answer(person: Person, candidate: str, what: str, **sent: Any) -> Response:
    offer = offers(person)[candidate]
    tag = person.get(f"/v1/offers/{offer['id']}").headers["etag"]
    return person.post(f"/v1/offers/{offer['id']}/{what}", **{"tag": tag, **sent})


def test_each_party_sees_its_own(served: Served, round_: Locked) -> None:
    assert ALTAS
    assert sorted(offers(served.coordinator())) == ALTAS
    herself = served.as_("candidate", municipality=ALTA, candidate=ALTAS[0])
    assert sorted(offers(herself)) == ALTAS[:1]
    everybody = offers(served.planner)
    assert len(everybody) == 10 - len(HELD)
    unit = everybody[ALTAS[0]]["unit"]
    coming = offers(served.as_("unit_leader", unit=unit))
    assert coming.keys() == {c for c, offer in everybody.items() if offer["unit"] == unit}
    assert {offer["class"] for offer in coming.values()} == {None}
    assert offers(served.as_("planner", TROMS)) == offers(served.coordinator("4601")) == {}


def test_who_is_no_party_can_answer_nothing(served: Served, round_: Locked) -> None:
    offer = offers(served.planner)[ALTAS[0]]
    for what in ("accept", "decline"):
        others = served.coordinator(VADSO).post(f"/v1/offers/{offer['id']}/{what}", tag='"1"')
        nothing = served.coordinator(VADSO).post(f"/v1/offers/{'0' * 32}/{what}", tag='"1"')
        assert problem(others) == problem(nothing) == (404, "not-found")
    assert problem(answer(served.planner, ALTAS[0], "accept")) == (403, "forbidden")


def test_an_offer_is_accepted_once_and_is_a_placement(served: Served, round_: Locked) -> None:
    herself = served.as_("candidate", municipality=ALTA, candidate=ALTAS[0])
    assert problem(answer(herself, ALTAS[0], "accept", tag=None)) == (428, "precondition-required")
    done = answer(herself, ALTAS[0], "accept")
    assert (done.status_code, done.json()["state"]) == (200, "accepted")
    for what in ("accept", "decline"):
        again = answer(served.coordinator(), ALTAS[0], what)
        assert problem(again) == (409, "offer-ended")
    (placement,) = (p for p in rows(served, Placement) if p.candidate == ALTAS[0])
    offer = done.json()
    assert (placement.offer, placement.state, placement.window) == (
        offer["id"], "planned", offer["window"],
    )  # fmt: skip


def test_of_many_who_accept_at_once_one_does(served: Served, round_: Locked) -> None:
    offer = offers(served.coordinator())[ALTAS[0]]

    def accept(_: int) -> Response:
        return served.coordinator().post(f"/v1/offers/{offer['id']}/accept", tag='"1"')

    with ThreadPoolExecutor(8) as threads:
        codes = sorted(a.status_code for a in threads.map(accept, range(16)))
    assert codes[0] == 200
    assert set(codes[1:]) <= {409, 412}
    assert sum(p.candidate == ALTAS[0] for p in rows(served, Placement)) == 1


def test_nobody_accepts_two_places_in_whatever_rounds(served: Served, round_: Locked) -> None:
    other = locked(served, finnmark().replace(id="another"))
    plan = plan_round(finnmark().replace(id="another"))
    with served.database.writing(EVERYTHING) as session:
        for placement in session.exec(select(Placement)):
            placement.state = "cancelled"
    assert act(served.planner, other.plan(plan), "publish").status_code == 200
    both = [
        item
        for item in served.coordinator().get("/v1/offers?limit=200").json()["items"]
        if item["candidate"] == ALTAS[0]
    ]
    assert len(both) == 2
    accept = [
        served.coordinator().post(f"/v1/offers/{item['id']}/accept", tag='"1"') for item in both
    ]
    assert accept[0].status_code == 200
    assert problem(accept[1]) == (409, "already-placed")


def test_the_last_seat_of_a_window_is_not_given_twice(served: Served, round_: Locked) -> None:
    """By another round, to somebody else."""
    offer = offers(served.planner)[ALTAS[0]]
    taken = {"candidate": "5501-x", "municipality": "5501", "window": offer["window"]}
    with served.database.writing(EVERYTHING) as session:
        mine = session.get_one(Offer, offer["id"])
        for _ in range(finnmark().window[offer["window"]].positions):
            row = mine.model_dump(exclude={"revision"}) | {"id": "x" * 32} | taken
            session.add(Offer(**row))
            session.flush()
            session.add(
                Placement(
                    id="p" * 32, offer="x" * 32, publication=mine.publication, round=mine.round,
                    unit=mine.unit, start=mine.start, end=mine.end, fte_percent=100,
                    months_needed=6, state="planned", **taken,
                )
            )  # fmt: skip
    assert problem(answer(served.coordinator(), ALTAS[0], "accept")) == (409, "seat-taken")


def test_an_offer_lapses_when_its_time_is_over(served: Served, round_: Locked) -> None:
    offer = offers(served.planner)[ALTAS[0]]
    served.clock.now = served.clock.now.fromisoformat(offer["answer_by"].replace("Z", "+00:00"))
    served.clock.now -= timedelta(seconds=1)
    served.people.clear()  # tokens of three days ago are good no more
    expire(served.database, served.service.settings, served.clock())
    assert states(served) == {"open": 10 - len(HELD)}
    served.clock.forward(seconds=1)
    assert problem(answer(served.coordinator(), ALTAS[0], "accept")) == (409, "offer-expired")
    expire(served.database, served.service.settings, served.clock())
    assert states(served) == {"expired": 10 - len(HELD)}
    served.clock.forward(hours=-2)
    served.people.clear()
    assert problem(answer(served.coordinator(), ALTAS[0], "accept")) == (409, "offer-ended")


def test_an_offer_is_withdrawn_for_a_reason(served: Served, round_: Locked) -> None:
    accepted = answer(served.coordinator(), ALTAS[0], "accept")
    assert accepted.status_code == 200
    assert problem(answer(served.planner, ALTAS[0], "withdraw")) == (422, "invalid")
    reason = {"reason": "Stillingen falt bort"}
    assert answer(served.planner, ALTAS[0], "withdraw", json=reason).status_code == 200
    assert offers(served.coordinator())[ALTAS[0]]["reason"] == reason["reason"]
    (placement,) = (p for p in rows(served, Placement) if p.candidate == ALTAS[0])
    assert placement.state == "cancelled"


def replanned(served: Served, round_: Locked) -> tuple[dict[str, Any], str]:
    """Plan a published round anew; return what was said of the freezing, and the plan's id."""
    tag = served.planner.get(f"/v1/rounds/{round_.id}").headers["etag"]
    form = {"reason": "En har takket nei"}
    said = served.planner.post(f"/v1/rounds/{round_.id}/replan", tag=tag, json=form)
    assert said.status_code == 201, said.text
    with served.database.reading(EVERYTHING) as session:
        newest = max(session.exec(select(Snapshot)).all(), key=lambda s: s.number)
        document = read_round(newest.content.encode())
        snapshot = newest.id
    plan = plan_round(document)
    return said.json(), round_.plan(plan, snapshot=snapshot)


def test_after_a_decline_seats_are_planned_anew_and_nobody_moves_who_need_not(
    served: Served, round_: Locked
) -> None:
    declined, accepted, *_ = ALTAS
    before = offers(served.planner)
    assert answer(served.coordinator(), declined, "decline").status_code == 200
    assert answer(served.coordinator(), accepted, "accept").status_code == 200
    said, plan = replanned(served, round_)
    assert said["left"] == [declined]
    assert (said["accepted"], said["offered"]) == (len(HELD) + 1, 10 - len(HELD) - 2)
    seen = served.planner.get(f"/v1/plans/{plan}/release").json()
    assert (seen["moved"], seen["kept"]) == ([], 10 - len(HELD) - 1)
    assert act(served.planner, plan, "publish").status_code == 200
    after = offers(served.planner, state="open")
    assert {c: o["window"] for c, o in after.items() if c in before} == {
        c: o["window"] for c, o in before.items() if c not in (declined, accepted)
    }
    content = _content(served, plan)
    assert next(t for t in content["tiers"] if t["tier"] == "kept")["proven"]


@pytest.mark.parametrize(
    ("reason", "state", "stays"),
    [("candidate-withdrew", "declined", False), ("post-gone", "withdrawn", True)],
)
def test_a_seat_whose_placement_was_cancelled_is_planned_anew(
    served: Served, round_: Locked, reason: str, state: str, stays: bool
) -> None:
    person = ALTAS[0]
    assert answer(served.coordinator(), person, "accept").status_code == 200
    (placement,) = (p for p in rows(served, Placement) if p.candidate == person)
    sent = {"tag": f'"{placement.revision}"', "json": {"reason": reason}}
    path = f"/v1/placements/{placement.id}/cancel"
    assert served.planner.post(path, **sent).status_code == 200
    assert offers(served.planner)[person]["state"] == state
    said, plan = replanned(served, round_)
    assert (said["left"], said["accepted"]) == ([] if stays else [person], len(HELD))
    assert act(served.planner, plan, "publish").status_code == 200
    assert (person in offers(served.planner, state="open")) == stays


def test_whoever_gives_up_a_seat_held_before_is_planned_without(
    served: Served, round_: Locked
) -> None:
    her = min(HELD)
    (placement,) = (p for p in rows(served, Placement) if p.candidate == her)
    sent = {"tag": f'"{placement.revision}"', "json": {"reason": "candidate-withdrew"}}
    assert served.planner.post(f"/v1/placements/{placement.id}/cancel", **sent).is_success
    said, _ = replanned(served, round_)
    assert (said["left"], said["accepted"]) == ([her], len(HELD) - 1)


def test_a_plan_that_takes_an_accepted_seat_away_is_not_published(
    served: Served, round_: Locked
) -> None:
    assert answer(served.coordinator(), ALTAS[0], "accept").status_code == 200
    without = finnmark_plan()
    kept = tuple(p for p in without.placements if p.candidate != ALTAS[0])
    assert len(kept) == 9
    round_.refreeze()
    made = served.planner.post(f"{round_.address}/hand", json=bare(without, ALTAS[0]))
    place = made.headers["location"]
    plan = place.rpartition("/")[2]
    assert act(served.as_("approver"), plan, "approve").status_code == 200
    refused = act(served.planner, plan, "publish")
    assert problem(refused) == (409, "accepted-not-kept")
    assert refused.json()["accepted"] == 1


def test_lead_time_that_has_passed_is_not_won_back(served: Served, round_: Locked) -> None:
    tag = served.planner.get(f"/v1/rounds/{round_.id}").headers["etag"]
    form = {"reason": "x", "decision_date": "2027-01-14"}
    refused = served.planner.post(f"/v1/rounds/{round_.id}/replan", tag=tag, json=form)
    assert problem(refused) == (422, "invalid")
    assert [(f["code"], f["place"]) for f in refused.json()["faults"]] == [
        ("at-least", "/decision_date")
    ]


def test_only_a_published_round_is_planned_anew(served: Served) -> None:
    made = locked(served, finnmark())
    form = {"reason": "x"}
    refused = served.planner.post(f"/v1/rounds/{made.id}/replan", tag='"1"', json=form)
    assert problem(refused) == (409, "plan-not-published")


def _content(served: Served, plan: str) -> dict[str, Any]:
    with served.database.reading(EVERYTHING) as session:
        content: dict[str, Any] = json.loads(session.get_one(Plan, plan).content or "{}")
    return content
