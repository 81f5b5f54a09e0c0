"""A search in shares comes to the same, whoever works them out and in whatever order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

import pytest

import scheduler.search
import scheduler.tiers
from data.documents import read_round, write_plan
from data.synthetic import generate
from scheduler.components import components
from scheduler.conflicts import conflicts
from scheduler.exact import exact
from scheduler.ground import Ground
from scheduler.model import Model
from scheduler.options import Option
from scheduler.planner import plan_round
from scheduler.plans import Status
from scheduler.rounds import Round
from scheduler.search import search
from scheduler.shares import Outcome as Came
from scheduler.shares import Own, Share
from scheduler.solver import Answer, Effort, Found, Outcome
from scheduler.tiers import Level
from scheduler.watch import Limits, Stop, Watch
from tests.builders import window
from tests.scheduler.test_components import SEEDS, side_by_side, summary, two_towns
from tests.scheduler.test_search import Liar


class Elsewhere:
    """Works out shares from what JSON tells of them, the last one first."""

    hands = 2

    def __init__(self, round_: Round) -> None:
        self._ground = Ground(round_, exact)
        self.worked = 0

    def outcomes(self, shares: Sequence[Share], _: Own) -> Iterator[tuple[int, Came]]:
        for place, share in reversed(list(enumerate(shares))):
            self.worked += 1
            told = Share.of(json.loads(json.dumps(asdict(share))))
            assert told == share
            outcome = self._ground.outcome(told, Watch(), lambda _: None)
            assert Came.of(json.loads(json.dumps(asdict(outcome)))) == outcome
            yield place, outcome


@pytest.fixture
def small_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every component is a share of its own."""
    monkeypatch.setattr(scheduler.search, "SIZE", 1)


def small() -> Iterator[Round]:
    """Rounds of several components, contradictions left out."""
    for seed in SEEDS[:24]:
        round_ = read_round(json.dumps(side_by_side(seed)).encode())
        if not conflicts(round_) and len(components(round_, Model(round_).options)) > 1:
            yield round_


@pytest.mark.usefixtures("small_shares")
def test_shares_come_to_the_plan_of_the_round_in_one_piece(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    modes, accepted, waits = set(), 0, 0
    for round_ in small():
        crew = Elsewhere(round_)
        shared = write_plan(plan_round(round_, crew=crew))
        with monkeypatch.context() as patched:
            patched.setattr(scheduler.search, "components", lambda _, own: [tuple(own)])
            assert write_plan(plan_round(round_)) == shared
        modes.add(round_.policy.priority)
        accepted += bool(round_.accepted)
        waits += crew.worked > 2
    assert modes >= {"strict", "advisory"}
    assert accepted > 2
    assert waits > 5


@pytest.mark.usefixtures("small_shares")
def test_a_tie_in_one_share_is_drawn_again_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = scheduler.tiers.ticket

    def tied(seed: str, counter: int, option: Option) -> int:
        is_tied = counter < 2 and not option.candidate.startswith("other")
        return 7 if is_tied else honest(seed, counter, option)

    monkeypatch.setattr(scheduler.tiers, "ticket", tied)
    drawn = 0
    for round_ in list(small())[:12]:
        shared = search(round_, Limits(), Watch(), exact, (), Elsewhere(round_))
        with monkeypatch.context() as patched:
            patched.setattr(scheduler.search, "components", lambda _, own: [tuple(own)])
            assert summary(search(round_, Limits(), Watch(), exact)) == summary(shared)
        drawn += shared.lottery_counter > 0
    assert drawn > 1


def test_the_same_limit_of_work_gives_the_same_plan_whoever_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scheduler.search, "SIZE", 500)
    round_ = generate("nord", 2)
    limits = Limits(deterministic=0.003)
    crew = Elsewhere(round_)
    alone, shared = (plan_round(round_, limits, crew=each) for each in (None, crew))
    assert alone.status is Status.FEASIBLE
    assert crew.worked > 2
    assert write_plan(alone) == write_plan(shared)


class Needy(Liar):
    """CP-SAT that gives up at once where it gets less than it thinks it needs."""

    lies, answer, efforts = 0, Answer(Outcome.UNKNOWN, frozenset(), None, 0.0, 0.0), []

    def optimise(
        self, level: Level, hint: Mapping[int, bool], effort: Effort, stop: Stop | None,
        found: Found,
    ) -> Answer:  # fmt: skip
        assert effort.deterministic is not None
        if effort.deterministic < 0.3:
            return self.answer
        return self._honest.optimise(level, hint, effort, stop, found)


def test_what_others_leave_of_the_limits_goes_to_whoever_needs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Anna's component has one option of fourteen: that part is too little to begin with."""
    windows = [window(), window("w2", unit="v", closes="2030-08-01")]
    round_ = two_towns(windows=windows).round
    assert [len(own) for own in components(round_, Model(round_).options)] == [1, 13]
    limits = Limits(deterministic=1.0)
    assert search(round_, limits, Watch(), Needy).status is Status.OPTIMAL
    monkeypatch.setattr(scheduler.search, "LAPS", 0)
    assert search(round_, limits, Watch(), Needy).status is Status.FEASIBLE


@pytest.mark.usefixtures("small_shares")
def test_a_stop_keeps_what_was_seen_at_a_glance(monkeypatch: pytest.MonkeyPatch) -> None:
    round_ = generate("nord", 2)
    stop = Stop()

    class Leaving:
        """Works at a glance, and hears of a stop then."""

        hands = 1

        def outcomes(self, shares: Sequence[Share], own: Own) -> Iterator[tuple[int, Came]]:
            for place, share in enumerate(shares):
                yield place, own(share)
            stop.request()

    plan = plan_round(round_, None, Watch(stop=stop), Leaving())
    assert plan.status is Status.FEASIBLE
    whole = {tier.tier: tier.value for tier in plan_round(round_).tiers}
    assert plan.placed > 0.9 * whole["placed"]
    assert all(tier.bound >= whole[tier.tier] for tier in plan.tiers if tier.tier == "placed")
