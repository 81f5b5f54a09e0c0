"""What one more post is worth: the best plan with it, held against the best plan without.

The promising posts are planned exactly. For the rest stands a proven bound. It looks at all plans
of the widened round that keep ONE, POSITIONS, SUPERVISED and AWAY, so at more than PRIORITY and the
tiers allow: what none of them reaches, the best plan does not reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import partial

from scheduler.asking import Asking, optimum
from scheduler.model import Model, Row
from scheduler.options import Option, Part
from scheduler.planner import plan_round
from scheduler.plans import Plan, Status, by_candidate
from scheduler.posts import Post, users, widened, window_id
from scheduler.rounds import Round
from scheduler.solver import Solver
from scheduler.tiers import Level, critical
from scheduler.watch import Limits, Watch

Gain = tuple[str, int | None, int]
"""Tier, level, and by how much it is better; below 0 where it is worse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What a post would change in the best plan.

    Attributes
    ----------
    candidates
        Ids of those who have an option in the post, sorted.
    exact
        The round was planned with the post, to proof; else each figure is a bound: the best plan
        gains no more.
    deadline, placed
        More candidates placed in time (critical ones alone), more placed at all.
    classes
        More candidates placed with class 1, 2, … or better.
    tiers
        What every tier but the lottery gains, in the policy's order; empty where not exact.
    """

    post: Post
    candidates: tuple[str, ...]
    exact: bool
    deadline: int
    placed: int
    classes: tuple[int, ...]
    tiers: tuple[Gain, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """Candidates without an accepted seat that a plan places in time, at all, and by class."""

    deadline: int
    placed: int
    classes: tuple[int, ...]


def worths(
    round_: Round,
    plan: Plan,
    posts: Sequence[Post],
    exact: int,
    asking: Asking,
) -> tuple[Worth, ...]:
    """Return what each post is worth alone that somebody could use, the exact ones first.

    Parameters
    ----------
    plan
        The round's plan, proven best.
    exact
        How many of the promising posts are planned exactly, at least 0. Promising are those whose
        bounds are highest, then those whom most unplaced candidates could use.
    asking
        Solver, stop, and who is told how many exact plans are made.
    """
    asking.told("bounds", 0, 0)
    bounds = _Bounds(round_, plan, posts, asking)
    found = sorted(bounds.all(), key=lambda worth: _promise(worth, plan))
    solved: list[Worth] = []
    rest: list[Worth] = []
    for worth in found:
        done = len(solved) + len(rest)
        asking.told("worth", min(done, exact), min(exact, len(found)))
        known = None if done >= exact else _planned(round_, plan, worth, asking.watch)
        (rest if known is None else solved).append(known or worth)
    return (*sorted(solved, key=_order), *sorted(rest, key=_order))


def _order(worth: Worth) -> tuple[int, int, tuple[int, ...], Post]:
    """Sort by what is gained, most first, and then by unit and start."""
    return -worth.deadline, -worth.placed, tuple(-gain for gain in worth.classes), worth.post


def counts(round_: Round, plan: Plan) -> Counts:
    """Count whom a plan places; holders of accepted seats are left out."""
    worst = max((len(c.wishes) for c in round_.candidates), default=0)
    every = by_candidate(plan.placements).values()
    own = [parts[-1] for parts in every if parts[-1].candidate not in round_.accepted]
    due = {c.id: c.complete_by for c in round_.candidates if critical(round_, c)}
    in_time = sum((by := due.get(p.candidate)) is not None and p.end <= by for p in own)
    classes = (sum((p.wish_class or worst) <= k for p in own) for k in range(1, worst + 1))
    return Counts(in_time, len(own), tuple(classes))


def _promise(worth: Worth, plan: Plan) -> tuple[int, int, int, int, Post]:
    unplaced = {account.candidate for account in plan.unplaced}
    waiting = len(unplaced.intersection(worth.candidates))
    return (-worth.deadline, -worth.placed, -waiting, -len(worth.candidates), worth.post)


def _planned(round_: Round, plan: Plan, worth: Worth, watch: Watch) -> Worth | None:
    """Plan the round with a post; None where the search was stopped before all was proven."""
    best = plan_round(widened(round_, {worth.post: 1}), Limits(), Watch(stop=watch.stop))
    if best.status is not Status.OPTIMAL:
        return None
    own, base = counts(round_, best), counts(round_, plan)
    return Worth(
        post=worth.post,
        candidates=worth.candidates,
        exact=True,
        deadline=own.deadline - base.deadline,
        placed=own.placed - base.placed,
        classes=tuple(a - b for a, b in zip(own.classes, base.classes, strict=True)),
        tiers=tuple(gains(plan, best)),
    )


def gains(plan: Plan, other: Plan) -> Iterator[Gain]:
    """Yield by how much `other` is better in each tier level but the lottery.

    A level that only one of them has, since its worst class is worse, counts 0 in the other.
    """
    mine = {(t.tier, t.level): t.value for t in plan.tiers}
    theirs = {(t.tier, t.level): t.value for t in other.tiers}
    longer = other.tiers if len(theirs) > len(mine) else plan.tiers
    for key in ((t.tier, t.level) for t in longer if t.tier != "lottery"):
        gain = theirs.get(key, 0) - mine.get(key, 0)
        yield (*key, -gain if key[0] in LESS_IS_BETTER else gain)


LESS_IS_BETTER = frozenset({"wish", "spread", "start"})
"""Tiers that are minimised."""


class _Bounds:
    """Bounds for posts, from one model in which any one of them may be used."""

    def __init__(
        self,
        round_: Round,
        plan: Plan,
        posts: Sequence[Post],
        asking: Asking,
    ) -> None:
        self._round, self._asking = round_, asking
        self._users = _alone(round_, users(round_, posts))
        self._base = counts(round_, plan)
        self.model = Model(widened(round_, dict.fromkeys(self._users, 1)))
        by_window = {window_id(round_, post): post for post in self._users}
        self._posts = [
            {by_window[part.window] for part in option.parts if part.window in by_window}
            for option in self.model.options
        ]
        self._used = {post: self.model.variable() for post in self._users}
        for i, own in enumerate(self._posts):
            used = (((i, 1), (self._used[post], -1)) for post in sorted(own))
            self.model.rows += (Row(terms, upper=0) for terms in used)
        self._due = {c.id: c.complete_by for c in round_.candidates if critical(round_, c)}

    def all(self) -> Iterator[Worth]:
        """Yield the bounds of every post that somebody could use."""
        deadline = self._most(self._base.deadline, self._in_time, tried=True)
        placed = self._most(self._base.placed, lambda _: True, tried=True)
        classes = [
            self._most(base, partial(_within, k), tried=False)
            for k, base in enumerate(self._base.classes[:-1], start=1)
        ]
        for post, options in self._users.items():
            yield Worth(
                post=post,
                candidates=tuple(sorted({option.candidate for option in options})),
                exact=False,
                deadline=deadline[post],
                placed=placed[post],
                classes=(*(each[post] for each in classes), placed[post]),
            )

    def _in_time(self, option: Option) -> bool:
        complete_by = self._due.get(option.candidate)
        return complete_by is not None and option.end <= complete_by

    def _most(
        self, base: int, counted: Callable[[Option], bool], *, tried: bool
    ) -> dict[Post, int]:
        """Return by post how many more than `base` candidates with a counted option can be placed.

        Without the post `most` can be; with it, no more than that and the stays that it holds. That
        some posts do not even raise it is proven only where it is `tried`.
        """
        options = self.model.options
        numbers = [i for i, option in enumerate(options) if counted(option)]
        level = Level("most", None, True, tuple((i, 1) for i in numbers))
        nothing_used = Row(tuple((used, 1) for used in self._used.values()), upper=0)
        without = optimum(self._solver([nothing_used]), level, self._asking)
        assert without is not None, "an empty plan keeps every rule"
        most = level.value(without)
        plan = frozenset(i for i in without if i < len(options))
        may = self._raising(level, most, plan) if tried else self._users.keys()
        return {
            post: most - base + (self._stays(post, filter(counted, stays)) if post in may else 0)
            for post, stays in self._users.items()
        }

    def _raising(self, level: Level, most: int, without: frozenset[int]) -> Set[Post]:
        """Return the posts with which more than `most` may be placed; no other post does so.

        Who fits into a post beside all of a best plan shows it at once; else the solver is asked
        for a plan that any one of the posts left makes better, until there is none.
        """
        may: set[Post] = set()
        found = self._joining(level, without)
        one_used = Row(tuple((used, 1) for used in self._used.values()), upper=1)
        solver = self._solver([one_used, level.at_most(most + 1)])
        while True:
            closing = (Row(((self._used[post], 1),), upper=0) for post in found - may)
            solver.add(self.model.variables, closing)
            may |= found
            better = optimum(solver, level, self._asking)
            if better is None or level.value(better) == most:
                return may
            others = frozenset(i for i in better if i < len(self._posts) and not self._posts[i])
            found = {post for post, used in self._used.items() if used in better}
            if level.value(others) == most:
                found |= self._joining(level, others)

    def _joining(self, level: Level, plan: frozenset[int]) -> set[Post]:
        """Return the posts into which somebody fits whom a plan without posts leaves out."""
        joining = (self._posts[i] for i, _ in level.terms if self._joins(i, plan))
        return set().union(*joining)

    def _joins(self, number: int, plan: frozenset[int]) -> bool:
        """Tell whether an option in a post fits beside a plan that leaves its candidate out."""
        model = self.model
        option = model.options[number]
        if len(self._posts[number]) != 1 or plan.intersection(model.of_candidate[option.candidate]):
            return False
        return all(self._has_room(option.candidate, part, plan) for part in option.parts)

    def _has_room(self, candidate: str, part: Part, plan: frozenset[int]) -> bool:
        town = self._round.candidate[candidate].municipality
        for key in (("POSITIONS", part.window), ("SUPERVISED", part.unit), ("AWAY", town)):
            resource = self.model.resource.get(key)
            for day in resource.starts if resource is not None else ():
                assert resource is not None
                active = plan.intersection(resource.active(day))
                if part.start <= day < part.end and len(active) >= resource.free(day):
                    return False
        return True

    def _stays(self, post: Post, options: Iterable[Option]) -> int:
        """Return how many candidates can follow each other in a post at most."""
        window = window_id(self._round, post)
        held = [(part, o.candidate) for o in options for part in o.parts if part.window == window]
        stays, free_from = 0, date.min
        for part, _ in sorted(held, key=lambda each: each[0].end):
            if part.start >= free_from:
                stays, free_from = stays + 1, part.end
        return min(stays, len({candidate for _, candidate in held}))

    def _solver(self, rows: Iterable[Row]) -> Solver:
        solver = self._asking.new_solver()
        solver.add(self.model.variables, (*self.model.rows, *rows))
        return solver


def _within(worst: int, option: Option) -> bool:
    return option.wish_class <= worst


def _alone(
    round_: Round, wanted: Mapping[Post, Sequence[Option]]
) -> dict[Post, tuple[Option, ...]]:
    """Return the options that one post is enough for, by the post; posts without any are absent."""
    windows = {window_id(round_, post) for post in wanted}
    found = {
        post: tuple(o for o in own if len({part.window for part in o.parts} & windows) == 1)
        for post, own in wanted.items()
    }
    return {post: own for post, own in found.items() if own}
