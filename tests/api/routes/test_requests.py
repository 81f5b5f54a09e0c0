"""Municipalities hand in their lists, all or nothing, and get a receipt."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256

from models.scope import EVERYTHING
from models.tables import Grant, Municipality
from tests.api.routes.collected import (
    DEADLINE,
    Collecting,
    at,
    candidate,
    drafted,
    list_of,
    opened,
    plant_supervisor,
)
from tests.api.routes.said import MISSING, alike, faults, problem
from tests.api.served import ALTA, BERGEN, BERGEN_TOWN, FINNMARK, VADSO, Served

LIST = list_of(candidate(f"{ALTA}-1", name="Kari Eksempel"), candidate(f"{ALTA}-2"))


def test_a_list_is_handed_in_replaced_and_receipted(served: Served) -> None:
    round_, coordinator = opened(served), served.coordinator()
    supervisor = plant_supervisor(served)
    first = coordinator.put(round_.requests(), json=LIST, new=True)
    assert (first.status_code, first.headers["etag"]) == (201, '"1"')
    receipt = first.json()
    assert {k: receipt[k] for k in ("round", "municipality", "number", "late")} == {
        "round": round_.id,
        "municipality": ALTA,
        "number": 1,
        "late": False,
    }
    shown = coordinator.get(round_.requests())
    assert (shown.headers["etag"], receipt["hash"]) == (
        '"1"',
        "sha256:" + sha256(shown.content).hexdigest(),
    )
    assert shown.json()["candidates"][0]["name"] == "Kari Eksempel"
    assert shown.json()["candidates"][0]["months_needed"] == 6
    again = coordinator.put(round_.requests(), json=shown.json(), tag='"1"')
    assert (again.status_code, again.headers["etag"]) == (200, '"2"')
    assert again.json()["hash"] == receipt["hash"]
    changed = list_of(candidate(f"{ALTA}-2", supervisor=supervisor))
    assert coordinator.put(round_.requests(), json=changed, tag='"2"').json()["number"] == 3

    receipts = coordinator.get(round_.requests() + "/receipts").json()["items"]
    assert [each["number"] for each in receipts] == [3, 2, 1]
    kept = served.planner.get(round_.requests() + "/receipts/1").json()
    assert sha256(kept["content"].encode()).hexdigest() == kept["hash"].removeprefix("sha256:")
    assert json.loads(kept["content"])["default_order"] == LIST["default_order"]
    assert (kept["late_reason"], kept["submitted_at"]) == (None, "2026-11-22T09:00:00Z")


def test_a_list_names_the_state_it_was_decided_on(served: Served) -> None:
    round_, coordinator = opened(served), served.coordinator()
    assert problem(coordinator.put(round_.requests(), json=LIST))[0] == 428
    assert problem(coordinator.put(round_.requests(), json=LIST, tag='"1"')) == (412, "stale")
    coordinator.put(round_.requests(), json=LIST, new=True)
    assert problem(coordinator.put(round_.requests(), json=LIST, new=True)) == (412, "stale")
    assert problem(coordinator.put(round_.requests(), json=LIST, tag='"2"')) == (412, "stale")


def test_a_repeated_list_is_answered_again_and_kept_once(served: Served) -> None:
    round_, coordinator = opened(served), served.coordinator()
    first = coordinator.put(round_.requests(), json=LIST, new=True, key="k-1")
    again = coordinator.put(round_.requests(), json=LIST, new=True, key="k-1")
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    assert len(coordinator.get(round_.requests() + "/receipts").json()["items"]) == 1


def test_of_two_who_replace_the_same_list_one_does(served: Served) -> None:
    round_, coordinator = opened(served), served.coordinator()
    coordinator.put(round_.requests(), json=LIST, new=True)

    def replace(number: int) -> int:
        list_ = list_of(candidate(f"{ALTA}-{number}"))
        return coordinator.put(round_.requests(), json=list_, tag='"1"').status_code

    with ThreadPoolExecutor(6) as threads:
        answers = sorted(threads.map(replace, range(6)))
    assert answers == [200] + [412] * 5
    assert coordinator.get(round_.requests()).headers["etag"] == '"2"'


def test_a_planner_hands_in_for_a_municipality_whose_supervisors_she_cannot_list(
    embedded: Served,
) -> None:
    with embedded.database.writing(EVERYTHING) as session:
        session.add(
            Municipality(number="5540", name="Storfjord", organisation=BERGEN, max_away=None)
        )
    round_ = opened(embedded, participants=["5540"])
    supervisor = plant_supervisor(embedded, "5540")
    listed = embedded.planner.get("/v1/supervisors", params={"municipality": "5540"})
    assert listed.json()["items"] == []
    list_ = list_of(candidate("5540-1", supervisor=supervisor))
    early = round_.hand_in(list_, "5540", embedded.planner)
    assert problem(early) == (409, "deadline-ahead")
    at(embedded, datetime(2026, 12, 15, 11, 0, 1, tzinfo=UTC))
    late = list_ | {"late_reason": "Kommuneoverlegen var syk"}
    assert round_.hand_in(late, "5540", embedded.planner).status_code == 201


def test_after_the_deadline_only_the_rounds_planner_hands_in_and_says_why(served: Served) -> None:
    round_ = opened(served)
    at(served, datetime(2026, 12, 15, 11, 0, tzinfo=UTC))
    coordinator, planner = served.coordinator(), served.planner
    assert coordinator.put(round_.requests(), json=LIST, new=True).status_code == 201
    served.clock.forward(seconds=1)
    late = coordinator.put(round_.requests(), json=LIST, tag='"1"')
    assert problem(late) == (409, "deadline-passed")
    assert late.json()["deadline"] == DEADLINE
    assert problem(round_.dry_run(LIST)) == (409, "deadline-passed")
    assert faults(planner.put(round_.requests(), json=LIST, tag='"1"')) == [
        ("missing", "/late_reason")
    ]
    reasoned = LIST | {"late_reason": "Kommuneoverlegen var syk"}
    taken = planner.put(round_.requests(), json=reasoned, tag='"1"')
    assert (taken.status_code, taken.json()["late"]) == (200, True)
    kept = coordinator.get(round_.requests() + "/receipts/2").json()
    assert kept["late_reason"] == "Kommuneoverlegen var syk"
    assert "Kommuneoverlegen" not in kept["content"]
    elsewhere = served.as_("planner", BERGEN)
    assert problem(elsewhere.put(round_.requests(), json=reasoned, tag='"2"'))[0] == 404


def test_a_list_is_taken_while_the_round_is_open(served: Served) -> None:
    round_ = drafted(served)
    assert problem(round_.hand_in(LIST)) == (404, "not-found")
    assert problem(round_.dry_run(LIST)) == (404, "not-found")
    receipts = served.coordinator().get(round_.requests() + "/receipts")
    assert problem(receipts) == (404, "not-found")
    assert problem(round_.hand_in(LIST, who=served.planner)) == (409, "round-not-open")
    round_.move("open")
    assert round_.hand_in(LIST).status_code == 201
    assert round_.move("lock").status_code == 200
    assert problem(round_.hand_in(LIST)) == (409, "round-not-open")
    assert problem(round_.dry_run(LIST)) == (409, "round-not-open")


def test_anothers_list_and_a_missing_one_are_alike(served: Served) -> None:
    round_ = opened(served)
    round_.hand_in(LIST)
    other = served.coordinator(VADSO)
    missing = round_.requests().replace(round_.id, MISSING)
    outside = round_.requests(BERGEN_TOWN)
    for tail in ("", "/receipts", "/receipts/1"):
        theirs = other.get(round_.requests() + tail)
        assert problem(theirs) == (404, "not-found")
        assert alike(theirs, other.get(missing + tail))
        assert alike(theirs, other.get(outside + tail))
    for dry in ("false", "true"):
        sent = {"json": LIST, "new": True, "params": {"dry_run": dry}}
        theirs = other.put(round_.requests(), **sent)
        assert problem(theirs) == (404, "not-found")
        assert alike(theirs, other.put(missing, **sent))
        assert alike(theirs, other.put(outside, **sent))
    assert served.as_("auditor").get(round_.requests()).status_code == 200
    for role in ("approver", "auditor"):
        refused = served.as_(role).put(round_.requests(), json=LIST, new=True)
        assert problem(refused) == (403, "forbidden")
    assert problem(served.as_("planner", BERGEN).get(round_.requests()))[0] == 404


def test_a_candidate_has_stood_in_the_round_since_her_first_list_in_norway(
    embedded: Served,
) -> None:
    round_ = opened(embedded)
    at(embedded, datetime(2026, 11, 30, 22, 59, tzinfo=UTC))
    round_.hand_in(LIST)
    embedded.clock.forward(minutes=1)
    round_.hand_in(list_of(candidate(f"{ALTA}-2"), candidate(f"{ALTA}-3")))
    round_.hand_in(list_of(candidate(f"{ALTA}-1"), candidate(f"{ALTA}-3")))
    document = round_.document()
    assert {each["id"]: each["submitted_on"] for each in document["candidates"]} == {
        f"{ALTA}-1": "2026-11-30",
        f"{ALTA}-3": "2026-12-01",
    }
    assert {each["rounds_waited"] for each in document["candidates"]} == {0}


def test_whoever_ranks_and_plans_at_once_is_the_planner(embedded: Served) -> None:
    """A right as planner elsewhere makes nobody planner here."""
    round_ = opened(embedded)
    at(embedded, datetime(2026, 12, 16, tzinfo=UTC))
    both = embedded.coordinator()
    with embedded.database.writing(EVERYTHING) as session:
        own = session.get_one(Grant, both.grant).model_dump()
        more = own | {"role": "planner", "municipality": None}
        session.add(Grant(**more | {"id": "elsewhere", "organisation": BERGEN}))
    late = LIST | {"late_reason": "Glemt"}
    assert problem(round_.hand_in(late, who=both)) == (409, "deadline-passed")
    with embedded.database.writing(EVERYTHING) as session:
        session.add(Grant(**more | {"id": "here", "organisation": FINNMARK}))
    assert round_.hand_in(late, who=both).json()["late"] is True


def test_a_list_is_in_the_document_in_its_own_words(embedded: Served) -> None:
    round_: Collecting = opened(embedded)
    supervisor = plant_supervisor(embedded)
    unavailable = [{"from": "2027-12-01", "to": "2028-03-01"}]
    list_ = list_of(
        candidate(f"{ALTA}-1", supervisor=supervisor, unavailable=unavailable, gp_months=24),
        candidate(f"{ALTA}-2", name="Kari Eksempel"),
        orders=[{"unit": "hammerfest-medisin", "order": [f"{ALTA}-2", f"{ALTA}-1"]}],
    )
    assert round_.hand_in(list_).status_code == 201
    document = round_.document()
    first, second = document["candidates"]
    assert (first["has_supervisor"], second["has_supervisor"]) == (True, False)
    assert (first["unavailable"], first["gp_months"]) == (unavailable, 24)
    assert (second["name"], second["municipality"]) == ("Kari Eksempel", ALTA)
    assert "supervisor" not in first
    assert document["priorities"] == [
        {"municipality": ALTA, "order": [f"{ALTA}-1", f"{ALTA}-2"], "unit": None},
        {
            "municipality": ALTA,
            "order": [f"{ALTA}-2", f"{ALTA}-1"],
            "unit": "hammerfest-medisin",
        },
    ]
