"""The search: proof, limits, stops, faults of the solver, and the lottery's further draws."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import count
from random import Random
from threading import Event, Thread
from typing import Any

import pytest

import scheduler.planner
import scheduler.tiers
from data.documents import read_round
from data.synthetic import generate
from scheduler.conflicts import conflicts
from scheduler.cpsat import CpSat
from scheduler.errors import RefusedRound, UnverifiedPlan
from scheduler.exact import exact
from scheduler.model import Model, Row
from scheduler.options import Option
from scheduler.planner import plan_round
from scheduler.plans import Status
from scheduler.priority import Priority
from scheduler.search import Result, decide, search
from scheduler.solver import Answer, Effort, Found, Outcome, Shares
from scheduler.tiers import Level
from scheduler.watch import UNIQUENESS, Incident, Limits, Progress, Stop, Watch
from tests.builders import (
    candidate,
    municipality,
    order,
    placed,
    plan_of,
    policy,
    round_doc,
    round_of,
    window,
    wish,
)
from tests.small_rounds import small_round

CONTESTED: dict[str, Any] = {
    "candidates": [candidate("a"), candidate("b")],
    "priorities": [order("a", "b")],
}


def test_the_municipality_decides_who_gets_the_only_seat() -> None:
    assert placed(plan_of(round_doc(**CONTESTED))) == {"a": ("w", "2027-08-01")}
    reversed_ = CONTESTED | {"priorities": [order("b", "a")]}
    assert placed(plan_of(round_doc(**reversed_))) == {"b": ("w", "2027-08-01")}


def test_a_round_without_anything_has_an_empty_plan() -> None:
    empty = dict.fromkeys(("units", "windows", "municipalities", "candidates"), ())
    plan = plan_of(round_doc(**{key: [] for key in empty}))
    assert plan.status is Status.OPTIMAL
    assert plan.placements == ()
    assert [t.tier for t in plan.tiers].count("lottery") == 1


def test_accepted_commitments_stand_and_take_their_places() -> None:
    held = {"candidate": "b", "window": "w", "start": "2027-08-01", "state": "accepted"}
    plan = plan_of(round_doc(**CONTESTED, commitments=[held]))
    assert placed(plan) == {"b": ("w", "2027-08-01")}
    assert [account.candidate for account in plan.unplaced] == ["a"]
    assert {t.tier: t.value for t in plan.tiers}["placed"] == 0


def test_contradicting_commitments_are_refused_with_each_conflict() -> None:
    held = [
        {"candidate": c, "window": "w", "start": "2027-08-01", "state": "accepted"}
        for c in ("a", "b")
    ]
    doc = round_doc(**CONTESTED, commitments=held, municipalities=[municipality(max_away=1)])
    with pytest.raises(RefusedRound) as refused:
        plan_of(doc)
    assert [(c.rule, c.subject, c.candidates) for c in refused.value.conflicts] == [
        ("POSITIONS", "w", ("a", "b")),
        ("AWAY", "m", ("a", "b")),
    ]
    assert refused.value.conflicts[0].figures == {"day": "2027-08-01", "active": 2, "limit": 1}


def test_two_accepted_seats_of_one_candidate_are_refused() -> None:
    held = [
        {"candidate": "c", "window": "w", "start": start, "state": "accepted"}
        for start in ("2027-08-01", "2029-08-01")
    ]
    assert [c.rule for c in conflicts(round_of(round_doc(commitments=held)))] == ["ONE"]


def test_an_offer_is_kept_before_anything_else_is_considered() -> None:
    offer = {"candidate": "b", "window": "w", "start": "2027-08-01", "state": "offered"}
    assert placed(plan_of(round_doc(**CONTESTED, commitments=[offer]))) == {
        "b": ("w", "2027-08-01")
    }


def test_progress_names_tier_value_bound_and_position() -> None:
    seen: list[Progress] = []
    ticks = count()
    watch = Watch(on_progress=seen.append, clock=lambda: float(next(ticks)))
    plan_round(generate("finnmark", 3), watch=watch)
    assert seen
    assert {p.tier for p in seen} <= set(scheduler.tiers.BUILDERS) | {"lottery", UNIQUENESS}
    assert all(1 <= p.position <= p.of for p in seen)
    assert [p.seconds for p in seen] == sorted(p.seconds for p in seen)


def test_a_stop_asked_for_before_the_start_gives_a_plan_without_proof() -> None:
    stop = Stop()
    stop.request()
    plan = plan_round(generate("finnmark", 1), watch=Watch(stop=stop))
    assert plan.status is Status.FEASIBLE
    assert plan.verified
    assert plan.placements
    assert not plan.tiers[-1].proven


def test_a_stop_on_the_way_keeps_the_best_plan() -> None:
    stop = Stop()

    def on_progress(progress: Progress) -> None:
        if progress.tier == "placed" and progress.value > 0:
            stop.request()

    plan = plan_round(generate("nord", 1), watch=Watch(on_progress=on_progress, stop=stop))
    assert plan.status is Status.FEASIBLE
    assert plan.verified
    assert plan.placements
    values = {t.tier: t for t in plan.tiers}
    assert values["lottery"].bound >= values["lottery"].value


def test_a_stop_from_another_thread_ends_a_running_solve() -> None:
    """A request before the solve has begun must not be lost."""
    stop, started = Stop(), Event()
    watch = Watch(on_progress=lambda _: started.set(), stop=stop)
    plans: list[Any] = []
    thread = Thread(target=lambda: plans.append(plan_round(generate("nord", 1), watch=watch)))
    thread.start()
    assert started.wait(60)
    stop.request()
    thread.join(60)
    assert not thread.is_alive()
    assert plans[0].verified


def test_the_same_deterministic_limit_gives_the_same_plan() -> None:
    round_ = generate("nord", 1)
    first, second = (plan_round(round_, Limits(deterministic=0.03)) for _ in range(2))
    assert first.status is Status.FEASIBLE
    assert first.document == second.document
    assert first.placements


def test_a_search_that_is_cut_short_leaves_nothing_that_somebody_could_have() -> None:
    round_ = generate("nord", 1)
    plan = plan_round(round_, Limits(deterministic=0.003))
    model = Model(round_)
    given, priority = model.given(plan.placements), Priority(model)
    assert plan.status is Status.FEASIBLE
    left = [i for each in plan.unplaced for i in model.of_candidate.get(each.candidate, ())]
    assert len(left) > 100
    assert not any(priority.has_room(i, given) for i in left)


def test_a_time_limit_ends_the_search_with_bounds() -> None:
    ticks = count()
    watch = Watch(clock=lambda: next(ticks) * 0.5)
    plan = plan_round(generate("nord", 1), Limits(seconds=4), watch)
    assert plan.status is Status.FEASIBLE
    assert plan.verified
    best = scheduler.verify.values.MAXIMISED
    assert all(t.bound >= t.value if t.tier in best else t.bound <= t.value for t in plan.tiers)


class Liar:
    """CP-SAT that gives a false answer while `lies` are left."""

    lies = 1
    answer = Answer(Outcome.INFEASIBLE, frozenset(), None, 0.0, 0.0)
    efforts: list[Effort]

    def __init__(self) -> None:
        self._honest = CpSat()

    def add(self, variables: int, rows: Iterable[Row]) -> None:
        self._honest.add(variables, rows)

    def relaxed(self, *_: object) -> None:
        """It tells nothing before it is asked."""

    def suppose(self) -> None:
        """Nothing is supposed of a solver without a linear program."""

    def recant(self) -> None:
        """Nothing was supposed."""

    def sharpen(self, _: Shares) -> bool:
        return False

    def optimise(
        self, level: Level, hint: Mapping[int, bool], effort: Effort, stop: Stop | None,
        found: Found,
    ) -> Answer:  # fmt: skip
        type(self).efforts.append(effort)
        if level.tier == "placed" and type(self).lies > 0:
            type(self).lies -= 1
            return self.answer
        return self._honest.optimise(level, hint, effort, stop, found)


TWO_SEATS = round_doc(
    windows=[window(), window("w2", opens="2027-09-01", closes="2028-09-01")],
    candidates=[candidate("a"), candidate("b", wishes=[wish(earliest="2027-09-01")])],
    priorities=[order("a", "b")],
)


def lied_to(
    lies: int, answer: Answer, doc: dict[str, Any]
) -> tuple[Result, list[Incident], list[Effort]]:
    class Own(Liar):
        pass

    Own.lies, Own.answer, Own.efforts = lies, answer, []
    incidents: list[Incident] = []
    watch = Watch(on_incident=incidents.append)
    return search(round_of(doc), Limits(), watch, Own), incidents, Own.efforts


INFEASIBLE = Answer(Outcome.INFEASIBLE, frozenset(), None, 0.0, 0.0)
WORSE = Answer(Outcome.OPTIMAL, frozenset(), 0, 0.0, 0.0)
LOW_BOUND = Answer(Outcome.FEASIBLE, frozenset(), -1, 0.0, 0.0)


FAULT = Answer(Outcome.FAULT, frozenset(), None, 0.0, 0.0)


BEGINNINGS = 60
"""From how many other plans the best one is looked for."""


def test_the_best_plan_is_the_same_from_wherever_the_search_begins() -> None:
    """Some beginnings break orders, some hold what the model has not got."""
    begun = envied = 0
    for seed in count():
        round_ = read_round(json.dumps(small_round(seed)).encode())
        if conflicts(round_):
            continue
        model = Model(round_)
        numbers = list(range(len(model.options)))
        Random(seed).shuffle(numbers)
        known = Priority(model).together(numbers)
        if not known:
            continue
        envied += bool(Priority(model).envies(known))
        beginning = [model.options[i] for i in known]
        gone = replace(beginning[0], candidate="gone")
        found = decide(Model(round_), Limits(), Watch(), exact, {*beginning, gone})
        assert found == decide(Model(round_), Limits(), Watch(), exact)
        begun += 1
        if begun == BEGINNINGS:
            break
    assert envied > BEGINNINGS // 20


def test_a_search_that_ends_at_once_leaves_what_it_began_from() -> None:
    model = Model(round_of(round_doc(**CONTESTED)))
    (junior,) = (o for o in model.options if o.candidate == "b")
    (senior,) = (o for o in model.options if o.candidate == "a")
    stop = Stop()
    stop.request()
    for known, left in ((senior, (senior,)), (junior, (senior,))):
        found = decide(model, Limits(), Watch(stop=stop), exact, {known})
        assert (found.status, found.chosen) == (Status.FEASIBLE, left)


@pytest.mark.parametrize("answer", [INFEASIBLE, LOW_BOUND, FAULT])
def test_an_impossible_verdict_is_recorded_and_tried_without_presolve(answer: Answer) -> None:
    result, incidents, efforts = lied_to(1, answer, TWO_SEATS)
    assert [(i.tier, i.outcome, i.presolve) for i in incidents] == [
        ("placed", answer.outcome.value, True)
    ]
    assert [effort.presolve for effort in efforts].count(False) == 1
    assert result.status is Status.OPTIMAL
    assert len(result.chosen) == 2


def test_two_impossible_verdicts_leave_the_tier_unproven_and_the_plan_standing() -> None:
    result, incidents, _ = lied_to(2, INFEASIBLE, round_doc(**CONTESTED))
    assert [i.presolve for i in incidents] == [True, False]
    assert result.status is Status.FEASIBLE
    tiers = {t.tier: t for t in result.tiers}
    assert (tiers["placed"].value, tiers["placed"].bound) == (1, 2)
    assert not any(tiers[tier].proven for tier in ("placed", "waiting", "lottery"))


def test_an_optimum_worse_than_the_plan_in_hand_is_not_believed() -> None:
    """The plan in hand has both placed by the time the level `waiting` is decided."""

    class Forgetful(Liar):
        lies, answer, efforts = 1, WORSE, []

        def optimise(
            self, level: Level, hint: Mapping[int, bool], effort: Effort, stop: Stop | None,
            found: Found,
        ) -> Answer:  # fmt: skip
            if level.tier == "start" and type(self).lies > 0:
                type(self).lies -= 1
                return Answer(Outcome.OPTIMAL, frozenset(), 10_000, 0.0, 0.0)
            return self._honest.optimise(level, hint, effort, stop, found)

    incidents: list[Incident] = []
    late = wish(earliest="2027-09-01", ideal="2027-12-01")
    doc = round_doc(windows=[window(closes="2029-08-01")], candidates=[candidate(wishes=[late])])
    result = search(round_of(doc), Limits(), Watch(on_incident=incidents.append), Forgetful)
    assert incidents
    assert result.status is Status.OPTIMAL
    assert str(result.chosen[0].start) == "2027-12-01"


def test_a_plan_the_verifier_rejects_is_withheld(monkeypatch: pytest.MonkeyPatch) -> None:

    def dishonest(*arguments: Any) -> Result:
        result = search(*arguments)
        first: Option = result.chosen[0]
        part = replace(first.parts[0], start=first.start.replace(day=2))
        return replace(result, chosen=(replace(first, parts=(part,)),))

    monkeypatch.setattr(scheduler.planner, "search", dishonest)
    with pytest.raises(UnverifiedPlan) as withheld:
        plan_of(round_doc())
    assert "FIT" in withheld.value.codes


def test_equal_tickets_are_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two windows alike in everything but the ticket; the first draw is made to tie."""
    doc = round_doc(windows=[window("w1"), window("w2")])
    honest = scheduler.tiers.ticket

    def tied(seed: str, counter: int, option: Option) -> int:
        return 7 if counter < 2 else honest(seed, counter, option)

    monkeypatch.setattr(scheduler.tiers, "ticket", tied)
    result = search(round_of(doc), Limits(), Watch(), CpSat)
    assert result.lottery_counter == 2
    assert result.status is Status.OPTIMAL
    assert [t.tier for t in result.tiers].count("lottery") == 1
    draws = {o: honest("frø", 2, o) for o in scheduler.options.admissible_options(round_of(doc))}
    assert result.chosen == (max(draws, key=lambda o: draws[o]),)


def test_a_level_left_open_and_outdone_later_shows_its_better_value() -> None:
    """`placed` stops at the empty plan; `waiting` then finds one that places somebody."""

    class Hurried(Liar):
        lies, answer, efforts = 1, Answer(Outcome.FEASIBLE, frozenset(), 1, 0.0, 0.0), []

    doc = round_doc(
        policy=policy(tiers=["placed", "waiting"]), candidates=[candidate(rounds_waited=3)]
    )
    result = search(round_of(doc), Limits(), Watch(), Hurried)
    assert [(t.tier, t.value, t.bound, t.proven) for t in result.tiers[:2]] == [
        ("placed", 1, 1, True),
        ("waiting", 3, 3, True),
    ]
    assert len(result.chosen) == 1
