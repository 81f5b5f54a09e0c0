"""The cheapest set of posts with which a round's best plan reaches a target (docs/capacity.md).

One integer program over posts and placements, with every hard rule as in the round with the set
added. It finds the set that comes first among those with which *some* plan reaches the target; the
planner then says whether the *best* one does. Where it does not, that one set is ruled out and the
next one asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from scheduler.asking import Asking, Stopped, optimum
from scheduler.model import Model, Resource, Row
from scheduler.posts import Post, sold, widened, window_id
from scheduler.priority import Priority
from scheduler.rounds import Round
from scheduler.solver import Solver
from scheduler.standing import Blocker, Envy, Standing
from scheduler.tiers import Level

WIDEST_WEIGHT = 1 << 40
"""Posts are put in order by one sum as long as its weights stay below."""

Terms = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Bought:
    """Posts with their counts, by unit and start, and what they cost together.

    No set costs less than `bound`; where it is `first`, no set comes before it.
    """

    posts: tuple[tuple[Post, int], ...]
    cost: int
    bound: int
    first: bool = False


class Market:
    """A round in which posts are for sale: finds the first set that lets a plan reach a target.

    A plan keeps the rules also without the positions that none of its stays takes, so the first set
    has none of those. Where no two stays can follow each other in a post, its stays themselves then
    say how often it is bought, which proves fastest; else binary digits do.

    Parameters
    ----------
    round_
        The round, not refused.
    posts
        The posts for sale.
    costs
        Cost of one post by unit, at least 0; 1 where a unit is left out.
    spare
        Positions that no stay takes can be bought too: the set after one that is ruled out may have
        them.
    """

    def __init__(
        self,
        round_: Round,
        posts: Sequence[Post],
        costs: Mapping[str, int],
        *,
        spare: bool = False,
    ) -> None:
        self._round, self._given, self._spare = round_, (posts, costs), spare
        self._most = sold(round_, posts)
        self.model = Model(widened(round_, self._most))
        self._costs = {post: costs.get(post.unit, 1) for post in self._most}
        self._number = {option: i for i, option in enumerate(self.model.options)}
        self._count = {post: self._counted(post) for post in self._most}
        bought = {window_id(round_, post): terms for post, terms in self._count.items()}
        self._priority = _BoughtPriority(self.model, bought)
        self._ruled_out: list[Row] = []

    def _counted(self, post: Post) -> Terms:
        """Return the terms whose sum is how often a post is bought."""
        resource = self.model.resource["POSITIONS", window_id(self._round, post)]
        stays = [part for _, part in resource.members]
        if not self._spare and max(s.start for s in stays) < min(s.end for s in stays):
            return tuple((i, 1) for i, _ in resource.members)
        values = [1 << k for k in range(self._most[post].bit_length())]
        digits = tuple((self.model.variable(), value) for value in values)
        self.model.rows += _for_sale(resource, digits)
        return digits

    def without(self, bought: Bought) -> Market:
        """Return a market in which no answer is just this set, nor any ruled out before."""
        market = self if self._spare else Market(self._round, *self._given, spare=True)
        counts = dict(bought.posts)
        terms, ones = [], 0
        for post, digits in market._count.items():
            for digit, value in digits:
                is_one = bool(counts.get(post, 0) & value)
                terms.append((digit, -1 if is_one else 1))
                ones += is_one
        market._ruled_out.append(Row(tuple(terms), lower=1 - ones))
        return market

    def first(self, target: Sequence[Row], asking: Asking) -> Bought | None:
        """Return the first set, not ruled out, with which some plan keeps the rows of a target.

        First is: cheapest, then of fewest posts, then whose posts, sorted, come first by unit and
        start. None where no set does; where the time is up, the best set found.

        Raises
        ------
        Stopped
            Where none is found by then; its bound is of the cost.
        """
        solver = self._solver((*target, *self._ruled_out), asking)
        chosen: frozenset[int] | None = None
        bound: int | None = None
        for level, since in self._order():
            if chosen is not None and since is not None and not self._buys(chosen, since):
                continue
            try:
                found = self._best(solver, level, chosen, asking)
            except Stopped as stopped:
                known = chosen if stopped.chosen is None else stopped.chosen
                if known is None:
                    raise
                return self._bought(known, stopped.bound or 0 if bound is None else bound)
            if found is None:
                return None
            chosen = found
            bound = level.value(chosen) if bound is None else bound
            solver.add(self.model.variables, [level.at_least(level.value(chosen))])
        assert chosen is not None, "cost is a level"
        return replace(self._bought(chosen, bound or 0), first=True)

    def most(self, target: Level, asking: Asking) -> int:
        """Return the most that a level can come to with any set.

        Raises
        ------
        Stopped
            Where the stop was asked for, or the time is up.
        """
        found = self._best(self._solver((), asking), target, None, asking)
        assert found is not None, "an empty plan keeps every rule"
        return target.value(found)

    def _solver(self, rows: Sequence[Row], asking: Asking) -> Solver:
        solver = asking.new_solver()
        solver.add(self.model.variables, (*self.model.rows, *rows))
        return solver

    def _order(self) -> Iterator[tuple[Level, Post | None]]:
        """Yield what makes a set come first: cost, number, then the posts' places in order.

        With a level of the order comes its first post.
        """
        yield Level("cost", None, False, self._sum(self._costs)), None
        yield Level("count", None, False, self._sum(dict.fromkeys(self._most, 1))), None
        group: list[Post] = []
        size = 1
        for post, most in self._most.items():
            if size * (most + 1) > WIDEST_WEIGHT:
                yield self._early(group), group[0]
                group, size = [], 1
            group.append(post)
            size *= most + 1
        if group:
            yield self._early(group), group[0]

    def _early(self, group: Sequence[Post]) -> Level:
        """Return the level that buys the first of some posts as often as can be, then the next."""
        weights, weight = {}, 1
        for post in reversed(group):
            weights[post] = weight
            weight *= self._most[post] + 1
        return Level("order", None, True, self._sum(weights))

    def _buys(self, chosen: frozenset[int], since: Post) -> bool:
        """Tell whether a plan buys a post from `since` on; else what follows is settled."""
        return any(post >= since for post, _ in self._posts(chosen))

    def _sum(self, weights: Mapping[Post, int]) -> Terms:
        return tuple(
            (number, value * weight)
            for post, weight in sorted(weights.items())
            for number, value in self._count[post]
        )

    def _best(
        self, solver: Solver, level: Level, known: frozenset[int] | None, asking: Asking
    ) -> frozenset[int] | None:
        """Return the best plan in a level with the posts it takes; None where there is none.

        Stopped, it tells of the best plan found in which nobody is in the way.
        """
        hint = {i: i in known for i in range(self.model.variables)} if known else {}
        bound: int | None = None
        while True:
            proven = True
            try:
                chosen = optimum(solver, level, asking, hint)
            except Stopped as stopped:
                chosen, proven = stopped.chosen, False
                bound = _tighter(level, bound, stopped.bound)
                if chosen is None:
                    raise Stopped(bound) from None
            if chosen is None:
                return None
            rows = list(self._priority.rows(self._envies(chosen)))
            if not rows and proven:
                return chosen
            if not rows:
                raise Stopped(bound, chosen)
            if proven:
                bound = _tighter(level, bound, level.value(chosen))
            self.model.rows += rows
            solver.add(self.model.variables, rows)

    def _envies(self, chosen: frozenset[int]) -> list[Envy]:
        """Return who is in the way in the round with just the posts that are bought.

        Whoever is in a colleague's way in a unit would be at other times too, in a post of another
        month: rows against all of it at once spare many rounds.
        """
        bought = Model(widened(self._round, dict(self._posts(chosen))))
        given = {self.model.options[i] for i in chosen if i < len(self.model.options)}
        plan = [i for i, option in enumerate(bought.options) if option in given]
        envies = Priority(bought).envies(plan)
        wanted = ((self._number[bought.options[e.wanted]], e.junior) for e in envies)
        found = self._priority.alike(Envy(n, junior) for n, junior in wanted)
        return sorted(set(found))

    def _posts(self, chosen: frozenset[int]) -> tuple[tuple[Post, int], ...]:
        counts = (
            (post, sum(value for number, value in terms if number in chosen))
            for post, terms in self._count.items()
        )
        return tuple((post, count) for post, count in counts if count)

    def _bought(self, chosen: frozenset[int], bound: int) -> Bought:
        posts = self._posts(chosen)
        cost = sum(self._costs[post] * count for post, count in posts)
        return Bought(posts, cost, min(bound, cost))


def _for_sale(resource: Resource, bought: Terms) -> Iterator[Row]:
    """Yield rows that allow a stay in a post only where it is bought, as often as it is."""
    yield Row(bought, upper=resource.capacity)
    for day in resource.starts:
        active = ((i, 1) for i in resource.active(day))
        yield Row((*active, *((number, -value) for number, value in bought)), upper=0)


def _tighter(level: Level, bound: int | None, other: int | None) -> int | None:
    """Return the bound that says more."""
    if bound is None or other is None:
        return other if bound is None else bound
    return other if level.beats(bound, other) else bound


class _BoughtPriority(Priority):
    """PRIORITY where a post has as many positions as are bought of it.

    How many places are free is no number there, so its rows are the plain ones.
    """

    def __init__(self, model: Model, bought: Mapping[str, Terms]) -> None:
        super().__init__(model, standing=_BoughtStanding(model, bought))

    def against(self, envy: Envy) -> tuple[Row, ...]:
        """Return the rows that rule one envy out."""
        if envy not in self._against:
            self._against[envy] = tuple(self.plainly(envy))
        return self._against[envy]


class _BoughtStanding(Standing):
    """What lets a junior stand where a post has as many positions as are bought of it.

    A position that is not bought counts as filled: "others fill it" then says what it says in the
    round with the set added, whatever the set.
    """

    def __init__(self, model: Model, bought: Mapping[str, Terms]) -> None:
        super().__init__(model)
        self._bought = bought

    def _come_up(self, colleague: str, resource: Resource, day: date) -> int | None:
        blocker = Blocker(colleague, resource.rule, resource.subject, day)
        is_bought = self._terms(blocker) is not None
        return self._number(blocker) if is_bought else super()._come_up(colleague, resource, day)

    def _define(self, number: int) -> Row:
        blocker = self.blockers.get(number)
        bought = None if blocker is None else self._terms(blocker)
        if blocker is None or bought is None:
            return super()._define(number)
        options, (_, active) = self._model.options, self.on(blocker)
        others = ((i, 1) for i in sorted(active) if options[i].candidate != blocker.colleague)
        capacity = self._model.resource[blocker.rule, blocker.subject].capacity
        unbought = ((i, -value) for i, value in bought)
        return Row(((number, -capacity), *others, *unbought), lower=-capacity)

    def _terms(self, blocker: Blocker) -> Terms | None:
        return self._bought.get(blocker.subject) if blocker.rule == "POSITIONS" else None
