"""Plans over HTTP: asked for, listed, shown, cancelled, published."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from data.sentences import LANGUAGES
from models.scope import EVERYTHING
from models.store.solves import begin
from models.store.workers import enter
from models.tables import Plan, PlanEvent
from tests.api.routes.planned import Locked, finnmark, finnmark_plan, locked, parties
from tests.api.routes.said import MISSING, alike, faults, problem
from tests.api.served import BERGEN, NOW, TROMS, Served, Waiting

STAFF_ONLY = ("attempt", "progress", "incidents", "failure", "hash")


@pytest.fixture
def round_(served: Served) -> Locked:
    return locked(served, finnmark())


def queued(served: Served, *, later: bool = False) -> list[str]:
    jobs = served.service.jobs
    assert isinstance(jobs, Waiting)
    return jobs.later if later else jobs.plans


def rows(served: Served) -> int:
    with served.database.reading(EVERYTHING) as session:
        return len(session.exec(select(col(Plan.id))).all())


# Asked for


def test_a_plan_is_asked_for_and_handed_to_the_workers(served: Served, round_: Locked) -> None:
    answer = served.planner.post(round_.address, json={"seconds": 20})
    said = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/v1/plans/{said['id']}"
    assert int(answer.headers["retry-after"]) > 0
    assert (said["state"], said["origin"], said["seconds"]) == ("queued", "solver", 20)
    assert (said["snapshot"], said["outdated"], said["status"]) == (1, False, None)
    assert queued(served) == [said["id"]]
    assert served.planner.get(answer.headers["location"]).json() == said


def test_nothing_need_be_said_of_how(served: Served, round_: Locked) -> None:
    sent: list[dict[str, Any]] = [{}, {"json": {}}, {"json": {"seconds": None}}]
    answers = [served.planner.post(round_.address, **body) for body in sent]
    assert [(a.status_code, a.json()["seconds"]) for a in answers] == [(202, None)] * 3


def test_a_limit_is_a_whole_number_that_the_service_allows(served: Served, round_: Locked) -> None:
    refused: list[tuple[dict[str, Any], tuple[str, str]]] = [
        ({"seconds": 0}, ("out-of-range", "/seconds")),
        ({"seconds": 301}, ("at-most", "/seconds")),
        ({"seconds": 100_000}, ("out-of-range", "/seconds")),
        ({"seconds": 1.5}, ("not-whole-number", "/seconds")),
        ({"seconds": True}, ("not-whole-number", "/seconds")),
        ({"limit": 5}, ("unknown-key", "/limit")),
    ]
    for body, said in refused:
        answer = served.planner.post(round_.address, json=body)
        assert (answer.status_code, faults(answer)) == (422, [said])
    assert rows(served) == 0


def test_only_a_locked_round_is_planned(served: Served, round_: Locked) -> None:
    round_.unlock("open")
    by_solver = served.planner.post(round_.address)
    handed_in = served.planner.post(f"{round_.address}/hand", json=by_hand(round_))
    assert problem(by_solver) == problem(handed_in) == (409, "round-not-locked")


def by_hand(round_: Locked) -> dict[str, Any]:
    return {"format": "rotations/plan@1", "round": round_.round.id, "placements": []}


def test_a_round_has_few_unfinished_plans(served: Served, round_: Locked) -> None:
    made = [served.planner.post(round_.address) for _ in range(3)]
    assert {answer.status_code for answer in made} == {202}
    refused = served.planner.post(round_.address)
    assert problem(refused) == (409, "plans-unfinished")
    assert refused.json()["unfinished"] == 3
    served.planner.post(f"/v1/plans/{made[0].json()['id']}/cancel")
    assert served.planner.post(round_.address).status_code == 202


def test_of_many_who_ask_at_once_three_are_heard(served: Served, round_: Locked) -> None:
    planner = served.planner
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: planner.post(round_.address), range(12)))
    assert sorted(a.status_code for a in answers) == [202] * 3 + [409] * 9
    assert len(queued(served)) == rows(served) == 3


def test_a_repeated_request_asks_once(served: Served, round_: Locked) -> None:
    first, again = (served.planner.post(round_.address, json={}, key="k") for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.headers["location"] == again.headers["location"]
    assert rows(served) == 1


def test_a_plan_is_of_the_newest_document(served: Served, round_: Locked) -> None:
    first = served.planner.post(round_.address).json()
    round_.refreeze()
    second = served.planner.post(round_.address).json()
    assert (first["snapshot"], second["snapshot"]) == (1, 2)
    shown = [served.planner.get(f"/v1/plans/{p['id']}").json() for p in (first, second)]
    assert [plan["outdated"] for plan in shown] == [True, False]


# Shown


def test_the_plans_of_a_round_are_listed_in_pages(served: Served, round_: Locked) -> None:
    made = {round_.plan(finnmark_plan()) for _ in range(3)}
    other = locked(served, finnmark().replace(id="other"))
    other.plan(finnmark_plan())
    page = served.planner.get(round_.address, params={"limit": 2}).json()
    rest = served.planner.get(round_.address, params={"cursor": page["next"]}).json()
    assert [len(page["items"]), len(rest["items"]), rest["next"]] == [2, 1, None]
    assert {plan["id"] for plan in page["items"] + rest["items"]} == made


def test_staff_see_what_became_of_a_plan(served: Served, round_: Locked) -> None:
    done = round_.plan(finnmark_plan(), incidents=2)
    said = served.as_("auditor").get(f"/v1/plans/{done}").json()
    assert said["hash"] == finnmark_plan().hash
    assert (said["status"], said["incidents"], said["attempt"]) == ("optimal", 2, 1)
    assert (said["requested_at"], said["ended_at"]) == (
        "2026-11-22T09:00:00Z",
        "2026-11-22T09:00:08Z",
    )


def test_a_plan_in_work_says_where_it_stands(served: Served, round_: Locked) -> None:
    progress = {"tier": "wish", "level": 2, "value": 4, "bound": 3} | {
        "seconds": 1.25,
        "position": 11,
        "of": 16,
    }
    plan = round_.plan(state="running", lease="t", attempt=1, progress=progress)
    answer = served.planner.get(f"/v1/plans/{plan}")
    assert answer.json()["progress"] == progress
    assert answer.headers["etag"] == '"1"'


FAILURES: list[tuple[str, dict[str, Any]]] = [
    ("refused", {"conflicts": []}),
    ("invalid-round", {"faults": []}),
    ("unverified", {"codes": ["PRIORITY"]}),
    ("out-of-memory", {"mebibytes": 512}),
    ("out-of-time", {"seconds": 600.0}),
    ("solver-died", {"attempts": 3, "exit_code": -9}),
    ("too-many-attempts", {"attempts": 3}),
    ("lost", {"attempts": 1}),
]


def test_a_failure_is_told_in_words(served: Served, round_: Locked) -> None:
    said = set()
    for code, figures in FAILURES:
        plan = round_.plan(state="failed", failure=code, figures=figures)
        for language in LANGUAGES:
            headers = {"Accept-Language": language}
            failure = served.planner.get(f"/v1/plans/{plan}", headers=headers).json()["failure"]
            assert (failure["code"], failure["figures"]) == (code, figures)
            said.add(failure["sentence"])
    assert len(said) == len(LANGUAGES) * len(FAILURES)
    assert not [sentence for sentence in said if "{" in sentence or len(sentence) < 20]


def test_a_contradiction_is_told_by_name(served: Served, round_: Locked) -> None:
    conflict = {
        "rule": "POSITIONS",
        "subject": "w1",
        "candidates": ["5601-c1", "5603-c1"],
        "figures": {"day": "2027-08-01", "active": 2, "limit": 1},
    }
    plan = round_.plan(state="failed", failure="refused", figures={"conflicts": [conflict]})
    said = served.planner.get(f"/v1/plans/{plan}").json()["failure"]["sentence"]
    assert all(name in said for name in ("w1", "5601-c1", "5603-c1"))


def test_who_is_no_staff_sees_published_plans_alone(served: Served, round_: Locked) -> None:
    hidden, shown = round_.plan(finnmark_plan()), round_.plan(finnmark_plan(), published=True)
    for person in parties(served):
        listed = person.get(round_.address).json()["items"]
        assert [plan["id"] for plan in listed] == [shown]
        assert all(listed[0][name] is None for name in STAFF_ONLY)
        assert listed[0] == person.get(f"/v1/plans/{shown}").json()
        assert problem(person.get(f"/v1/plans/{hidden}")) == (404, "not-found")


def test_anothers_plan_and_a_missing_one_are_alike(served: Served, round_: Locked) -> None:
    plan = round_.plan(finnmark_plan(), published=True)
    strangers = [
        served.as_("planner", TROMS),
        served.as_("auditor", BERGEN),
        served.coordinator("4601", BERGEN),
        served.as_("unit_leader", BERGEN, unit="haukeland-medisin"),
        served.as_("candidate", municipality="4601", candidate="5601-c2"),
    ]
    views = ("", "/document", "/verification", "/outcomes", "/figures", "/events")
    files = ("/export.xlsx", "/export.csv", "/export.ics")
    for person in strangers:
        for view in (*views, *files):
            theirs = person.get(f"/v1/plans/{plan}{view}")
            assert theirs.status_code in (403, 404)
            assert alike(theirs, person.get(f"/v1/plans/{MISSING}{view}"))
        for act in ("cancel", "publish"):
            theirs = person.post(f"/v1/plans/{plan}/{act}", tag='"1"')
            assert alike(theirs, person.post(f"/v1/plans/{MISSING}/{act}", tag='"1"'))
        assert alike(person.get(round_.address), person.get(f"/v1/rounds/{MISSING}/plans"))
        for way in ("", "/hand"):
            sent = {"json": by_hand(round_)} if way else {}
            theirs = person.post(f"{round_.address}{way}", **sent)
            assert alike(theirs, person.post(f"/v1/rounds/{MISSING}/plans{way}", **sent))


def test_only_planners_plan(served: Served, round_: Locked) -> None:
    plan = round_.plan(finnmark_plan())
    roles = ("approver", "auditor", "regional_reader", "administrator")
    for somebody in (served.coordinator(), *map(served.as_, roles)):
        tries = [
            somebody.post(round_.address),
            somebody.post(f"{round_.address}/hand", json=by_hand(round_)),
            somebody.post(f"/v1/plans/{plan}/cancel"),
            somebody.post(f"/v1/plans/{plan}/publish", tag='"1"'),
        ]
        assert {problem(answer) for answer in tries} == {(403, "forbidden")}


# Cancelled


def test_a_plan_that_waits_is_cancelled(served: Served, round_: Locked) -> None:
    plan = served.planner.post(round_.address).json()["id"]
    answers = [served.planner.post(f"/v1/plans/{plan}/cancel") for _ in range(2)]
    assert [(a.status_code, a.json()["state"]) for a in answers] == [(200, "cancelled")] * 2
    assert answers[0].json() == answers[1].json()


def test_a_plan_in_work_is_asked_to_stop_once(served: Served, round_: Locked) -> None:
    plan = served.planner.post(round_.address).json()["id"]
    with served.database.writing(EVERYTHING) as session:
        enter(session, "worker", NOW)
        session.flush()
        assert begin(session, plan, "worker", attempts=3, now=NOW) is not None
    first = served.planner.post(f"/v1/plans/{plan}/cancel")
    served.clock.forward(seconds=5)
    again = served.planner.post(f"/v1/plans/{plan}/cancel")
    assert (first.status_code, first.json()["state"]) == (202, "running")
    assert first.json() == again.json()
    assert first.json()["stop_requested_at"] == "2026-11-22T09:00:00Z"


def test_what_has_ended_cannot_be_stopped(served: Served, round_: Locked) -> None:
    failed: dict[str, Any] = {"state": "failed", "failure": "out-of-memory"}
    for plan in (round_.plan(finnmark_plan()), round_.plan(**failed)):
        assert problem(served.planner.post(f"/v1/plans/{plan}/cancel")) == (409, "plan-ended")


def test_a_plan_asked_for_tells_of_its_state(served: Served, round_: Locked) -> None:
    plan = served.planner.post(round_.address).json()["id"]
    served.clock.forward(seconds=1)
    served.planner.post(f"/v1/plans/{plan}/cancel")
    with served.database.reading(EVERYTHING) as session:
        told = session.exec(select(PlanEvent).order_by(col(PlanEvent.number))).all()
        assert [event.data["state"] for event in told] == ["queued", "cancelled"]
        assert told[1].told_at - told[0].told_at == timedelta(seconds=1)
