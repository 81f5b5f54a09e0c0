"""The cheapest set of posts with which a round's best plan reaches a target (docs/capacity.md).

One integer program over posts and placements: every hard rule as in the round with the set added,
how often a post is bought as binary digits. It finds the set that comes first among those with
which *some* plan reaches the target; the planner then says whether the *best* one does. Where it
does not, that one set is ruled out and the next one asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from scheduler.asking import Asking, optimum
from scheduler.model import Model, Resource, Row
from scheduler.options import Option
from scheduler.posts import Post, users, widened, window_id
from scheduler.priority import Envy, Priority
from scheduler.rounds import Round
from scheduler.solver import Solver
from scheduler.tiers import Level

WIDEST_WEIGHT = 1 << 40
"""Posts are put in order by one sum as long as its weights stay below."""

Terms = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Bought:
    """Posts with their counts, by unit and start, and what they cost together."""

    posts: tuple[tuple[Post, int], ...]
    cost: int


class Market:
    """A round in which posts are for sale: finds the first set that lets a plan reach a target.

    Parameters
    ----------
    round_
        The round, not refused.
    posts
        The posts for sale.
    costs
        Cost of one post by unit, at least 0; 1 where a unit is left out.
    """

    def __init__(self, round_: Round, posts: Sequence[Post], costs: Mapping[str, int]) -> None:
        self._round = round_
        wanted = users(round_, posts)
        most = {post: _most(round_, post, options) for post, options in wanted.items()}
        most = {post: count for post, count in most.items() if count}
        self.model = Model(widened(round_, most))
        self._digits = {
            post: tuple((self.model.variable(), 1 << k) for k in range(count.bit_length()))
            for post, count in most.items()
        }
        self._most = most
        self._costs = {post: costs.get(post.unit, 1) for post in most}
        self._number = {option: i for i, option in enumerate(self.model.options)}
        bought = {window_id(round_, post): digits for post, digits in self._digits.items()}
        self.model.rows += self._for_sale(bought)
        self._priority = _BoughtPriority(self.model, bought)
        self._ruled_out: list[Row] = []

    def _for_sale(self, bought: Mapping[str, Terms]) -> Iterator[Row]:
        """Yield rows that allow a stay in a post only where it is bought, as often as it is."""
        for window, digits in bought.items():
            resource = self.model.resource["POSITIONS", window]
            yield Row(digits, upper=resource.capacity)
            for day in resource.starts:
                active = ((i, 1) for i in resource.active(day))
                yield Row((*active, *((d, -value) for d, value in digits)), upper=0)

    def rule_out(self, bought: Bought) -> None:
        """Let no later answer be just this set."""
        counts = dict(bought.posts)
        terms, ones = [], 0
        for post, digits in self._digits.items():
            for digit, value in digits:
                is_one = bool(counts.get(post, 0) & value)
                terms.append((digit, -1 if is_one else 1))
                ones += is_one
        self._ruled_out.append(Row(tuple(terms), lower=1 - ones))

    def first(
        self,
        target: Sequence[Row],
        asking: Asking,
    ) -> Bought | None:
        """Return the first set, not ruled out, with which some plan keeps the rows of a target.

        First is: cheapest, then of fewest posts, then whose posts, sorted, come first by unit and
        start. None where no set does.

        Raises
        ------
        Stopped
            Where the stop was asked for; its bound is of the cost, None once that is proven.
        """
        solver = asking.new_solver()
        solver.add(self.model.variables, (*self.model.rows, *target, *self._ruled_out))
        chosen: frozenset[int] = frozenset()
        for level in self._order():
            if chosen and self._complete(level, chosen):
                continue
            found = self._best(solver, level, chosen, asking)
            if found is None:
                return None
            chosen = found
            solver.add(self.model.variables, [level.at_least(level.value(chosen))])
        return self._bought(chosen)

    def most(self, target: Level, asking: Asking) -> int:
        """Return the most that a level can come to with any set."""
        solver = asking.new_solver()
        solver.add(self.model.variables, self.model.rows)
        found = self._best(solver, target, frozenset(), asking)
        assert found is not None, "an empty plan keeps every rule"
        return target.value(found)

    def _order(self) -> Iterator[Level]:
        """Yield what makes a set come first: cost, number, then the posts' places in order."""
        yield Level("cost", None, False, self._sum(self._costs))
        yield Level("count", None, False, self._sum(dict.fromkeys(self._most, 1)))
        group: list[Post] = []
        size = 1
        for post, most in self._most.items():
            if size * (most + 1) > WIDEST_WEIGHT:
                yield self._early(group)
                group, size = [], 1
            group.append(post)
            size *= most + 1
        if group:
            yield self._early(group)

    def _early(self, group: Sequence[Post]) -> Level:
        """Return the level that buys the first of some posts as often as can be, then the next."""
        weights, weight = {}, 1
        for post in reversed(group):
            weights[post] = weight
            weight *= self._most[post] + 1
        return Level("order", None, True, self._sum(weights))

    def _complete(self, level: Level, chosen: frozenset[int]) -> bool:
        """Tell whether a plan buys nothing from a level's posts on, so that it is settled."""
        if level.tier != "order":
            return False
        first = level.terms[0][0]
        later = {d for digits in self._digits.values() for d, _ in digits if d >= first}
        return not later & chosen

    def _sum(self, weights: Mapping[Post, int]) -> Terms:
        return tuple(
            (digit, value * weight)
            for post, weight in sorted(weights.items())
            for digit, value in self._digits[post]
        )

    def _best(
        self, solver: Solver, level: Level, known: frozenset[int], asking: Asking
    ) -> frozenset[int] | None:
        """Return the best plan in a level with the posts it takes; None where there is none."""
        hint = {i: i in known for i in range(self.model.variables)} if known else {}
        while True:
            chosen = optimum(solver, level, asking, hint)
            if chosen is None:
                return None
            rows = list(self._priority.rows(self._envies(chosen)))
            if not rows:
                return chosen
            self.model.rows += rows
            solver.add(self.model.variables, rows)

    def _envies(self, chosen: frozenset[int]) -> list[Envy]:
        """Return who is in the way in the round with just the posts that are bought."""
        bought = Model(widened(self._round, dict(self._bought(chosen).posts)))
        given = {self.model.options[i] for i in chosen if i < len(self.model.options)}
        plan = [i for i, option in enumerate(bought.options) if option in given]
        envies = Priority(bought).envies(plan)
        return [Envy(self._number[bought.options[e.wanted]], e.junior) for e in envies]

    def _bought(self, chosen: frozenset[int]) -> Bought:
        counts = {
            post: sum(value for digit, value in digits if digit in chosen)
            for post, digits in self._digits.items()
        }
        cost = sum(self._costs[post] * count for post, count in counts.items())
        return Bought(tuple((post, count) for post, count in counts.items() if count), cost)


def _most(round_: Round, post: Post, options: Sequence[Option]) -> int:
    """Return from how many positions on another one changes no plan."""
    people = len({option.candidate for option in options})
    places = round_.unit[post.unit].supervised_places
    return people if places is None else min(people, places)


class _BoughtPriority(Priority):
    """PRIORITY where a post has as many positions as are bought of it.

    A position that is not bought counts as filled: "others fill it" then says what it says in the
    round with the set added, whatever the set.
    """

    def __init__(self, model: Model, bought: Mapping[str, Terms]) -> None:
        super().__init__(model)
        self._bought = bought

    def _define(self, colleague: str, resource: Resource, day: date) -> int | None:
        digits = self._bought.get(resource.subject) if resource.rule == "POSITIONS" else None
        if digits is None:
            return super()._define(colleague, resource, day)
        options = self._model.options
        others = ((i, 1) for i in resource.active(day) if options[i].candidate != colleague)
        unbought = ((digit, -value) for digit, value in digits)
        blocker = self._model.variable()
        terms = ((blocker, -resource.capacity), *others, *unbought)
        self._definitions.append(Row(terms, lower=-resource.capacity))
        return blocker
