"""Reasons: each failing rule with its figures, and who holds the seats."""

from __future__ import annotations

from typing import Any

import pytest

from data.synthetic import generate
from scheduler.accounts import accounts
from scheduler.planner import plan_round
from scheduler.priority import Priority
from scheduler.watch import Limits, Stop, Watch
from tests.builders import (
    candidate,
    municipality,
    order,
    plan_of,
    policy,
    round_doc,
    round_of,
    unit,
    window,
    wish,
)

AT_W = {"window": "w", "unit": "u"}
START = {"start": "2027-08-01"}


def reasons(doc: dict[str, Any], who: str = "c") -> list[tuple[str, int | None, dict[str, Any]]]:
    plan = plan_of(doc)
    accounts = {a.candidate: a for a in (*plan.unplaced, *plan.passed_over)}
    return [(r.code, r.wish, dict(r.figures)) for r in accounts[who].reasons]


CASES: list[tuple[dict[str, Any], tuple[str, int | None, dict[str, Any]]]] = [
    ({"candidates": [candidate(wishes=[])]}, ("NO_WISH", None, {})),
    ({"candidates": [candidate(wishes=[wish("v")])], "units": [unit(), unit("v")]},
     ("NO_WINDOW", 1, {"target": "v"})),
    ({"windows": [window(opens="2028-09-01", closes="2029-09-01")]},
     ("OPENS_LATE", 1, AT_W | {"days": 31})),
    ({"windows": [window(closes="2028-01-15")]}, ("FIT", 1, AT_W | {"days": 17})),
    ({"candidates": [candidate(wishes=[wish(earliest="2027-08-02", latest="2027-08-31")])],
      "windows": [window(closes="2029-01-01")]}, ("NO_START_DAY", 1, AT_W)),
    ({"round": {"id": "test", "decision_date": "2027-02-15"}},
     ("LEAD", 1, AT_W | START | {"months": 5, "required": 6})),
    ({"municipalities": [municipality(registered_on="2027-09-01")]},
     ("REGISTERED", 1, AT_W | START | {"registered_on": "2027-09-01"})),
    ({"municipalities": [municipality(registered_on=None)]},
     ("REGISTERED", 1, AT_W | START | {"registered_on": None})),
    ({"municipalities": [municipality(agreements=[])]},
     ("AGREEMENT", 1, AT_W | START | {"trust": "t", "end": "2028-02-01"})),
    ({"candidates": [candidate(lis1_completed_on=None)]},
     ("LIS1", 1, AT_W | START | {"lis1_completed_on": None})),
    ({"candidates": [candidate(has_supervisor=False)]}, ("SUPERVISOR", None, {})),
    ({"candidates": [candidate(in_individual_plan=False)]}, ("IN_PLAN", None, {})),
    ({"units": [unit(learning_goals=["ALM-085"])]}, ("GOALS", 1, AT_W | {"goals": ["ALM-055"]})),
    ({"windows": [window(min_gp_months=36)], "candidates": [candidate(gp_months=12)]},
     ("EXPERIENCE", 1, AT_W | {"months": 12, "required": 36})),
    ({"windows": [window(fte_percent=40, closes="2029-08-01")]},
     ("FTE", 1, AT_W | {"percent": 40, "required": 50})),
    ({"candidates": [candidate(available_from="2027-08-02")]},
     ("AVAILABLE", 1, AT_W | START | {"end": "2028-02-01"})),
    ({"windows": [window(release_on="2027-01-15")]},
     ("RELEASED", 1, AT_W | {"release_on": "2027-01-15"})),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), CASES)
def test_each_failing_rule_is_said_with_its_figures(
    changes: dict[str, Any], expected: tuple[str, int | None, dict[str, Any]]
) -> None:
    assert reasons(round_doc(**changes)) == [expected]


def test_every_rule_that_fails_at_the_nearest_start_is_said() -> None:
    doc = round_doc(
        municipalities=[municipality(agreements=[], registered_on=None)],
        candidates=[candidate(has_supervisor=False)],
    )
    assert [code for code, _, _ in reasons(doc)] == ["SUPERVISOR", "REGISTERED", "AGREEMENT"]


