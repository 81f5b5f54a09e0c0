"""How many posts, and where: what one more is worth, and the cheapest set that is enough.

What the words mean stands in docs/capacity.md. Nothing here changes the round that is studied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import ceil
from typing import Literal

from scheduler.asking import Asking, Stopped
from scheduler.dates import add_months
from scheduler.exact import exact as new_solver
from scheduler.model import Model
from scheduler.options import Option
from scheduler.planner import plan_round
from scheduler.plans import Plan, Status
from scheduler.posts import Post, Unplaceable, grid, unplaceable, widened
from scheduler.purchase import Bought, Market
from scheduler.rounds import Round
from scheduler.tiers import Level, critical
from scheduler.watch import Limits, Watch
from scheduler.worth import Worth, counts, worths

TRIES = 200
"""Sets that are planned before the search for the cheapest one gives up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a set of posts must reach.

    Attributes
    ----------
    kind
        ``everyone`` is placed, every critical candidate is placed by her ``deadlines``, or a
        ``share`` of the candidates is placed.
    share
        Above 0 and at most 1; read for ``share`` alone, and rounded up to whole candidates.
    within
        Months from the decision before which a stay must begin to count, at least 1; None = any
        time. Read for ``share`` alone.
    """

    kind: Literal["everyone", "deadlines", "share"] = "everyone"
    share: Fraction = Fraction(1)
    within: int | None = None

    def before(self, decision_date: date) -> date | None:
        """Return the day before which a stay must begin to count; None = any day does."""
        if self.kind != "share" or self.within is None:
            return None
        return add_months(decision_date, self.within)


class Found(StrEnum):
    """What became of the search for a set."""

    CHEAPEST = "cheapest"
    """No set that reaches the target comes before it."""

    FEASIBLE = "feasible"
    """The set reaches the target; that none comes before it was not proven in time."""

    IMPOSSIBLE = "impossible"
    """No set of posts reaches the target."""

    UNDECIDED = "undecided"
    """The search was stopped, the time was up, or it gave up after `TRIES` sets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """The cheapest set of posts for a target.

    Attributes
    ----------
    posts, cost, plan
        The set by unit and start, what it costs, and the best plan with it; nothing, 0 and None
        where none was found.
    bound
        No set that reaches the target costs less.
    counted, needed
        Candidates who count for the target, and how many of them must be placed.
    reachable
        The most of them that any plan with any posts places, or, where the time was up, a number
        that none exceeds; no more than `counted`.
    left_out
        Candidates who do not count, since no post could help them, with the rules that fail.
    tried
        Sets that were planned.
    """

    found: Found
    posts: tuple[tuple[Post, int], ...] = ()
    cost: int = 0
    bound: int = 0
    plan: Plan | None = None
    counted: int
    needed: int
    reachable: int
    left_out: tuple[Unplaceable, ...]
    tried: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A round's plan, what each post would be worth, and the cheapest set for a target."""

    round: Round
    target: Target
    plan: Plan
    worths: tuple[Worth, ...]
    purchase: Purchase


def capacity_study(  # noqa: PLR0913 - what is asked, how long, and who is told
    round_: Round,
    target: Target,
    costs: Mapping[str, int],
    *,
    exact: int = 8,
    seconds: float | None = None,
    watch: Watch | None = None,
    told: Callable[[str, int, int], None] = lambda _work, _done, _of: None,
) -> Study:
    """Study what posts a round lacks.

    Parameters
    ----------
    costs
        Cost of one post by unit, at least 0; 1 where a unit is left out.
    exact
        How many of the most promising posts are planned exactly, at least 0; bounds for the rest.
    seconds
        Most time for the search for the cheapest set, by the watch's clock; None = until proven.
        What it stops is not reproducible. The plan of the set that is found takes its own time.
    watch
        Its stop ends the study: what is not proven by then is said to be open.
    told
        Told ``plan``, ``bounds``, ``worth`` or ``purchase``, how much is done, and of how much; 0 =
        nobody knows.

    Raises
    ------
    RefusedRound
        Where the accepted commitments alone break a rule.
    Stopped
        Where the search was stopped before the round's own plan and its bounds were proven.
    """
    asking = Asking(new_solver=new_solver, watch=watch or Watch(), told=told)
    told("plan", 0, 1)
    plan = plan_round(round_, Limits(), asking.watch)
    if plan.status is not Status.OPTIMAL:
        raise Stopped
    posts = grid(round_)
    worth = worths(round_, plan, posts, exact, asking)
    if seconds is not None:
        asking = replace(asking, until=asking.watch.clock() + seconds)
    purchase = cheapest(round_, posts, target, costs, asking)
    return Study(round=round_, target=target, plan=plan, worths=worth, purchase=purchase)


