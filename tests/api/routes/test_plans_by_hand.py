"""Plans made by hand: every rule that is broken at once, and a whole document of what is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from httpx2 import Response

from api.handmade import whole_plan
from data.documents import read_plan, write_plan
from models.scope import EVERYTHING
from models.tables import Plan as PlanRow
from scheduler.errors import InvalidPlan
from scheduler.plans import Status
from scheduler.verify import verify_document
from tests.api.routes.planned import Locked, bare, finnmark, finnmark_plan, locked
from tests.api.routes.said import faults, problem
from tests.api.served import Served
from tests.builders import Doc

Bounds = list[tuple[str, int | None, int, int, bool]]


@pytest.fixture
def round_(served: Served) -> Locked:
    return locked(served, finnmark())


def hand_in(served: Served, round_: Locked, document: Doc, **more: Any) -> Response:
    return served.planner.post(f"{round_.address}/hand", json=document, **more)


def test_a_plan_by_hand_is_kept_as_a_whole_document(served: Served, round_: Locked) -> None:
    answer = hand_in(served, round_, bare(finnmark_plan(), "5603-c2"))
    said = answer.json()
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    assert answer.headers["location"] == f"/v1/plans/{said['id']}"
    assert (said["origin"], said["state"], said["status"]) == ("hand", "completed", "feasible")
    content = served.planner.get(f"/v1/plans/{said['id']}/document").content
    document = read_plan(content)
    assert set(document) == set(finnmark_plan().document)
    assert verify_document(finnmark(), document).kept
    assert document["plan_hash"] == said["hash"]
    assert {a["candidate"] for a in document["unplaced"]} >= {"5603-c2"}
    assert all(account["reasons"] for account in document["unplaced"])


def test_a_plan_by_hand_is_published_like_any_other(served: Served, round_: Locked) -> None:
    made = hand_in(served, round_, bare(finnmark_plan(), "5603-c2"))
    place = made.headers["location"]
    approved = served.as_("approver").post(f"{place}/approve", tag=made.headers["etag"])
    tag = approved.headers["etag"]
    assert served.planner.post(f"{place}/publish", tag=tag).status_code == 200
    verdict = served.planner.get(f"{made.headers['location']}/verification").json()
    assert (verdict["verified"], verdict["as_stored"]) == (True, True)


def test_the_same_request_hands_in_one_plan(served: Served, round_: Locked) -> None:
    first, again = (hand_in(served, round_, bare(finnmark_plan()), key="k") for _ in range(2))
    assert first.content == again.content
    round_.unlock("open")
    assert hand_in(served, round_, bare(finnmark_plan()), key="k").content == first.content
    assert len(served.planner.get(round_.address).json()["items"]) == 1


def test_every_broken_rule_is_told_at_once(served: Served, round_: Locked) -> None:
    document = bare(finnmark_plan())
    placements = document["placements"]
    moved = next(p for p in placements if p["candidate"] == "5605-c1")
    moved["start"] = "2027-09-02"
    placements += [
        {"candidate": "5605-c2", "window": "kirkenes-kirurgi-1", "start": "2027-09-01"},
        {"candidate": "5618-c1", "window": "hammerfest-kvinne-barn-1", "start": "2027-09-01"},
    ]
    del placements[[p["candidate"] for p in placements].index("5624-c1")]
    answer = hand_in(served, round_, document, headers={"Accept-Language": "en"})
    assert problem(answer) == (422, "invalid")
    told = faults(answer)
    broken = verify_document(finnmark(), document).broken
    assert len(told) == answer.json()["faults_total"] == len(broken)
    by_code = dict(told)
    position = {p["candidate"]: n for n, p in enumerate(placements)}
    assert by_code["FIT"] == f"/placements/{position['5605-c1']}"
    assert by_code["SUPERVISOR"] == f"/placements/{position['5618-c1']}"
    assert by_code["AWAY"] == by_code["ACCEPTED"] == "/placements"
    away = next(f for f in answer.json()["faults"] if f["code"] == "AWAY")
    assert away["figures"]["subjects"] == ["5605", "5605-c1", "5605-c2"]
    assert away["sentence"].startswith("A municipality never has more candidates away")


def test_ids_that_the_round_does_not_know_are_not_known(served: Served, round_: Locked) -> None:
    document = bare(finnmark_plan())
    document["placements"] += [
        {"candidate": "5601-c9", "window": "hammerfest-medisin-1", "start": "2027-09-01"},
        {"candidate": "5601-c3", "window": "w", "start": "2027-09-01"},
    ]
    answer = hand_in(served, round_, document)
    count = len(finnmark_plan().placements)
    assert faults(answer) == [
        ("not-known", f"/placements/{count}/candidate"),
        ("not-known", f"/placements/{count + 1}/window"),
    ]
    assert "5601-c9" not in answer.text


def test_faults_of_form_come_first_and_all_at_once(served: Served, round_: Locked) -> None:
    document = {
        "format": "rotations/plan@2",
        "placements": [{"candidate": 7, "window": "w", "start": "1. august", "seat": 1}],
    }
    assert faults(hand_in(served, round_, document)) == [
        ("not-one-of", "/format"),
        ("not-text", "/placements/0/candidate"),
        ("unknown-key", "/placements/0/seat"),
        ("not-date", "/placements/0/start"),
        ("missing", "/round"),
    ]


@pytest.mark.parametrize(
    ("claim", "place"),
    [
        ({"round": "another"}, "/round"),
        ({"round_hash": "sha256:" + "0" * 64}, "/round_hash"),
        ({"plan_hash": "sha256:" + "0" * 64}, "/plan_hash"),
        ({"unplaced": []}, "/unplaced"),
        ({"status": "optimal"}, "/status"),
    ],
)
def test_a_claim_that_is_not_true_is_a_fault(claim: Doc, place: str) -> None:
    with pytest.raises(InvalidPlan) as refused:
        whole_plan(finnmark(), bare(finnmark_plan()) | claim, None)
    assert [(f.code, "/" + "/".join(map(str, f.place))) for f in refused.value.faults] == [
        ("CLAIM", place)
    ]


def test_a_solver_s_own_plan_handed_in_is_not_believed_to_be_proven(
    served: Served, round_: Locked
) -> None:
    answer = hand_in(served, round_, json.loads(write_plan(finnmark_plan())))
    assert (answer.status_code, answer.json()["status"]) == (201, "feasible")
    stored = served.planner.get(f"{answer.headers['location']}/document").json()
    assert not [tier for tier in stored["tiers"] if tier["proven"] and tier["tier"] == "placed"]


def test_the_newest_snapshot_is_what_counts(served: Served, round_: Locked) -> None:
    released = next(w for w in finnmark().windows if w.id == "hammerfest-medisin-1")
    others = tuple(w for w in finnmark().windows if w is not released)
    shut = replace(released, positions=1, min_gp_months=900)
    round_.refreeze(finnmark().replace(windows=(*others, shut)))
    answer = hand_in(served, round_, bare(finnmark_plan()))
    assert [code for code, _ in faults(answer)] == ["EXPERIENCE"]


def test_bounds_come_from_the_plan_that_proves_most(served: Served, round_: Locked) -> None:
    stopped = replace(
        finnmark_plan(),
        status=Status.FEASIBLE,
        tiers=tuple(replace(t, proven=False) for t in finnmark_plan().tiers),
    )
    round_.plan(finnmark_plan())
    round_.plan(stopped)
    made = hand_in(served, round_, bare(finnmark_plan()))
    with served.database.reading(EVERYTHING) as session:
        row = session.get_one(PlanRow, made.json()["id"])
        tiers = json.loads(row.content or "")["tiers"]
    assert all(tier["proven"] for tier in tiers)
    assert [t["bound"] for t in tiers] == [t.bound for t in finnmark_plan().tiers]
