"""What happens between the freezing of a round and the release of its plan, and between rounds."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from httpx2 import Response
from sqlmodel import select

from data.documents import read_round
from models.scope import EVERYTHING
from models.tables import Grant, Offer, Placement, Plan, Snapshot, Window
from scheduler import rounds
from scheduler.planner import plan_round
from tests.api.routes.collected import (
    Collecting,
    at,
    candidate,
    list_of,
    opened,
    plant_supervisor,
    plant_window,
)
from tests.api.routes.planned import Locked, finnmark, finnmark_plan, locked
from tests.api.routes.said import problem
from tests.api.routes.test_offers import ALTAS, answer, offers, replanned
from tests.api.routes.test_release import HELD, act, published, rows
from tests.api.served import ALTA, NOW, Served

HER, OTHER = f"{ALTA}-1", f"{ALTA}-2"


@pytest.fixture
def round_(served: Served) -> Locked:
    made = locked(served, finnmark())
    published(served, made)
    return made


def frozen(served: Served, round_id: str) -> tuple[rounds.Round, str]:
    """Return the newest document of a round, and its snapshot's id."""
    with served.database.reading(EVERYTHING) as session:
        own = select(Snapshot).where(Snapshot.round == round_id)
        newest = max(session.exec(own).all(), key=lambda each: each.number)
        return read_round(newest.content.encode()), newest.id


def planned(served: Served, collecting: Collecting) -> tuple[rounds.Round, str]:
    """Lock a collected round; return its document and the id of its approved plan."""
    assert collecting.move("lock").status_code == 200
    document, snapshot = frozen(served, collecting.id)
    made = Locked(served, document, collecting.id, snapshot)
    return document, made.plan(plan_round(document))


def begun(served: Served, *ids: str, **window: Any) -> tuple[str, str, str]:
    """Publish a round of a vacancy and those who want it; return window, plan and supervisor."""
    supervisor, vacancy = plant_supervisor(served), plant_window(served, **window)
    collecting = opened(served)
    collecting.hand_in(list_of(*(candidate(each, supervisor=supervisor) for each in ids)))
    _, plan = planned(served, collecting)
    assert act(served.planner, plan, "publish").status_code == 200
    return vacancy, plan, supervisor


def cancelled(served: Served, person: str, reason: str) -> Response:
    (placement,) = (
        p for p in rows(served, Placement) if p.candidate == person and p.state == "planned"
    )
    path = f"/v1/placements/{placement.id}/cancel"
    sent = {"tag": f'"{placement.revision}"', "json": {"reason": reason}}
    return served.planner.post(path, **sent)


def changed(served: Served, plan: str) -> list[tuple[str, str]]:
    """Return what keeps a plan from being published, as the refusal and the preview say it."""
    refused = act(served.planner, plan, "publish")
    assert problem(refused) == (409, "plan-changed")
    said = [(each["kind"], each["id"]) for each in refused.json()["changes"]]
    seen = served.planner.get(f"/v1/plans/{plan}/release").json()
    assert [(each["kind"], each["id"]) for each in seen["changes"]] == said
    assert seen["recipients_total"] == len(seen["recipients"])
    return said


def test_who_withdrew_after_the_freezing_is_not_placed_again(
    served: Served, round_: Locked
) -> None:
    person = ALTAS[0]
    assert answer(served.coordinator(), person, "accept").status_code == 200
    _, plan = replanned(served, round_)
    assert cancelled(served, person, "candidate-withdrew").status_code == 200
    assert changed(served, plan) == [("commitments", person)]


def test_who_declined_after_the_freezing_is_not_asked_again(served: Served, round_: Locked) -> None:
    _, plan = replanned(served, round_)
    assert answer(served.coordinator(), ALTAS[0], "decline").status_code == 200
    assert changed(served, plan) == [("commitments", ALTAS[0])]


