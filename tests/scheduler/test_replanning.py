"""Planning again moves the fewest people: held against every plan of small rounds that changed."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from itertools import count

from data.documents import read_round
from data.scenarios import changed_round
from scheduler.comparison import Difference, Side
from scheduler.errors import InvalidScenario, RefusedRound
from scheduler.planner import plan_round
from scheduler.plans import Plan, Reason
from scheduler.replanning import (
    Moved,
    Replanned,
    keeping,
    offering,
    releasing,
    replanned,
)
from scheduler.rounds import Round
from scheduler.scenarios import Change, Scenario
from scheduler.watch import Watch
from tests.brute import Brute, Refused
from tests.builders import candidate, order, plan_of, policy, round_doc, round_of
from tests.small_rounds import small_round

MOVES = int(os.environ.get("ROTATIONS_MOVES", "12"))
"""How many people who have to move are asked about."""

PLANS_AT_MOST = 2_000
"""Rounds with more plans to try are passed over."""


def events(round_: Round, plan: Plan) -> Iterator[Change]:
    """Yield what may happen to a plan: a candidate leaves, a window is withdrawn, or shortened."""
    for placement in plan.placements:
        if placement.candidate in round_.accepted:
            continue
        yield Change(action="remove", record="candidates", key=(placement.candidate,))
        yield Change(action="remove", record="windows", key=(placement.window,))
        shorter = {"closes": str(placement.start.replace(day=28))}
        key = (placement.window,)
        yield Change(action="change", record="windows", key=key, fields=shorter)
        fewer = {"supervised_places": 1}
        yield Change(action="change", record="units", key=(placement.unit,), fields=fewer)


def again(round_: Round, plan: Plan, change: Change) -> Replanned:
    """Plan a round again after a change."""
    changed = changed_round(offering(round_, plan), Scenario("change", (change,)))
    return held_against(Side(round_, plan), changed)


def held_against(before: Side, changed: Round) -> Replanned:
    after, free = (Side(each, plan_round(each)) for each in (keeping(changed), releasing(changed)))
    return replanned(before, after, free, Watch())


def changed_rounds() -> Iterator[Replanned]:
    """Yield small rounds planned again, each after one change."""
    for seed in count():
        round_ = read_round(json.dumps(small_round(seed)).encode())
        with suppress(RefusedRound, InvalidScenario):
            plan = plan_round(round_)
            for change in list(events(round_, plan))[seed % 4 :: 4][:1]:
                yield again(round_, plan, change)


def check(found: Replanned, brute: Brute) -> Counter[str]:
    """Hold a plan made again against every other plan of its round; return the reasons told."""
    offers = brute.offered
    kept = [sum(plan.get(c) == seat for c, seat in offers.items()) for plan in brute.plans()]
    own = brute.read(found.after.plan.document)
    assert sum(own.get(c) == seat for c, seat in offers.items()) == max(kept)
    people = found.after.round.candidate
    before = seats(found.before.plan)
    now = seats(found.after.plan)
    moving = {c for c, seat in before.items() if c in people and now.get(c) != seat}
    assert {moved.candidate for moved in found.moved} == moving
    for moved in found.moved:
        check_reasons(found, brute, moved)
    return Counter(reason.code for moved in found.moved for reason in moved.reasons)


def seats(plan: Plan) -> dict[str, list[tuple[str, date]]]:
    """Return where and when a plan places people."""
    found: dict[str, list[tuple[str, date]]] = {}
    for p in plan.placements:
        found.setdefault(p.candidate, []).append((p.window, p.start))
    return found


def check_reasons(found: Replanned, brute: Brute, moved: Moved) -> None:
    """What is told is true: the seat can be had no more, or keeping it moves others."""
    her = moved.candidate
    seat = tuple((p.window, p.start, p.months or brute.needed(her)) for p in moved.before)
    first: Reason = moved.reasons[0]
    keeping = [plan for plan in brute.plans() if plan.get(her) == seat]
    if first.code in ("TIER", "LOTTERY", "PRIORITY"):
        assert seat in brute.options[her]
        offers = brute.offered.items()
        best = max(sum(plan.get(c) == s for c, s in offers) for plan in keeping)
        if first.figures.get("tier") == "kept":
            assert best == first.figures["forced"] < first.figures["value"]
        else:
            assert best == found.after.plan.tiers[0].value
    else:
        assert not keeping
        if first.code == "WITHDRAWN":
            assert any(window not in brute.windows for window, _, _ in seat)


def test_no_plan_moves_fewer_people_and_the_reasons_are_true() -> None:
    told: Counter[str] = Counter()
    for found in changed_rounds():
        with suppress(Refused):
            brute = Brute(found.after.round.document)
            if brute.size() <= PLANS_AT_MOST:
                told += check(found, brute)
                free = Brute(found.released.round.document)
                if free.size() <= PLANS_AT_MOST:
                    best = free.best()[1]
                    assert {p.candidate for p in found.released.plan.placements} == best.keys()
        if told.total() >= MOVES and {"WITHDRAWN", "FIT", "TIER"} <= told.keys():
            break


def test_a_late_candidate_takes_nobodys_place_and_what_that_costs_is_told() -> None:
    rules = policy(tiers=["placed", "rank"])
    doc = round_doc(policy=rules, candidates=[candidate("early")], priorities=[order("early")])
    late = {
        "candidates": [candidate("early"), candidate("late")],
        "priorities": [order("late", "early")],
    }
    changed = round_of(doc | late)
    plan = plan_of(doc)
    found = held_against(Side(round_of(doc), plan), offering(changed, plan))
    assert found.moved == ()
    assert [p.candidate for p in found.after.plan.placements] == ["early"]
    assert found.cost.gaining == ("late",)
    assert found.cost.losing == ("early",)


def test_months_that_say_no_more_than_what_is_needed_move_nobody() -> None:
    round_, plan = round_of(round_doc()), plan_of(round_doc())
    spelt = replace(plan, placements=tuple(replace(p, months=6) for p in plan.placements))
    found = held_against(Side(round_, spelt), offering(round_, spelt))
    assert found.moved == ()
    assert found.changes.counts[Difference.SAME] == 1


def test_a_stay_of_another_length_is_told() -> None:
    round_, plan = round_of(round_doc()), plan_of(round_doc())
    changed = round_of(round_doc(candidates=[candidate(months_needed=3)]))
    (moved,) = held_against(Side(round_, plan), offering(changed, plan)).moved
    assert [reason.code for reason in moved.reasons] == ["LENGTH"]