def cheapest(
    round_: Round,
    posts: Sequence[Post],
    target: Target,
    costs: Mapping[str, int],
    asking: Asking,
) -> Purchase:
    """Return the first set of posts with which the round's best plan reaches a target.

    First is: cheapest, then of fewest posts, then whose posts, sorted by unit and start, come
    first. Where the time is up, the best set found by then.
    """
    market = Market(round_, posts, costs)
    counting = _Counting(round_, market.model, posts, target)
    reachable = _reachable(market, counting, asking)
    if reachable < counting.needed:
        return counting.purchase(Found.IMPOSSIBLE, reachable)
    bound = 0
    for tried in range(TRIES):
        asking.told("purchase", tried, 0)
        try:
            bought = market.first([counting.level.at_least(counting.needed)], asking)
            if bought is None:
                return counting.purchase(Found.IMPOSSIBLE, reachable, tried=tried)
            bound = bought.bound
            plan = _proven(widened(round_, dict(bought.posts)), asking)
        except Stopped as stopped:
            bound = max(bound, stopped.bound or 0)
            return counting.purchase(Found.UNDECIDED, reachable, bound=bound, tried=tried)
        if counting.reached(plan) >= counting.needed:
            found = Found.CHEAPEST if bought.first else Found.FEASIBLE
            return counting.purchase(
                found, reachable, bought=bought, plan=plan, bound=bound, tried=tried + 1
            )
        market = market.without(bought)
    return counting.purchase(Found.UNDECIDED, reachable, bound=bound, tried=TRIES)


def _reachable(market: Market, counting: _Counting, asking: Asking) -> int:
    """Return a number that no plan with any posts exceeds: the most of them where it is proven.

    Where time is short it gets a quarter of it: the set is what was asked for.
    """
    if asking.until is not None:
        now = asking.watch.clock()
        asking = replace(asking, until=now + (asking.until - now) / 4)
    try:
        return market.most(counting.level, asking)
    except Stopped as stopped:
        return counting.counted if stopped.bound is None else min(stopped.bound, counting.counted)


def _proven(round_: Round, asking: Asking) -> Plan:
    plan = plan_round(round_, Limits(), Watch(stop=asking.watch.stop))
    if plan.status is not Status.OPTIMAL:
        raise Stopped
    return plan


class _Counting:
    """Who counts for a target, in the model and in a plan."""

    def __init__(self, round_: Round, model: Model, posts: Sequence[Post], target: Target) -> None:
        self._round, self._target = round_, target
        self._due = {c.id: c.complete_by for c in round_.candidates if critical(round_, c)}
        self._before = target.before(round_.decision_date)
        numbers = [i for i, option in enumerate(model.options) if self._counts(option)]
        people = {model.options[i].candidate for i in numbers}
        self.level = Level("reached", None, True, tuple((i, 1) for i in numbers))
        self.counted = len(people)
        share = target.share if target.kind == "share" else Fraction(1)
        self.needed = ceil(share * self.counted)
        self._left_out = tuple(self._without(people, posts))

    def reached(self, plan: Plan) -> int:
        """Return how many of those who count a plan places."""
        if self._target.kind == "deadlines":
            return counts(self._round, plan).deadline
        own = (p for p in plan.placements if p.candidate not in self._round.accepted)
        return len({p.candidate for p in own if self._begins(p.start)})

    def purchase(
        self,
        found: Found,
        reachable: int,
        *,
        bought: Bought | None = None,
        plan: Plan | None = None,
        bound: int = 0,
        tried: int = 0,
    ) -> Purchase:
        """Return a purchase with what is counted filled in."""
        return Purchase(
            found=found,
            posts=bought.posts if bought else (),
            cost=bought.cost if bought else 0,
            bound=bound,
            plan=plan,
            counted=self.counted,
            needed=self.needed,
            reachable=reachable,
            left_out=self._left_out,
            tried=tried,
        )

    def _counts(self, option: Option) -> bool:
        if self._target.kind != "deadlines":
            return self._begins(option.start)
        complete_by = self._due.get(option.candidate)
        return complete_by is not None and option.end <= complete_by

    def _begins(self, start: date) -> bool:
        """Tell whether a stay begins in time for the target."""
        return self._before is None or start < self._before

    def _without(self, people: set[str], posts: Sequence[Post]) -> list[Unplaceable]:
        """Return who should count and cannot.

        ``LATE`` = no option ends by her deadline, ``BEGINS_LATE`` = none begins within the months.
        """
        late = "LATE" if self._target.kind == "deadlines" else "BEGINS_LATE"
        known = {each.candidate: each for each in unplaceable(self._round, posts)}
        concerned = self._due if self._target.kind == "deadlines" else self._round.candidate
        missing = sorted(set(concerned) - people - set(self._round.accepted))
        return [known.get(candidate, Unplaceable(candidate, (late,))) for candidate in missing]
