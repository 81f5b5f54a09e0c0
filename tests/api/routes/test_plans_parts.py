"""Whose part of a plan each party sees, and how much of a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

from models.scope import EVERYTHING
from models.tables import Grant
from tests.api.routes.planned import finnmark, finnmark_plan, locked
from tests.api.routes.said import problem
from tests.api.served import ALTA, FINNMARK, NORTH, TROMS, VADSO, Person, Served

# How much of a reason


def outcomes(person: Person, plan: str, language: str = "en") -> dict[str, Any]:
    headers = {"Accept-Language": language}
    answer = person.get(f"/v1/plans/{plan}/outcomes", headers=headers)
    return {item["candidate"]: item for item in answer.json()["items"]}


def test_a_municipality_hears_of_others_without_their_number(served: Served) -> None:
    plan = locked(served, finnmark()).plan(finnmark_plan(), published=True)
    own = outcomes(served.coordinator(), plan)
    assert own.keys() == {"5601-c1", "5601-c2", "5601-c3"}
    held = own["5601-c3"]["reasons"][0]
    assert (held["figures"]["colleagues"], held["figures"]["others"]) == (["5601-c2"], 0)
    assert "5601-c2, whom the municipality ranks higher" in held["sentence"]
    theirs = outcomes(served.coordinator("5612"), plan)["5612-c1"]["reasons"][0]
    assert (theirs["figures"]["colleagues"], theirs["figures"]["others"]) == ([], None)
    assert theirs["sentence"].endswith("the window is full: places are held by others.")


def test_a_candidate_hears_of_no_colleague(served: Served) -> None:
    plan = locked(served, finnmark()).plan(finnmark_plan(), published=True)
    person = served.as_("candidate", municipality=ALTA, candidate="5601-c3")
    assert outcomes(person, plan).keys() == {"5601-c3"}
    held = outcomes(person, plan)["5601-c3"]["reasons"][0]
    assert (held["figures"]["colleagues"], held["figures"]["others"]) == ([], None)
    assert "5601-c2" not in held["sentence"]
    assert held["sentence"].endswith("places are held by others.")


def test_a_unit_hears_who_comes_and_when(served: Served) -> None:
    plan = locked(served, finnmark()).plan(finnmark_plan(), published=True)
    leader = served.as_("unit_leader", unit="hammerfest-medisin")
    assert list(outcomes(leader, plan).values()) == [
        {
            "candidate": "5601-c2",
            "municipality": "5601",
            "placement": {
                "window": "hammerfest-medisin-1",
                "unit": "hammerfest-medisin",
                "start": "2027-08-01",
                "end": "2028-02-01",
                "then": None,
                "class": None,
                "accepted": False,
            },
            "reasons": [],
        }
    ]


# Whose part


def also(served: Served, person: Person, **right: Any) -> None:
    """Give somebody one more right."""
    with served.database.writing(EVERYTHING) as session:
        held = session.get_one(Grant, person.grant)
        more = held.model_dump() | {"unit": None, "municipality": None, "candidate": None} | right
        session.add(Grant(**more | {"id": uuid4().hex}))


def test_two_rights_show_two_parts(served: Served) -> None:
    plan = locked(served, finnmark()).plan(finnmark_plan(), published=True)
    person = served.as_("coordinator", municipality=VADSO)
    also(served, person, role="coordinator", municipality="5612")
    also(served, person, role="unit_leader", unit="hammerfest-medisin")
    also(served, person, role="candidate", municipality=ALTA, candidate="5601-c3")
    shown = outcomes(person, plan)
    assert shown.keys() == {"5607-c1", "5612-c1", "5601-c2", "5601-c3"}
    assert shown["5601-c2"]["placement"]["class"] is None
    assert shown["5607-c1"]["placement"]["class"] == 1
    book = person.get(f"/v1/plans/{plan}/export.csv").text
    assert [c for c in finnmark().candidate if c in book] == ["5607-c1"]


def test_an_id_of_another_municipality_is_nobody_s_own(served: Served) -> None:
    plan = locked(served, finnmark()).plan(finnmark_plan(), published=True)
    person = served.as_("candidate", municipality=VADSO, candidate="5601-c2")
    assert outcomes(person, plan) == {}


def test_staff_of_another_trust_see_their_own_part_alone(served: Served) -> None:
    plan = locked(served, finnmark()).plan(finnmark_plan(), published=True)
    person = served.as_("planner", TROMS)
    also(served, person, role="coordinator", municipality=ALTA, organisation=FINNMARK)
    assert outcomes(person, plan).keys() == {"5601-c1", "5601-c2", "5601-c3"}
    assert problem(person.get(f"/v1/plans/{plan}/document")) == (404, "not-found")
    assert person.get(f"/v1/plans/{plan}").json()["hash"] is None


def test_a_region_counts_published_plans_alone(served: Served) -> None:
    round_ = locked(served, finnmark())
    plan = round_.plan(finnmark_plan())
    reader = served.as_("regional_reader", NORTH)
    assert problem(reader.get(f"/v1/plans/{plan}/figures")) == (404, "not-found")
    assert served.as_("auditor", NORTH).get(f"/v1/plans/{plan}/figures").status_code == 200


def test_a_municipality_compares_its_own_candidates(served: Served) -> None:
    before = finnmark().replace(id="before")
    moved = replace(
        finnmark_plan(),
        placements=tuple(replace(p, start=date(2027, 9, 15)) for p in finnmark_plan().placements),
    )
    old = locked(served, before, TROMS).plan(moved, published=True)
    new = locked(served, finnmark()).plan(finnmark_plan(), published=True)
    place = f"/v1/plans/{new}/diff"
    said = served.coordinator().get(place, params={"against": old}).json()
    assert [change["candidate"] for change in said["changes"]] == ["5601-c1", "5601-c2"]
    assert [change["before"]["start"] for change in said["changes"]] == ["2027-09-15"] * 2
    assert said["tiers"] is None
    # Staff of one of the two rounds, municipality in the other: no more than the municipality.
    person = served.as_("planner", FINNMARK)
    also(served, person, role="coordinator", municipality=ALTA)
    half = person.get(place, params={"against": old}).json()
    assert (half["changes"], half["tiers"]) == (said["changes"], None)
