"""Publishing a plan: one of a round, completed, verified, of the newest document."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from httpx2 import Response
from sqlmodel import col, select

from models.scope import EVERYTHING
from models.tables import Plan
from tests.api.routes.planned import Locked, finnmark, finnmark_plan, locked, parties
from tests.api.routes.said import problem
from tests.api.routes.test_plans import queued
from tests.api.served import Person, Served


@pytest.fixture
def round_(served: Served) -> Locked:
    return locked(served, finnmark())


def publish(person: Person, plan: str, tag: str | None = '"1"', **more: Any) -> Response:
    return person.post(f"/v1/plans/{plan}/publish", tag=tag, **more)


def test_a_published_plan_is_seen_by_every_party(served: Served, round_: Locked) -> None:
    plan = round_.plan(finnmark_plan())
    assert [p.get(f"/v1/plans/{plan}").status_code for p in parties(served)] == [404] * 3
    served.clock.forward(days=1)
    answer = publish(served.planner, plan)
    assert answer.status_code == 200
    assert answer.json()["published_at"] == "2026-11-23T09:00:00Z"
    assert answer.headers["etag"] == '"2"'
    assert [p.get(f"/v1/plans/{plan}").status_code for p in parties(served)] == [200] * 3
    with served.database.reading(EVERYTHING) as session:
        assert str(session.get_one(Plan, plan).published_by).startswith("rotations-local|")


def test_publishing_needs_the_state_that_was_read(served: Served, round_: Locked) -> None:
    plan = round_.plan(finnmark_plan())
    assert problem(publish(served.planner, plan, None)) == (428, "precondition-required")
    assert problem(publish(served.planner, plan, '"2"')) == (412, "stale")


def test_publishing_again_with_the_same_key_is_answered_again(
    served: Served, round_: Locked
) -> None:
    plan = round_.plan(finnmark_plan())
    first = publish(served.planner, plan, key="k")
    round_.refreeze()
    again = publish(served.planner, plan, key="k")
    assert (first.status_code, first.content) == (again.status_code, again.content)


def test_publishing_asks_why_and_nobody_waits_for_that(served: Served, round_: Locked) -> None:
    plan = round_.plan(finnmark_plan())
    before = [*queued(served)]
    assert publish(served.planner, plan).status_code == 200
    study = served.planner.get(f"/v1/plans/{plan}/explanations").json()["study"]["id"]
    assert (queued(served), queued(served, later=True)) == (before, [study])


def test_only_a_completed_plan_is_published(served: Served, round_: Locked) -> None:
    others: list[dict[str, Any]] = [
        {"state": "queued"},
        {"state": "running", "lease": "t"},
        {"state": "failed", "failure": "out-of-time"},
        {"state": "cancelled"},
    ]
    for row in others:
        refused = publish(served.planner, round_.plan(**row))
        assert problem(refused) == (409, "plan-not-completed")


def test_a_plan_of_an_older_document_is_not_published(served: Served, round_: Locked) -> None:
    plan = round_.plan(finnmark_plan())
    newer = round_.refreeze()
    assert problem(publish(served.planner, plan)) == (409, "plan-outdated")
    new = round_.plan(finnmark_plan(), snapshot=newer)
    assert publish(served.planner, new).status_code == 200


def test_a_plan_that_the_verifier_denies_is_not_published(served: Served, round_: Locked) -> None:
    content = finnmark_plan().document | {"placements": []}
    plan = round_.plan(finnmark_plan(), content=json.dumps(content))
    assert problem(publish(served.planner, plan)) == (409, "plan-unverified")
    assert served.planner.get(f"/v1/plans/{plan}").json()["published_at"] is None


def test_a_round_has_one_published_plan(served: Served, round_: Locked) -> None:
    first, second = (round_.plan(finnmark_plan()) for _ in range(2))
    assert publish(served.planner, first).status_code == 200
    for plan, tag in ((first, '"2"'), (second, '"1"')):
        assert problem(publish(served.planner, plan, tag)) == (409, "plan-published")


def test_of_many_who_publish_at_once_one_does(served: Served, round_: Locked) -> None:
    planner = served.planner
    plans = [round_.plan(finnmark_plan()) for _ in range(4)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: publish(planner, plans[n % 4]), range(8)))
    assert sorted(a.status_code for a in answers) == [200] + [409] * 7
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"plan-published"}
    with served.database.reading(EVERYTHING) as session:
        published = select(Plan.id).where(col(Plan.published_at).is_not(None))
        assert len(session.exec(published).all()) == 1


def test_a_plan_of_a_round_that_was_opened_again_is_outdated(
    served: Served, round_: Locked
) -> None:
    plan = round_.plan(finnmark_plan())
    round_.unlock("open")
    assert served.planner.get(f"/v1/plans/{plan}").json()["outdated"] is True
    assert problem(publish(served.planner, plan)) == (409, "plan-outdated")


def test_a_plan_from_before_a_round_was_opened_again_gives_way(
    served: Served, round_: Locked
) -> None:
    old = round_.plan(finnmark_plan(), published=True)
    new = round_.plan(finnmark_plan(), snapshot=round_.refreeze())
    assert [p.get(f"/v1/plans/{old}").status_code for p in parties(served)] == [200] * 3
    assert publish(served.planner, new).status_code == 200
    assert served.planner.get(f"/v1/plans/{old}").json()["published_at"] is None
    for plan, status in ((old, 404), (new, 200)):
        assert [p.get(f"/v1/plans/{plan}").status_code for p in parties(served)] == [status] * 3
