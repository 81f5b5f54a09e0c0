"""Release: two people, a preview that holds, one publication, and the way back from a wrong one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

import pytest
from httpx2 import Response
from sqlmodel import select

from models.scope import EVERYTHING
from models.tables import Municipality, Notice, Offer, Placement, Publication
from tests.api.routes.planned import Locked, bare, finnmark, finnmark_plan, locked
from tests.api.routes.said import problem
from tests.api.served import ALTA, TROMS, Person, Served

HELD = finnmark().accepted.keys()
"""Candidates of the sample who came with a seat."""


@pytest.fixture
def round_(served: Served) -> Locked:
    return locked(served, finnmark())


def act(person: Person, plan: str, what: str, body: Any = None) -> Response:
    """Do something to a plan as it now is."""
    tag = person.get(f"/v1/plans/{plan}").headers.get("etag", '"1"')
    return person.post(f"/v1/plans/{plan}/{what}", tag=tag, json=body)


def published(served: Served, round_: Locked, **row: Any) -> str:
    """Publish the sample's plan and return its id."""
    plan = round_.plan(finnmark_plan(), **row)
    assert act(served.planner, plan, "publish").status_code == 200
    return plan


def rows(served: Served, table: type[Any]) -> list[Any]:
    with served.database.reading(EVERYTHING) as session:
        return list(session.exec(select(table)).all())


def states(served: Served) -> Counter[str]:
    return Counter(offer.state for offer in rows(served, Offer))


def everything(served: Served) -> dict[str, list[Any]]:
    """Every offer and placement as it is, to be compared with how it was before."""
    kept = {table.__tablename__: rows(served, table) for table in (Offer, Placement)}
    apart = ("revision", "answer_by", "replaced_by")
    return {
        name: sorted(
            str({k: v for k, v in row.model_dump().items() if k not in apart}) for row in found
        )
        for name, found in kept.items()
    }


def test_a_plan_is_approved_by_another_person_before_it_is_published(
    served: Served, round_: Locked
) -> None:
    plan = round_.plan(finnmark_plan(), approved_at=None, approved_by=None)
    assert problem(act(served.planner, plan, "publish")) == (409, "plan-not-approved")
    assert problem(act(served.planner, plan, "approve")) == (403, "forbidden")
    assert act(served.as_("approver"), plan, "approve").status_code == 200
    assert problem(act(served.as_("approver"), plan, "approve")) == (409, "plan-approved")
    assert act(served.planner, plan, "publish").status_code == 200


def test_nobody_approves_what_they_asked_for(served: Served, round_: Locked) -> None:
    approver = served.as_("approver")
    subject = approver.get("/v1/me").json()
    own = f"{subject['issuer']}|{subject['subject']}"
    plan = round_.plan(finnmark_plan(), requested_by=own, approved_at=None, approved_by=None)
    assert problem(act(approver, plan, "approve")) == (409, "two-people")


def test_the_preview_tells_what_publishing_does(served: Served, round_: Locked) -> None:
    with served.database.writing(EVERYTHING) as session:
        session.get_one(Municipality, ALTA).contact = "alis@alta.example"
    plan = round_.plan(finnmark_plan())
    seen = served.planner.get(f"/v1/plans/{plan}/release").json()
    assert (seen["made"], seen["kept"], seen["moved"]) == (10 - len(HELD), 0, [])
    assert (seen["unplaced"], seen["approved"], seen["changes"]) == (8, True, [])
    assert rows(served, Offer) == rows(served, Notice) == []
    assert act(served.planner, plan, "publish").status_code == 200
    assert states(served) == {"open": seen["made"]}
    told = sorted((n.kind, n.channel, n.recipient) for n in rows(served, Notice))
    assert told == sorted((r["kind"], r["channel"], r["recipient"]) for r in seen["recipients"])
    assert {r["recipient"] for r in seen["recipients"]} == {"alis@alta.example"}


