"""Municipalities hand in their lists, all or nothing, and hear what they could come to."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import pytest
from httpx2 import Response
from sqlmodel import select

from data.sentences import LANGUAGES
from models.scope import EVERYTHING
from models.tables import Grant, Municipality, Standing, Submission, Unit
from tests.api.routes.collected import (
    DEADLINE,
    Collecting,
    at,
    candidate,
    drafted,
    list_of,
    opened,
    plant_supervisor,
    plant_window,
    wish,
)
from tests.api.routes.said import MISSING, alike, faults, problem
from tests.api.served import ALTA, BERGEN, BERGEN_TOWN, FINNMARK, TROMSO, VADSO, Served

LIST = list_of(candidate(f"{ALTA}-1", name="Kari Eksempel"), candidate(f"{ALTA}-2"))


def warned(answer: Response) -> list[tuple[str, str]]:
    return [(each["code"], each["place"]) for each in answer.json()["warnings"]]


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


FAULTY: dict[str, Any] = {
    "candidates": [
        candidate("5607-1"),
        candidate("5601-2", submitted_on="2026-01-01", rounds_waited=9, lead_waiver="Meg først"),
        candidate("5601-3", wishes=[wish("nowhere"), wish(latest="2027-01-01")]),
        candidate("5601-3", supervisor="nobody", unavailable=[{"from": "2027-01-02"}]),
        candidate("5601-5", months_needed=0, unavailable=[
            {"from": "2027-02-01", "to": "2027-01-01", "reason": "nobody's business"},
        ]),
        {"id": "5601 Kari", "wishes": "none"},
        "5601-7",
    ],
    "default_order": ["5601-2", "5601-2", "5607-9", 7],
    "orders": [
        {"unit": "hammerfest-medisin", "order": ["5601-2"]},
        {"unit": "nowhere", "order": []},
        {"order": []},
        {"unit": "hammerfest-medisin", "order": ["5601-2"]},
    ],
    "late_reason": "Beklager",
    "policy": {},
}  # fmt: skip

FAULTS = [
    ("not-own-id", "/candidates/0/id"),
    ("unknown-key", "/candidates/1/lead_waiver"),
    ("unknown-key", "/candidates/1/rounds_waited"),
    ("unknown-key", "/candidates/1/submitted_on"),
    ("id-repeated", "/candidates/2/id"),
    ("id-unknown", "/candidates/2/wishes/0/target"),
    ("dates-reversed", "/candidates/2/wishes/1/latest"),
    ("not-known", "/candidates/3/supervisor"),
    ("missing", "/candidates/3/unavailable/0/to"),
    ("out-of-range", "/candidates/4/months_needed"),
    ("unknown-key", "/candidates/4/unavailable/0/reason"),
    ("not-own-id", "/candidates/5/id"),
    ("not-slug", "/candidates/5/id"),
    ("missing", "/candidates/5/in_individual_plan"),
    ("missing", "/candidates/5/supervisor"),
    ("not-list", "/candidates/5/wishes"),
    ("not-object", "/candidates/6"),
    ("not-text", "/default_order/3"),
    ("not-asked", "/late_reason"),
    ("order-incomplete", "/orders/0/order"),
    ("id-unknown", "/orders/1/unit"),
    ("missing", "/orders/2/unit"),
    ("order-repeated", "/orders/3"),
    ("order-incomplete", "/orders/3/order"),
    ("unknown-key", "/policy"),
]


def test_every_fault_of_a_list_is_told_at_once_in_its_own_places(embedded: Served) -> None:
    round_, coordinator = opened(embedded), embedded.coordinator()
    answer = coordinator.put(round_.requests(), json=FAULTY, new=True)
    assert problem(answer) == (422, "invalid")
    assert faults(answer) == sorted(FAULTS, key=lambda f: f[::-1])
    assert "Meg først" not in answer.text
    tried = round_.dry_run(FAULTY)
    assert (tried.status_code, tried.json()["faults"]) == (200, answer.json()["faults"])
    assert (tried.json()["warnings"], tried.json()["wishes"]) == ([], [])
    with embedded.database.reading(EVERYTHING) as session:
        assert session.exec(select(Submission)).all() == []
        assert session.exec(select(Standing)).all() == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"default_order": None}, [("order-missing", "/default_order")]),
        ({"default_order": [f"{ALTA}-1"]}, [("order-incomplete", "/default_order")]),
        ({"default_order": [f"{ALTA}-1", f"{ALTA}-1", f"{ALTA}-2"]},
         [("order-repeats", "/default_order/1")]),
        ({"default_order": [f"{ALTA}-1", f"{VADSO}-1", f"{ALTA}-2"]},
         [("id-unknown", "/default_order/1")]),
        ({"default_order": "first"}, [("not-list", "/default_order")]),
        ({"orders": [{"unit": "kirkenes-medisin", "order": [f"{ALTA}-1"]}]},
         [("order-foreigner", "/orders/0/order/0")]),
        ({"orders": {}}, [("not-list", "/orders")]),
        ({"candidates": None}, [("not-list", "/candidates")]),
        ({"candidates": [candidate(f"{ALTA}-{n}") for n in range(301)]},
         [("too-many", "/candidates")]),
        ({"candidates": [candidate(f"{ALTA}-1", wishes=[wish()] * 21), candidate(f"{ALTA}-2")]},
         [("too-many", "/candidates/0/wishes")]),
    ],
)  # fmt: skip
def test_orders_and_sizes_are_held_against_the_list_itself(
    embedded: Served, change: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    round_ = opened(embedded)
    assert faults(round_.hand_in(LIST | change)) == expected


@pytest.mark.parametrize("body", [[], "list", 7])
def test_a_list_is_an_object(embedded: Served, body: Any) -> None:
    answer = opened(embedded).hand_in(body)
    assert faults(answer) == [("not-object", "")]


def test_a_national_identity_number_is_refused_wherever_it_stands(embedded: Served) -> None:
    answer = opened(embedded).hand_in(list_of(candidate(name="Kari 01017012345")))
    assert faults(answer) == [("national-identity-number", "/candidates/0/name")]
    assert "01017012345" not in answer.text


def test_wishes_that_ask_for_too_much_are_not_tried_out(embedded: Served) -> None:
    plant_window(embedded, opens=date(2028, 1, 1), closes=date(2060, 1, 1))
    everything = [wish("finnmark", latest="2060-01-01")] * 20
    list_ = list_of(*(candidate(f"{ALTA}-{n}", wishes=everything) for n in range(2)))
    answer = opened(embedded).hand_in(list_)
    assert faults(answer) == [("list-too-wide", "/candidates")]


def test_a_supervisor_is_the_municipalitys_own_and_has_room(embedded: Served) -> None:
    round_ = opened(embedded)
    full = plant_supervisor(embedded, capacity=1)
    others = plant_supervisor(embedded, VADSO)
    list_ = list_of(
        candidate(f"{ALTA}-1", supervisor=full),
        candidate(f"{ALTA}-2", supervisor=full),
        candidate(f"{ALTA}-3", supervisor=others),
        candidate(f"{ALTA}-4", supervisor=MISSING),
    )
    answer = round_.hand_in(list_)
    assert faults(answer) == [
        ("supervisor-full", "/candidates/1/supervisor"),
        ("not-known", "/candidates/2/supervisor"),
        ("not-known", "/candidates/3/supervisor"),
    ]
    told = {each["code"]: each["figures"] for each in answer.json()["faults"]}
    assert told["supervisor-full"] == {"capacity": 1}


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
    assert round_.hand_in(list_, "5540", embedded.planner).status_code == 201


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


def test_a_dry_run_says_what_each_wish_could_come_to(embedded: Served) -> None:
    round_ = opened(embedded)
    window = plant_window(embedded)
    half = plant_window(embedded, fte_percent=40, opens=date(2028, 1, 1), closes=date(2030, 1, 1))
    list_ = list_of(
        candidate(
            supervisor=plant_supervisor(embedded),
            wishes=[
                wish(),
                wish(earliest="2027-06-01", latest="2027-07-15"),
                wish("hammerfest-kirurgi"),
                wish("hammerfest", earliest="2028-01-01", latest="2028-02-20"),
            ],
        ),
        candidate(f"{ALTA}-2", in_individual_plan=False),
    )
    answer = round_.dry_run(list_, headers={"Accept-Language": "en"})
    assert answer.json()["faults"] == []
    wishes = {(each["candidate"], each["wish"]): each for each in answer.json()["wishes"]}
    unit = "hammerfest-medisin"
    assert wishes[f"{ALTA}-1", 1]["windows"] == [
        {"window": window, "unit": unit, "first": "2027-08-01", "last": "2027-12-01", "starts": 9}
    ]
    assert wishes[f"{ALTA}-1", 1]["obstacles"] == []
    early = {each["window"]: each for each in wishes[f"{ALTA}-1", 2]["obstacles"]}
    assert (early[window]["code"], early[window]["figures"]) == ("OPENS_LATE", {"days": 17})
    assert early[window]["sentence"].startswith("The window opens 17 days after")
    assert [o["code"] for o in wishes[f"{ALTA}-1", 3]["obstacles"]] == ["NO_WINDOW"]
    assert [w["window"] for w in wishes[f"{ALTA}-1", 4]["windows"]] == [window]
    assert wishes[f"{ALTA}-1", 4]["windows"][0]["last"] == "2028-02-01"
    assert {o["code"] for o in wishes[f"{ALTA}-2", 1]["obstacles"]} == {
        "SUPERVISOR", "IN_PLAN", "OPENS_LATE",
    }  # fmt: skip
    assert half in {o["window"] for o in wishes[f"{ALTA}-2", 1]["obstacles"]}
    assert warned(answer) == [
        ("wish-unmet", "/candidates/0/wishes/1"),
        ("wish-unmet", "/candidates/0/wishes/2"),
        ("wish-unmet", "/candidates/1/wishes/0"),
    ]
    with embedded.database.reading(EVERYTHING) as session:
        assert session.exec(select(Submission)).all() == []
        assert session.exec(select(Standing)).all() == []


def test_a_limit_of_nought_keeps_every_window_from_a_wish(embedded: Served) -> None:
    with embedded.database.writing(EVERYTHING) as session:
        session.get_one(Municipality, ALTA).max_away = 0
    plant_window(embedded)
    list_ = list_of(candidate(supervisor=plant_supervisor(embedded)))
    (only,) = opened(embedded).dry_run(list_).json()["wishes"]
    assert (only["windows"], [o["code"] for o in only["obstacles"]]) == ([], ["HELD"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_of_others_shows_in_a_dry_run(served: Served, language: str) -> None:
    round_ = opened(served, participants=[ALTA, VADSO, TROMSO])
    plant_window(served)
    gone = plant_window(served, withdrawn_at=served.clock.now, closes=date(2029, 8, 1))
    maybe = plant_window(served, certainty="tentative", closes=date(2030, 8, 1))
    list_ = list_of(
        candidate(supervisor=plant_supervisor(served), wishes=[wish(), wish("hammerfest")]),
        candidate(f"{ALTA}-2"),
    )
    round_.hand_in(list_)
    before = round_.dry_run(list_, headers={"Accept-Language": language})
    assert before.json()["wishes"][0]["windows"]

    theirs = list_of(candidate(f"{VADSO}-1"), candidate(f"{VADSO}-2", name="Kanarifugl"))
    assert round_.hand_in(theirs, VADSO).status_code == 201
    seats = [
        {"candidate": f"{VADSO}-1", "window": gone, "start": "2027-08-01", "state": "accepted"},
        {"candidate": f"{VADSO}-2", "window": maybe, "start": "2027-08-01", "state": "offered"},
    ]
    commitments = f"{round_.path}/commitments"
    tag = served.planner.get(commitments).headers["etag"]
    held = served.planner.put(commitments, json={"commitments": seats}, tag=tag)
    assert held.status_code == 200, held.text
    after = round_.dry_run(list_, headers={"Accept-Language": language})
    assert after.content == before.content
    assert alike(before, after)
    by_planner = served.planner.put(
        round_.requests(),
        json=list_,
        params={"dry_run": "true"},
        headers={"Accept-Language": language},
    )
    assert by_planner.content == before.content


def test_faults_of_the_register_are_not_the_municipalitys(embedded: Served) -> None:
    round_ = opened(embedded)
    with embedded.database.writing(EVERYTHING) as session:
        session.add(Unit(id="kirkenes", name="Kirkenes", site="hammerfest", learning_goals=[]))
    answer = round_.hand_in(LIST)
    assert problem(answer) == (422, "round-invalid")
    assert "faults" not in answer.json()


def test_what_is_odd_is_told_with_the_receipt(embedded: Served) -> None:
    round_ = opened(embedded)
    plant_window(embedded)
    short = plant_supervisor(
        embedded,
        specialist=False,
        exempt_from=date(2027, 1, 1),
        exempt_until=date(2028, 1, 1),
    )
    specialist = plant_supervisor(embedded)
    a, b = (candidate(f"{ALTA}-{n}", supervisor=specialist) for n in (1, 2))
    assert warned(round_.hand_in(list_of(a, b))) == []
    answer = round_.hand_in(list_of(b, a))
    assert warned(answer) == [("order-reversed", "/default_order")]
    answer = round_.hand_in(list_of(a | {"supervisor": short}))
    assert warned(answer) == [
        ("candidate-dropped", "/candidates"),
        ("exemption-short", "/candidates/0/supervisor"),
    ]
    dropped, exemption = answer.json()["warnings"]
    assert dropped["figures"] == {"missing": 1}
    assert exemption["figures"] == {
        "from": "2027-01-01",
        "until": "2027-12-31",
        "start": "2027-08-01",
        "end": "2028-01-31",
    }
    assert "31. des. 2027" in exemption["sentence"]
    inside = [wish(earliest="2027-07-01", latest="2027-08-01")]
    assert warned(round_.hand_in(list_of(a | {"supervisor": short, "wishes": inside}))) == []
    assert warned(round_.hand_in({"candidates": []})) == [("candidate-dropped", "/candidates")]


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
