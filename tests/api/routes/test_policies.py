"""Policies: versioned, dated, never changed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from data.forms.drafts import Draft, checked
from models.scope import EVERYTHING
from models.tables import Policy
from scheduler.domain import TIERS
from tests.api.routes.planted import plant_round
from tests.api.routes.said import MISSING, NOBODYS, alike, faults, problem
from tests.api.served import BERGEN, FINNMARK, NORTH, TROMS, Served

FORM: dict[str, Any] = {
    "organisation": FINNMARK,
    "valid_from": "2027-01-01",
    "name": "finnmark",
    "version": 1,
    "lead": {
        "minimum_months": 6,
        "target_months": 9,
        "counts_from": "decision",
        "by_trust": {"unn": {"minimum_months": 12}},
    },
    "start_days": [1, 15],
    "round_every_months": 3,
    "tiers": list(TIERS),
    "lottery_seed": "2027-Q1",
}


def make(served: Served, **change: Any) -> str:
    made = served.planner.post("/v1/policies", json=FORM | change)
    assert made.status_code == 201, made.text
    return str(made.headers["location"])


def test_a_policy_is_answered_in_the_words_of_a_round(served: Served) -> None:
    address = make(served)
    answer = served.as_("planner", BERGEN).get(address)
    said = answer.json()
    assert said == FORM | {
        "id": address.rpartition("/")[2],
        "priority": "strict",
        "lead": FORM["lead"] | {"by_trust": {"unn": {"minimum_months": 12, "target_months": None}}},
        "made_at": "2026-11-22T09:00:00Z",
        "parts": None,
    }
    assert answer.headers["etag"] == f'"{said["id"]}"'


def test_what_is_kept_is_the_policy_of_a_round_document(served: Served) -> None:
    address = make(served)
    with served.database.reading(EVERYTHING) as session:
        row = session.get_one(Policy, address.rpartition("/")[2])
        policy = row.content | {"name": row.name, "version": row.version}
    head = {"id": "r", "decision_date": "2027-01-15"}
    document = {"format": "rotations/round@1", "round": head, "policy": policy}
    assert checked(Draft(document)).policy.lead.minimum("unn") == 12


def test_every_fault_of_a_policy_is_told_at_once(served: Served) -> None:
    change = {
        "start_days": [1, 32, 1],
        "tiers": ["placed", "placed"],
        "round_every_months": 0,
        "priority": "loose",
        "organisation": 1,
        "lead": {"minimum_months": 6, "target_months": 9},
    }
    assert faults(served.planner.post("/v1/policies", json=FORM | change)) == [
        ("missing", "/lead/counts_from"),
        ("not-text", "/organisation"),
        ("not-one-of", "/priority"),
        ("out-of-range", "/round_every_months"),
        ("out-of-range", "/start_days/1"),
        ("repeated", "/tiers"),
    ]


def test_a_policy_is_ones_own_or_a_trusts_of_ones_region(served: Served) -> None:
    region = served.as_("planner", NORTH)
    for organisation in (NORTH, TROMS):
        form = FORM | {"organisation": organisation}
        assert region.post("/v1/policies", json=form).status_code == 201
    for organisation in (NORTH, BERGEN, NOBODYS):
        refused = served.planner.post("/v1/policies", json=FORM | {"organisation": organisation})
        assert faults(refused) == [("not-known", "/organisation")]


def test_a_version_follows_on_the_last_one_of_its_name(served: Served) -> None:
    make(served, version=3)
    for version in (0, 2, 3):
        refused = served.planner.post("/v1/policies", json=FORM | {"version": version})
        assert faults(refused) == [("more-than", "/version")]
        assert refused.json()["faults"][0]["figures"] == {"minimum": 3}
    make(served, version=4)
    make(served, version=0, name="another")
    region = served.as_("planner", NORTH)
    assert region.post("/v1/policies", json=FORM | {"organisation": TROMS}).status_code == 201


def test_of_many_who_make_the_same_version_one_does(served: Served) -> None:
    planner, at_once = served.planner, Barrier(6)

    def post(version: int) -> int:
        at_once.wait()
        form = FORM | {"version": version}
        return planner.post("/v1/policies", json=form).status_code

    with ThreadPoolExecutor(6) as threads:
        for version in range(5):
            assert sorted(threads.map(post, [version] * 6)) == [201, *[422] * 5]
    assert len(planner.get("/v1/policies").json()["items"]) == 5


def test_policies_are_listed_by_organisation(served: Served) -> None:
    own = {make(served, version=version).rpartition("/")[2] for version in (1, 2)}
    region = served.as_("planner", NORTH)
    other = region.post("/v1/policies", json=FORM | {"organisation": NORTH}).json()["id"]

    def listed(**asked: str) -> set[str]:
        items = served.coordinator().get("/v1/policies", params=asked).json()["items"]
        return {item["id"] for item in items}

    assert listed() == own | {other}
    assert listed(organisation=FINNMARK) == own
    assert listed(organisation=BERGEN) == set()


def test_a_policy_is_removed_while_no_round_goes_by_it(served: Served) -> None:
    used, unused = make(served), make(served, version=2)
    with served.database.writing(EVERYTHING) as session:  # a round that the planner cannot see
        plant_round(session, organisation=NORTH, state="draft", policy=used.rpartition("/")[2])
    assert problem(served.planner.delete(used)) == (409, "in-use")
    assert served.planner.get(used).status_code == 200
    assert served.planner.delete(unused, key="k-1").status_code == 204
    assert served.planner.delete(unused, key="k-1").status_code == 204
    assert problem(served.planner.get(unused)) == (404, "not-found")


def test_anothers_policy_stays_and_is_like_none(served: Served) -> None:
    address = make(served)
    bergen = served.as_("planner", BERGEN)
    refused = bergen.delete(address)
    assert problem(refused) == (404, "not-found")
    assert alike(refused, bergen.delete(f"/v1/policies/{MISSING}"))
    assert served.planner.get(address).status_code == 200


def test_a_policy_is_never_changed(served: Served) -> None:
    address = make(served)
    assert problem(served.planner.put(address, json=FORM, new=True)) == (405, "method-not-allowed")