def test_a_seat_held_by_a_colleague_names_her_and_others_only_as_a_count() -> None:
    doc = round_doc(
        windows=[window(positions=2)],
        candidates=[
            candidate("a"),
            candidate("b"),
            candidate("x", municipality="n", rounds_waited=1),
        ],
        municipalities=[municipality(), municipality("n")],
        priorities=[order("a", "b")],
    )
    held = AT_W | {"rule": "POSITIONS", "colleagues": ["a"], "others": 1}
    assert reasons(doc, "b") == [("HELD", 1, held)]


def test_supervision_and_absence_are_told_apart() -> None:
    two = [candidate("a"), candidate("b")]
    doc = round_doc(
        windows=[window(positions=2)],
        candidates=two,
        priorities=[order("a", "b")],
        units=[unit(supervised_places=1)],
    )
    assert reasons(doc, "b")[0][2]["rule"] == "SUPERVISED"
    doc |= {"units": [unit()], "municipalities": [municipality(max_away=1)]}
    assert reasons(doc, "b")[0][2]["rule"] == "AWAY"


def test_a_wish_passed_over_has_its_reason_too() -> None:
    doc = round_doc(
        units=[unit(), unit("v")],
        windows=[window(), window("w2", unit="v")],
        candidates=[candidate("a"), candidate("b", wishes=[wish("u"), wish("v")])],
        priorities=[order("a", "b")],
    )
    held = AT_W | {"rule": "POSITIONS", "colleagues": ["a"], "others": 0}
    assert reasons(doc, "b") == [("HELD", 1, held)]


def test_a_tier_that_would_pay_is_named() -> None:
    """The critical deadline holds her to the seat that ends in time."""
    doc = round_doc(
        units=[unit(), unit("v")],
        windows=[window(opens="2027-09-01", closes="2028-03-01"), window("w2", unit="v")],
        candidates=[candidate(wishes=[wish("u"), wish("v")], complete_by="2028-02-01")],
    )
    assert reasons(doc) == [("TIER", 1, AT_W | {"tier": "deadline", "level": None})]


def test_a_seat_that_would_pass_a_higher_ranked_colleague_says_so() -> None:
    """The seat stands empty: for a it is the wrong start, and b in it would be in a's way."""
    doc = round_doc(
        policy=policy(tiers=["kept", "placed"]),
        units=[unit(supervised_places=1)],
        windows=[window(), window("w2", opens="2027-10-01", closes="2028-10-01")],
        candidates=[
            candidate("a", wishes=[wish(earliest="2027-08-01", latest="2027-08-01")]),
            candidate("b", wishes=[wish(earliest="2027-10-01", latest="2027-10-01")]),
        ],
        priorities=[order("a", "b")],
    )
    assert reasons(doc, "b") == [
        ("HELD", 1, {"window": "w2", "unit": "u", "rule": "SUPERVISED", "colleagues": ["a"],
                     "others": 0})
    ]  # fmt: skip


def test_a_search_that_was_stopped_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even its first plan, in which everybody takes what is left, has been made."""
    monkeypatch.setattr(Priority, "together", lambda *_: set())
    stop = Stop()
    stop.request()
    plan = plan_round(round_of(round_doc()), watch=Watch(stop=stop))
    assert [(r.code, r.wish) for r in plan.unplaced[0].reasons] == [("OPEN", 1)]


def test_a_colleague_ranked_lower_is_only_counted() -> None:
    """She holds an accepted seat; her name is no business of the one above her."""
    doc = round_doc(
        candidates=[candidate("a"), candidate("b")],
        priorities=[order("a", "b")],
        commitments=[{"candidate": "b", "window": "w", "start": "2027-08-01",
                      "state": "accepted"}],
    )  # fmt: skip
    held = AT_W | {"rule": "POSITIONS", "colleagues": [], "others": 1}
    assert reasons(doc, "a") == [("HELD", 1, held)]


def test_a_stopped_plan_is_explained_without_trying_any_move(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Trying every move of a large plan would cost more than the search was allowed."""

    def never(*_: object) -> None:
        raise AssertionError("a move was tried")

    monkeypatch.setattr("scheduler.seats.priority_broken", never)
    monkeypatch.setattr("scheduler.seats.tier_values", never)
    round_ = generate("nord", 1)
    plan = plan_round(round_, Limits(deterministic=0))
    assert plan.status == "feasible"
    unplaced, _ = accounts(round_, plan.placements[::2], plan.lottery_counter, decided=False)
    codes = {r.code for account in unplaced for r in account.reasons}
    assert "OPEN" in codes