def test_a_seat_that_was_accepted_before_is_entered_and_not_offered(
    served: Served, round_: Locked
) -> None:
    assert HELD
    published(served, round_)
    assert {each.candidate for each in rows(served, Placement)} == set(HELD)
    assert not HELD & {each.candidate for each in rows(served, Offer)}


def test_time_to_answer_is_three_working_days_at_least(served: Served, round_: Locked) -> None:
    """From Sunday 22 November 2026 the third working day is Wednesday."""
    plan = round_.plan(finnmark_plan())
    early = act(served.planner, plan, "publish", {"answer_by": "2026-11-24"})
    assert problem(early) == (422, "invalid")
    assert early.json()["faults"][0]["code"] == "answer-too-early"
    assert act(served.planner, plan, "publish", {"answer_by": "2026-11-25"}).status_code == 200
    assert {offer.answer_by.isoformat() for offer in rows(served, Offer)} == {
        "2026-11-25T23:00:00+00:00"
    }


def test_a_wrong_publication_is_voided_with_all_that_it_brought_about(
    served: Served, round_: Locked
) -> None:
    published(served, round_)
    before = everything(served)
    served.clock.forward(hours=1)
    second = round_.plan(finnmark_plan(), snapshot=round_.refreeze())
    wrong = by_hand(served, round_, HELD)
    assert act(served.as_("approver"), wrong, "approve").status_code == 200
    assert act(served.planner, wrong, "publish").status_code == 200
    assert states(served) == {"replaced": len(before["offers"])}
    assert problem(act(served.planner, wrong, "void")) == (422, "invalid")
    reason = {"reason": "Feil plan ble lagt ut"}
    assert problem(act(served.planner, second, "void", reason)) == (409, "plan-not-published")
    with served.database.writing(EVERYTHING) as session:
        session.get_one(Municipality, ALTA).contact = "alis@alta.example"
    assert act(served.planner, wrong, "void", reason).status_code == 200
    told = {notice.kind for notice in rows(served, Notice)}
    assert told == {"plan-voided", "offer-made"}
    assert everything(served) == before
    listed = served.planner.get(f"/v1/rounds/{round_.id}/publications").json()["items"]
    assert [each["ending"] for each in listed] == ["voided", None]
    assert listed[0]["reason"] == reason["reason"]
    parts = served.coordinator().get(f"/v1/rounds/{round_.id}/publications").json()["items"]
    assert [each["reason"] for each in parts] == [None, None]


def by_hand(served: Served, round_: Locked, kept: Collection[str]) -> str:
    """Hand in a plan of the newest document with these candidates alone, and return its id."""
    others = [p.candidate for p in finnmark_plan().placements if p.candidate not in kept]
    answer = served.planner.post(f"{round_.address}/hand", json=bare(finnmark_plan(), *others))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_what_has_begun_is_not_voided(served: Served, round_: Locked) -> None:
    plan = published(served, round_)
    with served.database.writing(EVERYTHING) as session:
        session.exec(select(Placement)).first().state = "started"  # type: ignore[union-attr]
    refused = act(served.planner, plan, "void", {"reason": "Feil"})
    assert problem(refused) == (409, "placement-begun")
    assert states(served) == {"open": 10 - len(HELD)}
    assert [each.ended_at for each in rows(served, Publication)] == [None]


@pytest.mark.parametrize("what", ["publish", "void", "release"])
def test_another_trust_learns_nothing(served: Served, round_: Locked, what: str) -> None:
    plan, other = round_.plan(finnmark_plan()), served.as_("planner", TROMS)
    answers = [
        other.get(f"/v1/plans/{id_}/release")
        if what == "release"
        else other.post(
            f"/v1/plans/{id_}/{what}", tag='"1"', json={"reason": "x"} if what == "void" else None
        )
        for id_ in (plan, "0" * 32)
    ]
    assert [problem(answer) for answer in answers] == [(404, "not-found")] * 2
    assert answers[0].content == answers[1].content