def test_who_accepted_what_the_plan_keeps_is_no_change(served: Served, round_: Locked) -> None:
    _, plan = replanned(served, round_)
    assert answer(served.coordinator(), ALTAS[0], "accept").status_code == 200
    assert act(served.planner, plan, "publish").status_code == 200
    assert offers(served.planner)[ALTAS[0]]["state"] == "accepted"


def test_an_interrupted_stay_is_not_entered_a_second_time(served: Served, round_: Locked) -> None:
    her = min(HELD)
    with served.database.writing(EVERYTHING) as session:
        (row,) = session.exec(select(Placement).where(Placement.candidate == her)).all()
        row.state, row.remaining_months = "interrupted", 5
    said, plan = replanned(served, round_)
    assert said["left"] == [her]
    assert act(served.planner, plan, "publish").status_code == 200
    assert [p.state for p in rows(served, Placement) if p.candidate == her] == ["interrupted"]


def test_whoever_has_a_place_is_not_planned_elsewhere(served: Served) -> None:
    _, _, supervisor = begun(served, HER, OTHER, positions=2)
    lists = list_of(*(candidate(each, supervisor=supervisor) for each in (HER, OTHER)))
    assert answer(served.coordinator(), HER, "accept").status_code == 200
    after = opened(served, label="2027-Q2", decision_date="2027-01-16", policy=_policy(served))
    after.hand_in(lists)
    document, plan = planned(served, after)
    assert [each for each in document.candidate if each in (HER, OTHER)] == [OTHER]
    assert document.order(ALTA)[0] == OTHER
    assert answer(served.coordinator(), OTHER, "accept").status_code == 200
    assert ("candidates", OTHER) in changed(served, plan)


def test_seats_taken_in_one_round_are_taken_in_the_next(served: Served) -> None:
    vacancy, _, supervisor = begun(served, HER, closes=date(2028, 2, 1))
    assert answer(served.coordinator(), HER, "accept").status_code == 200
    after = opened(served, label="2027-Q2", decision_date="2027-01-16", policy=_policy(served))
    after.hand_in(list_of(candidate(OTHER, supervisor=supervisor)))
    document, plan = planned(served, after)
    ((seat, window, state),) = ((c.candidate, c.window, c.state) for c in document.commitments)
    assert (window, state) == (vacancy, "accepted")
    assert HER not in seat
    assert document.candidate[seat].municipality == ALTA
    made = plan_round(document)
    assert {p.candidate for p in made.placements} == {seat}
    (told,) = made.unplaced
    assert (told.candidate, told.reasons[0].code) == (OTHER, "HELD")
    assert act(served.planner, plan, "publish").status_code == 200
    assert offers(served.planner, round=after.id) == {}
    assert len(rows(served, Placement)) == 1


def test_a_seat_taken_in_another_round_since_the_freezing_is_told(served: Served) -> None:
    _, _, supervisor = begun(served, HER, closes=date(2028, 2, 1))
    after = opened(served, label="2027-Q2", decision_date="2027-01-16", policy=_policy(served))
    after.hand_in(list_of(candidate(OTHER, supervisor=supervisor)))
    _, plan = planned(served, after)
    assert answer(served.coordinator(), HER, "accept").status_code == 200
    ((kind, seat),) = changed(served, plan)
    assert (kind, HER in seat) == ("commitments", False)


def _policy(served: Served) -> str:
    items = served.planner.get("/v1/policies").json()["items"]
    return str(items[0]["id"])


def test_a_clock_that_went_back_changes_no_order(served: Served, round_: Locked) -> None:
    person = ALTAS[0]
    reason = {"reason": "Feil vindu"}
    assert answer(served.planner, person, "withdraw", json=reason).status_code == 200
    at(served, served.clock() - timedelta(hours=2))
    _, plan = replanned(served, round_)
    assert act(served.planner, plan, "publish").status_code == 200
    again = offers(served.planner, state="open")[person]
    path = f"/v1/offers/{again['id']}"
    tag = served.planner.get(path).headers["etag"]
    assert served.coordinator().post(f"{path}/accept", tag=tag).status_code == 200
    said, _ = replanned(served, round_)
    assert said["left"] == []
    assert said["accepted"] == len(HELD) + 1


