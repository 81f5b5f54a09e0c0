"""Years ahead: how many earmarked posts it takes so that nobody waits too long, drawn many times.

What the words mean stands in docs/capacity.md, section 5.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

from scheduler.asking import Asking, Stopped
from scheduler.conflicts import conflicts
from scheduler.demand import (
    QUARTER,
    Assumptions,
    Calendar,
    Draw,
    Intake,
    arrived_in,
    drawn,
    starts_in,
)
from scheduler.errors import RefusedRound
from scheduler.provision import Future, Provided, able, provided
from scheduler.rolling import Rolled, rolled
from scheduler.rounds import Round


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a draw comes to.

    Attributes
    ----------
    people, vacancies
        Who arrives, and six-month vacancies that begin, in each year; today's count to the first.
    able
        How many of the people can start in time, however many posts there are.
    provided
        The cheapest posts with which as many do.
    """

    number: int
    people: tuple[int, ...]
    vacancies: tuple[int, ...]
    able: int
    provided: Provided


Mapped = Callable[[Callable[[int], Drawn | None], Iterable[int]], Iterable[Drawn | None]]
"""What `map` does; another one may decide several draws at once."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A scenario of intake.

    Attributes
    ----------
    draws
        Those that were decided before a stop, all of them otherwise.
    enough_in
        In how many draws the posts must be enough: those that alone cost least.
    provided
        The cheapest posts that are enough in all of these; None where it was stopped before.
    rolled
        Draws planned round by round with these posts.
    """

    intake: str
    draws: tuple[Drawn, ...]
    enough_in: int
    provided: Provided | None
    rolled: tuple[Rolled, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """The years after a round as they are assumed; `complete` unless it was stopped."""

    round: Round
    assumed: Assumptions
    scenarios: tuple[Ahead, ...]
    complete: bool


def forecast(round_: Round, assumed: Assumptions, asking: Asking, mapped: Mapped = map) -> Forecast:
    """Look ahead.

    Parameters
    ----------
    asking
        Told ``draw``, ``common`` or ``rolling``, how much is done, and of how much. Its stop ends
        the work: what is decided by then is returned.
    mapped
        Makes the draws of a scenario, by default one after the other.

    Raises
    ------
    RefusedRound
        Where the round's accepted commitments alone break a rule.
    """
    contradictions = conflicts(round_)
    if contradictions:
        raise RefusedRound(contradictions)
    found: list[Ahead] = []
    for intake in assumed.intakes:
        ahead = _Scenario(round_, assumed, intake, asking)
        found.append(ahead.looked(mapped))
        if not ahead.complete:
            break
    complete = len(found) == len(assumed.intakes) and not asking.over
    return Forecast(round_, assumed, tuple(found), complete)


class _Scenario:
    """A scenario of intake in work; `complete` unless it was stopped."""

    def __init__(self, round_: Round, assumed: Assumptions, intake: Intake, asking: Asking) -> None:
        self._given = (round_, assumed)
        self._intake, self._asking = intake, asking
        self._begun = count()
        self.complete = False

    def looked(self, mapped: Mapped) -> Ahead:
        """Decide the draws, then the posts that are enough in many, then plan round by round."""
        _, assumed = self._given
        tried = mapped(self._drawn, range(assumed.draws))
        draws = tuple(each for each in tried if each is not None)
        many = -(-assumed.draws * assumed.enough_percent // 100)
        ahead = Ahead(self._intake.name, draws, many, None, ())
        if len(draws) < assumed.draws:
            return ahead
        cheapest = sorted(draws, key=lambda d: (d.provided.cost, d.number))[:many]
        self._asking.told("common", 0, 0)
        posts = self._common(cheapest)
        if posts is None:
            return ahead
        return replace(ahead, provided=posts, rolled=tuple(self._rolled(posts)))

    def _drawn(self, number: int) -> Drawn | None:
        """Return what a draw comes to; None where it was stopped."""
        if self._asking.over:
            return None
        round_, assumed = self._given
        self._asking.told("draw", next(self._begun), assumed.draws)
        draw = drawn(round_, assumed, self._intake, number)
        try:
            most = able(round_, assumed, draw, self._asking)
            posts = provided(round_, assumed, [Future(draw, most)], self._asking)
        except Stopped:
            return None
        people, vacancies = _by_year(round_, assumed, draw)
        return Drawn(number, people, vacancies, most, posts)

    def _common(self, draws: Sequence[Drawn]) -> Provided | None:
        """Return posts that are enough in all of some draws; None where it was stopped.

        First each draw, the dearest one first, adds the cheapest that it lacks. Then one program
        over all of them looks for less, as far as its work goes.
        """
        round_, assumed = self._given
        futures, posts, cost = [], Counter[tuple[str, int]](), 0
        try:
            for each in sorted(draws, key=lambda d: (-d.provided.cost, d.number)):
                draw = drawn(round_, assumed, self._intake, each.number)
                futures.append(Future(draw, each.able))
                added = provided(round_, assumed, futures[-1:], self._asking, posts)
                posts, cost = posts + Counter(added.posts), cost + added.cost
        except Stopped:
            return None
        bound = max(each.provided.bound for each in draws)
        found = Provided(dict(sorted(posts.items())), cost, bound, proven=cost == bound)
        return found if found.proven else self._less(found, futures)

    def _less(self, found: Provided, futures: Sequence[Future]) -> Provided:
        """Return cheaper posts that are enough in all of some futures, or what bounds them."""
        round_, assumed = self._given
        try:
            other = provided(round_, assumed, futures, self._asking)
        except Stopped as stopped:
            return replace(found, bound=max(found.bound, stopped.bound or 0))
        best, bound = min(other, found, key=lambda p: p.cost), max(found.bound, other.bound)
        return replace(best, bound=bound, proven=best.cost == bound)

    def _rolled(self, posts: Provided) -> Iterator[Rolled]:
        """Yield the first draws planned round by round, as many as are asked for."""
        round_, assumed = self._given
        for number in range(min(assumed.rolled, assumed.draws)):
            draw = drawn(round_, assumed, self._intake, number)
            try:
                yield rolled(round_, assumed, draw, posts.posts, self._asking)
            except Stopped:
                return
        self.complete = True


def _by_year(
    round_: Round, assumed: Assumptions, draw: Draw
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return who arrives in each year, and the six-month vacancies that begin in each."""
    people = Counter(arrived_in(round_, arrival) for arrival in draw.people)
    begins = Counter(
        quarter * QUARTER // 12 for quarter in starts_in(Calendar.of(round_, assumed), draw.windows)
    )
    years = range(assumed.years)
    return tuple(people[y] for y in years), tuple(begins[y] for y in years)
