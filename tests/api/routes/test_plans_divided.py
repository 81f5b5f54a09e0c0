"""Plans that divide stays, and seats of some of somebody's months."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from api.handmade import whole_plan
from scheduler.domain import Parts
from scheduler.errors import InvalidPlan
from scheduler.planner import plan_round
from scheduler.plans import Given, Plan, by_candidate
from scheduler.rounds import Round
from tests.api.routes.planned import Locked, finnmark, locked
from tests.api.served import Served


@cache
def divided() -> tuple[Round, Plan]:
    """Return the sample as it is where every stay of six months is divided, and its plan."""
    parts = Parts(divisions=((3, 3),), longest_gap_months=3)
    round_ = finnmark().replace(policy=replace(finnmark().policy, parts=parts))
    return round_, plan_round(round_)


def stays() -> list[Given]:
    """Return the stays that the plan divides between two units."""
    own = by_candidate(divided()[1].placements).values()
    return [each for each in own if len({part.unit for part in each}) > 1]


@pytest.fixture
def round_(served: Served) -> Locked:
    return locked(served, divided()[0])


def test_a_seat_of_some_of_her_months_is_entered_as_it_is(served: Served) -> None:
    """Who has accepted three of her six months has a place of three: nothing of it is divided."""
    whole = next(c for c in finnmark().commitments if c.state == "accepted")
    held = replace(whole, months=3)
    others = (c for c in finnmark().commitments if c.candidate != held.candidate)
    own = locked(served, finnmark().replace(commitments=(*others, held)))
    plan, planner = own.plan(plan_round(own.round)), served.planner
    assert planner.get(f"/v1/plans/{plan}/release").json()["changes"] == []
    tag = planner.get(f"/v1/plans/{plan}").headers["etag"]
    assert planner.post(f"/v1/plans/{plan}/publish", tag=tag).status_code == 200
    places = planner.get("/v1/placements").json()["items"]
    (hers,) = (each for each in places if each["candidate"] == held.candidate)
    assert (hers["start"], hers["months_needed"]) == (str(held.start), 3)


def test_both_parts_are_shown_and_to_a_unit_its_own(served: Served, round_: Locked) -> None:
    plan = round_.plan(divided()[1], published=True)
    first, second = stays()[0]
    outcomes = served.planner.get(f"/v1/plans/{plan}/outcomes", params={"limit": 100}).json()
    (own,) = (o for o in outcomes["items"] if o["candidate"] == first.candidate)
    assert own["placement"]["window"] == first.window
    assert own["placement"]["then"]["window"] == second.window
    leader = served.as_("unit_leader", unit=second.unit)
    seen = leader.get(f"/v1/plans/{plan}/outcomes").json()["items"]
    (hers,) = (o for o in seen if o["candidate"] == first.candidate)
    assert (hers["placement"]["window"], hers["placement"]["then"]) == (second.window, None)


def test_a_plan_made_by_hand_may_divide_stays() -> None:
    round_, plan = divided()
    rows = [
        {"candidate": p.candidate, "window": p.window, "start": str(p.start)}
        | ({} if p.months is None else {"months": p.months})
        for p in reversed(plan.placements)
    ]
    document = {"format": "rotations/plan@1", "round": round_.id, "placements": rows}
    assert whole_plan(round_, document, plan).placements == plan.placements
    with pytest.raises(InvalidPlan) as invalid:
        whole_plan(round_, document | {"placements": rows[:-1]}, None)
    assert "ONE" in {fault.code for fault in invalid.value.faults}
