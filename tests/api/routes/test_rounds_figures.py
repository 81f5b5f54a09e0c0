"""Figures of a round tell nothing about a few people."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from api.collecting.figures import Audience
from tests.api.routes.collected import (
    candidate,
    list_of,
    opened,
    plant_window,
    wish,
)
from tests.api.routes.said import MISSING, alike, problem
from tests.api.served import (
    ALTA,
    BERGEN_TOWN,
    NORTH,
    VADSO,
    Served,
)


def test_figures_set_supply_against_demand(embedded: Served) -> None:
    round_ = opened(embedded)
    plant_window(embedded, positions=2)
    plant_window(embedded, fte_percent=50)
    plant_window(embedded, release_on=date(2027, 1, 1))
    later = candidate(f"{ALTA}-2", months_needed=3, wishes=[wish(ideal="2027-10-15")])
    round_.hand_in(list_of(candidate(), later, candidate(f"{ALTA}-3", wishes=[])))
    told = embedded.planner.get(f"{round_.path}/figures").json()
    months = told.pop("months")
    assert told == {
        "participants": 2,
        "lists": 1,
        "missing": [VADSO],
        "faults": 0,
        "candidates": 3,
        "windows": 2,
        "six_month_seats": 5,
    }
    by_month = {each["month"]: (each["positions"], each["candidates"]) for each in months}
    assert [*by_month][0::17] == ["2027-02", "2028-07"]
    assert by_month["2027-07"] == (0, 0)
    assert by_month["2027-08"] == by_month["2027-10"] == (3, 1)
    assert by_month["2027-11"] == by_month["2028-01"] == (3, 2)
    assert by_month["2028-02"] == (3, 0)
    round_.move("lock")
    assert embedded.planner.get(f"{round_.path}/figures").json() == told | {"months": months}


@pytest.mark.parametrize("others", [0, 1, 4, 5, 6, 9, 10])
def test_a_coordinator_learns_nothing_about_a_few_others(embedded: Served, others: int) -> None:
    """Whatever is taken from whatever is told, fewer than five others cannot be told apart."""
    round_ = opened(embedded)
    plant_window(embedded)
    round_.hand_in(list_of(*(candidate(f"{ALTA}-{n}") for n in range(3))))
    round_.hand_in(list_of(*(candidate(f"{VADSO}-{n}") for n in range(others))), VADSO)
    told = embedded.coordinator().get(f"{round_.path}/figures").json()
    steps = others // 5 * 5
    expected = 3 + steps if steps else None
    assert told["candidates"] == expected
    august = next(each for each in told["months"] if each["month"] == "2027-08")
    assert august["candidates"] == expected
    before = next(each for each in told["months"] if each["month"] == "2027-07")
    assert before["candidates"] is None
    assert (told["missing"], told["faults"]) == (None, None)
    reader = embedded.as_("regional_reader").get(f"{round_.path}/figures").json()
    everybody = (3 + others) // 5 * 5
    assert reader["candidates"] == (everybody or None)
    assert embedded.as_("auditor").get(f"{round_.path}/figures").json()["candidates"] == 3 + others


def test_no_two_readings_differ_by_a_few() -> None:
    """A list that comes in between two readings moves a count by five or not at all."""
    told = [
        Audience({"a"}).count([{"municipality": "a"}] * 2 + [{"municipality": "b"}] * others)
        for others in range(40)
    ]
    steps = {(after or 0) - (before or 0) for before, after in pairwise(told[5:])}
    assert steps == {0, 5}
    assert told[:5] == [None] * 5


def test_figures_are_for_those_who_have_a_part(served: Served) -> None:
    round_ = opened(served)
    address = f"{round_.path}/figures"
    stranger = served.coordinator(BERGEN_TOWN)
    theirs = stranger.get(address)
    assert problem(theirs) == (404, "not-found")
    assert alike(theirs, stranger.get(address.replace(round_.id, MISSING)))
    assert problem(served.as_("unit_leader", unit="hammerfest-medisin").get(address))[0] == 403
    assert served.as_("regional_reader", NORTH).get(address).status_code == 200
