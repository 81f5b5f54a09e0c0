"""What a plan says to those who may see all of it: bytes, verdict, outcomes, differences, files."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from data.documents import read_plan, write_plan
from data.forms.plan_records import plan_record
from data.sentences import LANGUAGES
from data.wording import Wording
from scheduler.accounts import accounts
from scheduler.plans import Plan, Status
from scheduler.rules import RULES
from tests.api.routes.planned import Locked, finnmark, finnmark_plan, locked
from tests.api.routes.said import MISSING, faults, problem
from tests.api.served import Person, Served
from tests.builders import plan_of


@pytest.fixture
def round_(embedded: Served) -> Locked:
    return locked(embedded, finnmark())


@pytest.fixture
def plan(round_: Locked) -> str:
    return round_.plan(finnmark_plan())


def get(person: Person, plan: str, view: str, language: str = "nb", **params: Any) -> Any:
    answer = person.get(
        f"/v1/plans/{plan}/{view}", headers={"Accept-Language": language}, params=params
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def less_one(plan: Plan, candidate: str) -> Plan:
    """Return the plan with one placement fewer, as a search might have left it when stopped."""
    placements = tuple(p for p in plan.placements if p.candidate != candidate)
    unplaced, passed_over = accounts(finnmark(), placements, 0, decided=False)
    return replace(
        plan,
        status=Status.FEASIBLE,
        placements=placements,
        unplaced=unplaced,
        passed_over=passed_over,
        tiers=tuple(
            replace(t, proven=False, value=t.value - (t.tier == "placed")) for t in plan.tiers
        ),
    )


# The document


def test_a_plan_is_the_same_on_either_database(served: Served) -> None:
    plan = locked(served, finnmark()).plan(finnmark_plan())
    assert served.planner.get(f"/v1/plans/{plan}/document").content == write_plan(finnmark_plan())
    assert get(served.planner, plan, "verification")["as_stored"] is True
    assert len(get(served.planner, plan, "outcomes", limit=200)["items"]) == 18


def test_the_document_is_what_was_stored_byte_for_byte(embedded: Served, plan: str) -> None:
    answer = embedded.as_("approver").get(f"/v1/plans/{plan}/document")
    assert answer.content == write_plan(finnmark_plan())
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["etag"] == f'"{finnmark_plan().hash}"'


def test_a_plan_read_and_written_is_the_same() -> None:
    for plan in (finnmark_plan(), less_one(finnmark_plan(), "5603-c2")):
        content = write_plan(plan)
        again = plan_record(read_plan(content))
        assert again == plan
        assert write_plan(again) == content


def test_a_plan_that_is_not_completed_says_nothing_yet(embedded: Served, round_: Locked) -> None:
    waiting = round_.plan()
    for view in ("document", "verification", "outcomes", "figures", "export.xlsx"):
        refused = embedded.planner.get(f"/v1/plans/{waiting}/{view}")
        assert problem(refused) == (409, "plan-not-completed")


# The verdict


def test_the_verdict_is_made_of_the_stored_bytes(embedded: Served, plan: str) -> None:
    said = get(embedded.planner, plan, "verification")
    assert (said["verified"], said["broken"], said["as_stored"]) == (True, [], True)
    assert said["rules"] == [rule.name for rule in RULES]
    values = [(t["tier"], t["level"], t["value"]) for t in said["tiers"]]
    assert values == [(t.tier, t.level, t.value) for t in finnmark_plan().tiers]
    assert (said["round_hash"], said["plan_hash"]) == (finnmark().hash, finnmark_plan().hash)


def test_whoever_changed_the_stored_bytes_is_found_out(embedded: Served, round_: Locked) -> None:
    document = json.loads(write_plan(finnmark_plan()))
    document["placements"][0]["start"] = "2027-11-15"
    plan = round_.plan(finnmark_plan(), content=json.dumps(document))
    said = get(embedded.planner, plan, "verification", "en")
    assert (said["verified"], said["as_stored"]) == (False, False)
    broken = {broken["rule"] for broken in said["broken"]}
    assert {"CLAIM", "FIT"} <= broken
    assert all(broken["sentence"].endswith(".") for broken in said["broken"])


# Outcomes


def test_staff_see_everybody_with_every_reason(embedded: Served, plan: str) -> None:
    said = get(embedded.planner, plan, "outcomes", limit=200)
    assert [item["candidate"] for item in said["items"]] == sorted(finnmark().candidate)
    by_id = {item["candidate"]: item for item in said["items"]}
    assert by_id["5601-c2"] == {
        "candidate": "5601-c2",
        "municipality": "5601",
        "placement": {
            "window": "hammerfest-medisin-1",
            "unit": "hammerfest-medisin",
            "start": "2027-08-01",
            "end": "2028-02-01",
            "then": None,
            "class": 1,
            "accepted": False,
        },
        "reasons": [],
    }
    assert by_id["5624-c1"]["placement"]["accepted"] is True
    assert by_id["5612-c1"]["placement"] is None
    held = by_id["5612-c1"]["reasons"][0]
    assert (held["code"], held["wish"], held["figures"]["others"]) == ("HELD", 1, 1)


def test_reasons_are_worded_in_the_reader_s_language(embedded: Served, plan: str) -> None:
    known = [
        embedded.planner.get(f"/v1/{kind}").json()["items"] for kind in ("organisations", "sites")
    ]
    places = {each.get("trust", each.get("id")): each["name"] for items in known for each in items}
    for language in LANGUAGES:
        words = Wording(finnmark(), language, places)
        items = get(embedded.planner, plan, "outcomes", language, limit=200)["items"]
        told = [reason["sentence"] for item in items for reason in item["reasons"]]
        assert any("Finnmarkssykehuset HF" in each for each in told), "a trust goes by its name"
        every = (*finnmark_plan().unplaced, *finnmark_plan().passed_over)
        worded = {words.placed_reason(r) for account in every for r in account.reasons}
        assert set(told) == worded


def test_outcomes_come_in_pages(embedded: Served, plan: str) -> None:
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = get(embedded.planner, plan, "outcomes", limit=7, **cursor)
        seen += [item["candidate"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == sorted(finnmark().candidate)
    for wrong in ("x", "LTE", "YQ", "A" * 401):
        answer = embedded.planner.get(f"/v1/plans/{plan}/outcomes", params={"cursor": wrong})
        assert answer.status_code == 422
        assert [place for _, place in faults(answer)] == ["/query/cursor"]


# Counts


def test_staff_get_every_count(embedded: Served, plan: str) -> None:
    said = get(embedded.planner, plan, "figures")
    placed = finnmark_plan().placements
    assert (said["candidates"], said["placed"], said["unplaced"]) == (18, len(placed), 8)
    classes = {(c["first"], c["last"]): c["placed"] for c in said["classes"]}
    assert classes == {
        (k, k): sum(p.wish_class == k for p in placed) for k in {p.wish_class for p in placed}
    }
    months = {(s["first"], s["last"]): s["placed"] for s in said["starts"]}
    expected = {f"{p.start:%Y-%m}" for p in placed}
    assert months == {(m, m): sum(f"{p.start:%Y-%m}" == m for p in placed) for m in expected}


# Differences


def test_two_plans_are_compared_person_by_person(
    embedded: Served, round_: Locked, plan: str
) -> None:
    other = round_.plan(less_one(finnmark_plan(), "5607-c1"))
    said = get(embedded.planner, plan, "diff", against=other)
    [change] = said["changes"]
    assert (change["candidate"], change["before"]) == ("5607-c1", None)
    assert (change["after"]["unit"], change["after"]["class"]) == ("hammerfest-kirurgi-ortopedi", 1)
    tiers = {(t["tier"], t["level"]): (t["before"], t["after"]) for t in said["tiers"]}
    assert len(tiers) == len(finnmark_plan().tiers)
    assert tiers["placed", None] == (8, 9)
    back = get(embedded.planner, other, "diff", against=plan)["changes"]
    assert back == [change | {"before": change["after"], "after": None}]


def test_a_plan_does_not_differ_from_itself(embedded: Served, plan: str) -> None:
    assert get(embedded.planner, plan, "diff", against=plan)["changes"] == []


def test_plans_of_two_rounds_can_be_compared(embedded: Served, plan: str) -> None:
    tiers = ("placed", "lottery")
    policy = replace(finnmark().policy, tiers=tiers)
    before = finnmark().replace(id="before", policy=policy)
    older = locked(embedded, before).plan(plan_of(json.loads(json.dumps(before.document))))
    said = get(embedded.planner, plan, "diff", against=older)
    assert {(t["tier"], t["level"]) for t in said["tiers"] if t["before"] is None} == {
        (t.tier, t.level) for t in finnmark_plan().tiers if t.tier not in tiers
    }
    assert {change["candidate"] for change in said["changes"]} <= finnmark().candidate.keys()


def test_the_plan_to_compare_with_must_be_known(
    embedded: Served, round_: Locked, plan: str
) -> None:
    for against in (MISSING, "x"):
        answer = embedded.planner.get(f"/v1/plans/{plan}/diff", params={"against": against})
        assert [place for _, place in faults(answer)] == ["/query/against"]
    assert problem(
        embedded.planner.get(f"/v1/plans/{plan}/diff", params={"against": round_.plan()})
    ) == (409, "plan-not-completed")