def test_a_plan_that_was_voided_is_approved_anew(served: Served, round_: Locked) -> None:
    (plan,) = (p.id for p in rows(served, Plan) if p.published_at is not None)
    assert act(served.planner, plan, "void", {"reason": "Feil"}).status_code == 200
    assert problem(act(served.planner, plan, "publish")) == (409, "plan-not-approved")
    assert act(served.as_("approver"), plan, "approve").status_code == 200
    assert act(served.planner, plan, "publish").status_code == 200


def test_two_people_release_whoever_asked_for_the_plan(served: Served) -> None:
    made = locked(served, finnmark())
    with served.database.reading(EVERYTHING) as session:
        both = f"rotations-local|{session.get_one(Grant, served.planner.grant).subject}"
    plan = made.plan(finnmark_plan(), requested_by="rotations batch", approved_by=both)
    assert problem(act(served.planner, plan, "publish")) == (409, "two-people")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"withdrawn_at": True}, "seat-gone"),
        ({"closes": date(2027, 12, 1)}, "seat-gone"),
        ({"opens": date(2027, 12, 2)}, "seat-gone"),
    ],
    ids=["withdrawn", "shortened", "later"],
)
def test_what_the_unit_has_taken_back_is_not_accepted(
    served: Served, change: dict[str, Any], code: str
) -> None:
    vacancy, _, _ = begun(served, HER)
    with served.database.writing(EVERYTHING) as session:
        row = session.get_one(Window, vacancy)
        for name, value in change.items():
            setattr(row, name, served.clock() if value is True else value)
    assert problem(answer(served.coordinator(), HER, "accept")) == (409, code)


def test_nobody_is_placed_after_the_first_day(served: Served) -> None:
    begun(served, HER)
    offer = offers(served.planner)[HER]
    with served.database.writing(EVERYTHING) as session:
        session.get_one(Offer, offer["id"]).answer_by = served.clock() + timedelta(days=400)
    at(served, datetime.fromisoformat(f"{offer['start']}T09:00:00Z"))
    assert problem(answer(served.coordinator(), HER, "accept")) == (409, "start-passed")


def test_a_plan_whose_stays_have_begun_is_not_published(served: Served) -> None:
    made = locked(served, finnmark())
    plan = made.plan(finnmark_plan())
    at(served, NOW.replace(year=2028))
    assert problem(act(served.planner, plan, "publish")) == (409, "start-passed")


def test_a_decline_of_a_plan_that_was_wrong_costs_no_waiting(served: Served) -> None:
    begun(served, HER, OTHER, closes=date(2028, 2, 1))
    (placed,) = offers(served.planner)
    assert answer(served.coordinator(), placed, "decline").status_code == 200
    (plan,) = (p.id for p in rows(served, Plan) if p.published_at is not None)
    assert act(served.planner, plan, "void", {"reason": "Feil"}).status_code == 200
    assert act(served.as_("approver"), plan, "approve").status_code == 200
    assert act(served.planner, plan, "publish").status_code == 200
    (again,) = offers(served.planner, state="open").values()
    sent = {"tag": '"1"', "json": {"reason": "Stillingen falt bort"}}
    assert served.planner.post(f"/v1/offers/{again['id']}/withdraw", **sent).status_code == 200
    after = opened(served, label="2027-Q2", decision_date="2027-04-15", policy=_policy(served))
    after.hand_in(list_of(candidate(HER), candidate(OTHER)))
    waited = {
        each: served.planner.get(f"{after.path}/candidates/{each}/standing").json()
        for each in (HER, OTHER)
    }
    assert {each: said["rounds_waited"] for each, said in waited.items()} == {HER: 1, OTHER: 1}
