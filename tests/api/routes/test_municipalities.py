"""Municipalities, what they say of themselves, and their agreements with trusts."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.api.routes.said import NOBODYS, alike, faults, problem
from tests.api.served import ALTA, BERGEN, BERGEN_TOWN, FINNMARK, NORTH, TROMS, VADSO, Served

ADDRESS = f"/v1/municipalities/{ALTA}"
FORM = {"name": "Alta", "organisation": FINNMARK, "registered_on": "2019-03-01"}
SIGNED = f"{ADDRESS}/agreements/{FINNMARK}/2021-05-01"


def test_a_municipality_is_shown_as_it_stands_with_the_trusts(served: Served) -> None:
    answer = served.coordinator(BERGEN_TOWN).get(ADDRESS)
    assert answer.headers["etag"] == '"1"'
    assert answer.json() == FORM | {
        "number": ALTA,
        "max_away": None,
        "contact": None,
        "language": "nb",
        "agreements": [
            {
                "municipality": ALTA,
                "organisation": FINNMARK,
                "signed_on": "2021-05-01",
                "ends_on": None,
            }
        ],
        "next_end": None,
    }


def test_a_planner_registers_a_municipality_and_a_city_district(served: Served) -> None:
    for number in ("5636", "030101"):
        address = f"/v1/municipalities/{number}"
        assert served.planner.put(address, json=FORM, new=True).status_code == 201
        assert served.planner.get(address).json()["number"] == number


def test_whoever_keeps_a_record_may_hand_it_on(served: Served) -> None:
    region = served.as_("planner", NORTH)
    moved = region.put(ADDRESS, json=FORM | {"organisation": TROMS}, tag='"1"')
    assert moved.json()["organisation"] == TROMS
    assert problem(served.planner.put(ADDRESS, json=FORM, tag='"2"')) == (404, "not-found")


def test_nobody_lets_another_keep_a_record(served: Served) -> None:
    for organisation in (BERGEN, NOBODYS):
        form = FORM | {"organisation": organisation}
        refused = served.planner.put(ADDRESS, json=form, tag='"1"')
        assert faults(refused) == [("not-known", "/organisation")]


def test_another_trusts_record_is_not_there_to_be_changed(served: Served) -> None:
    address = f"/v1/municipalities/{BERGEN_TOWN}"
    before = served.planner.get(address).json()
    assert problem(served.planner.put(address, json=FORM, tag='"1"')) == (404, "not-found")
    assert served.planner.get(address).json() == before


def test_every_fault_of_a_record_is_told_at_once(served: Served) -> None:
    form = {"organisation": "123456789", "registered_on": "2019-02-30", "contact": "ringer", "x": 1}
    refused = served.planner.put(ADDRESS, json=form, tag='"1"')
    assert faults(refused) == [
        ("not-e-mail", "/contact"),
        ("missing", "/name"),
        ("not-organisation-number", "/organisation"),
        ("not-date", "/registered_on"),
        ("unknown-key", "/x"),
    ]
    assert "ringer" not in refused.text


def test_a_coordinator_says_how_her_municipality_is_reached(served: Served) -> None:
    coordinator = served.coordinator()
    said = coordinator.patch(ADDRESS, json={"contact": "alis@alta.kommune.example"}, tag='"1"')
    assert (said.status_code, said.headers["etag"]) == (200, '"2"')
    spared = coordinator.patch(ADDRESS, json={"max_away": 0}, tag='"2"').json()
    assert (spared["contact"], spared["max_away"]) == ("alis@alta.kommune.example", 0)
    assert spared["registered_on"] == "2019-03-01"
    cleared = coordinator.patch(ADDRESS, json={"max_away": None}, tag='"3"').json()
    assert (cleared["contact"], cleared["max_away"]) == ("alis@alta.kommune.example", None)
    assert problem(coordinator.patch(ADDRESS, json={}, tag='"1"')) == (412, "stale")


def test_a_coordinator_changes_no_other_municipality(served: Served) -> None:
    coordinator = served.coordinator()
    others = coordinator.patch(f"/v1/municipalities/{VADSO}", json={"max_away": 1}, tag='"1"')
    missing = coordinator.patch("/v1/municipalities/9999", json={"max_away": 1}, tag='"1"')
    assert problem(others) == (404, "not-found")
    assert alike(others, missing)
    assert faults(coordinator.patch(ADDRESS, json={"name": "X"}, tag='"1"')) == [
        ("unknown-key", "/name")
    ]


HOLDS = [
    ("2026-12-01", datetime(2026, 11, 30, 22, 59, tzinfo=UTC), True),
    ("2026-12-01", datetime(2026, 11, 30, 23, 0, tzinfo=UTC), False),  # midnight in Norway
    ("2027-07-01", datetime(2027, 6, 30, 21, 59, tzinfo=UTC), True),
    ("2027-07-01", datetime(2027, 6, 30, 22, 0, tzinfo=UTC), False),  # in summer time
    ("2021-05-01", datetime(2026, 11, 22, tzinfo=UTC), False),  # taken back
    (None, datetime(2126, 11, 22, tzinfo=UTC), True),
    (None, datetime(2021, 4, 30, 21, 59, tzinfo=UTC), False),
    (None, datetime(2021, 4, 30, 22, 0, tzinfo=UTC), True),
]


def test_an_agreement_holds_from_its_first_day_until_it_ends(served: Served) -> None:
    for ends_on, now, in_force in HOLDS:
        served.clock.now = now
        served.people.clear()  # a token of then
        tag = served.planner.get(SIGNED).headers["etag"]
        served.planner.put(SIGNED, json={"ends_on": ends_on}, tag=tag).raise_for_status()
        answer = served.planner.get(ADDRESS).json()
        assert answer in served.planner.get("/v1/municipalities").json()["items"]
        assert bool(answer["agreements"]) == in_force
        assert answer["next_end"] == (ends_on if in_force else None)


def test_the_next_end_is_the_earliest_of_several(served: Served) -> None:
    region = served.as_("planner", NORTH)
    for trust, ends in ((FINNMARK, "2029-12-31"), (TROMS, "2028-06-30"), (TROMS, "2026-01-01")):
        signed = "2022-01-01" if ends > "2027" else "2020-01-01"
        address = f"{ADDRESS}/agreements/{trust}/{signed}"
        assert region.put(address, json={"ends_on": ends}, new=True).status_code == 201
    answer = region.get(ADDRESS).json()
    assert answer["next_end"] == "2028-06-30"
    assert len(answer["agreements"]) == 3
    listed = region.get(f"{ADDRESS}/agreements").json()
    assert listed["next"] is None
    assert [(item["organisation"], item["signed_on"]) for item in listed["items"]] == [
        (FINNMARK, "2021-05-01"),
        (FINNMARK, "2022-01-01"),
        (TROMS, "2020-01-01"),
        (TROMS, "2022-01-01"),
    ]


def test_each_trust_keeps_its_own_agreements(served: Served) -> None:
    made = served.as_("planner", TROMS).put(
        f"{ADDRESS}/agreements/{TROMS}/2025-01-01", json={}, new=True
    )
    assert made.status_code == 201
    others = served.planner.put(f"{ADDRESS}/agreements/{TROMS}/2025-01-01", json={}, tag='"1"')
    missing = served.planner.put(f"{ADDRESS}/agreements/{NOBODYS}/2025-01-01", json={}, tag='"1"')
    region = served.as_("planner", NORTH).put(
        f"{ADDRESS}/agreements/{NORTH}/2025-01-01", json={}, new=True
    )
    assert problem(others) == (404, "not-found")
    assert alike(others, missing)
    assert problem(region) == (404, "not-found")


def test_an_agreement_is_changed_by_whoever_has_read_it(served: Served) -> None:
    planner = served.planner
    assert planner.get(SIGNED).headers["etag"] == '"1"'
    assert problem(planner.put(SIGNED, json={})) == (428, "precondition-required")
    assert planner.put(SIGNED, json={"ends_on": "2029-12-31"}, tag='"1"').headers["etag"] == '"2"'
    assert problem(planner.put(SIGNED, json={}, tag='"1"')) == (412, "stale")
    assert planner.get(SIGNED).json()["ends_on"] == "2029-12-31"


def test_dates_of_an_agreement_make_sense(embedded: Served) -> None:
    def said(address: str, **form: str) -> list[tuple[str, str]]:
        return faults(embedded.planner.put(address, json=form, tag='"1"'))

    assert said(SIGNED, ends_on="2021-04-30") == [("dates-reversed", "/ends_on")]
    assert said(SIGNED, ends_on="1619827200") == [("not-date", "/ends_on")]
    for day in ("1619827200", "2021-02-29"):
        assert said(f"{ADDRESS}/agreements/{FINNMARK}/{day}") == [("not-date", "/path/signed_on")]


def test_an_unknown_municipality_has_no_agreements(served: Served) -> None:
    unknown = "/v1/municipalities/9999/agreements"
    assert problem(served.planner.get(unknown)) == (404, "not-found")
    address = f"{unknown}/{FINNMARK}/2025-01-01"
    assert problem(served.planner.put(address, json={}, new=True)) == (404, "not-found")
    assert problem(served.planner.get(address)) == (404, "not-found")
