"""PRIORITY in stories, beside the enumeration that covers it at large."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from scheduler.model import Model
from scheduler.planner import plan_round
from scheduler.priority import Priority
from scheduler.standing import Envy
from scheduler.watch import Stop, Watch
from tests.builders import (
    candidate,
    order,
    placed,
    plan_of,
    policy,
    round_doc,
    round_of,
    unit,
    window,
    wish,
)


def starting(month: str, **changes: Any) -> dict[str, Any]:
    """A wish for unit u that must start on one day."""
    return wish(earliest=f"{month}-01", latest=f"{month}-01", **changes)


def three_in_a_year(mode: str) -> dict[str, Any]:
    """One position for twelve months; A can start only in month 3, B in 0, C in 6."""
    return round_doc(
        policy=policy(priority=mode),
        windows=[window(closes="2028-08-01")],
        candidates=[
            candidate("A", wishes=[starting("2027-11")]),
            candidate("B", wishes=[starting("2027-08")]),
            candidate("C", wishes=[starting("2028-02")]),
        ],
        priorities=[order("A", "B", "C")],
    )


@pytest.mark.parametrize("mode", ["strict", "placement", "advisory"])
def test_neither_of_two_alone_is_in_the_way(mode: str) -> None:
    """Taking B out leaves C, and the other way round: A's stay fits in neither case."""
    assert set(placed(plan_of(three_in_a_year(mode)))) == {"B", "C"}


def test_one_alone_is_in_the_way() -> None:
    doc = three_in_a_year("strict")
    doc["candidates"] = doc["candidates"][:2]
    doc["priorities"] = [order("A", "B")]
    doc["candidates"][1]["rounds_waited"] = 5
    assert set(placed(plan_of(doc))) == {"A"}
    doc["policy"]["priority"] = "advisory"
    assert set(placed(plan_of(doc))) == {"B"}


def second_position(positions: int) -> dict[str, Any]:
    """Two supervised places; b in w2, d in w1, a above b elsewhere on a second choice."""
    early = {"earliest": "2027-08-01", "latest": "2027-08-01"}
    return round_doc(
        units=[unit(supervised_places=2), unit("v")],
        windows=[window("w1", positions=positions), window("w2"), window("w3", unit="v")],
        candidates=[
            candidate("a", wishes=[wish("u", **early), wish("v", **early)], min_fte_percent=100),
            candidate("b", wishes=[wish("u", **early)], gp_months=12),
            candidate("d", municipality="n", wishes=[wish("u", **early)], rounds_waited=9),
        ],
        municipalities=[
            {"id": m, "registered_on": "2019-03-01",
             "agreements": [{"trust": "t", "signed_on": "2021-05-01"}]}
            for m in ("m", "n")
        ],
        priorities=[order("a", "b")],
    )  # fmt: skip


def test_a_second_position_can_cost_a_placement() -> None:
    """What one more post is worth can be negative under strict; it is shown as it is."""
    doc = second_position(1)
    doc["windows"][1]["fte_percent"] = 99
    doc["windows"][1]["closes"] = "2029-08-01"
    assert len(placed(plan_of(doc))) == 3
    doc["windows"][0]["positions"] = 2
    assert len(placed(plan_of(doc))) == 2


def test_an_order_for_one_unit_overrules_the_default_there_alone() -> None:
    doc = round_doc(
        units=[unit(), unit("v")],
        windows=[window(), window("w2", unit="v")],
        candidates=[candidate("a", wishes=[wish("u")]), candidate("b", wishes=[wish("u")]),
                    candidate("x", wishes=[wish("v")]), candidate("y", wishes=[wish("v")])],
        priorities=[order("a", "b", "x", "y"), order("b", "a", unit="u")],
    )  # fmt: skip
    assert set(placed(plan_of(doc))) == {"b", "x"}


def test_a_higher_ranked_colleague_who_holds_an_accepted_seat_claims_nothing() -> None:
    doc = round_doc(
        windows=[window(), window("w2", closes="2029-02-01")],
        candidates=[candidate("a"), candidate("b")],
        priorities=[order("a", "b")],
        commitments=[{"candidate": "a", "window": "w2", "start": "2028-08-01",
                      "state": "accepted"}],
    )  # fmt: skip
    assert set(placed(plan_of(doc))) == {"a", "b"}


def test_when_stopped_the_plan_still_respects_every_order() -> None:
    """The first plan without priority would place b; settling gives a the seat."""
    stop = Stop()
    doc = round_doc(
        candidates=[candidate("a"), candidate("b", rounds_waited=9)],
        priorities=[order("a", "b")],
        policy=policy(tiers=["waiting", "placed"]),
    )
    seen = Watch(on_progress=lambda _: stop.request(), stop=stop)
    assert set(placed(plan_round(round_of(doc), watch=seen))) == {"a"}


def test_settling_ends_even_where_orders_lead_in_a_circle() -> None:
    """Two who forever push each other out make room in the end, instead of going on."""
    doc = round_doc(candidates=[candidate("a"), candidate("b")], priorities=[order("a", "b")])
    model = Model(round_of(doc))
    option = {o.candidate: i for i, o in enumerate(model.options)}
    other = {"a": "b", "b": "a"}

    class Circle(Priority):
        def envies(self, chosen: Iterable[int]) -> list[Envy]:
            placed_ = [model.options[i].candidate for i in chosen]
            return [Envy(option[other[junior]], junior) for junior in placed_]

    plan, met = Circle(model).settled({option["b"]})
    assert plan == frozenset()
    assert len(met) == 3
