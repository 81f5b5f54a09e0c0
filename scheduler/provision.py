"""The fewest earmarked posts with which everyone can start in time, in one drawn future or several.

An integer program over quarters: who starts where and when, in a vacancy or in a post, and how many
posts each unit has each year. It knows the whole future at once and rounds in favour of those who
wait, so what it proves is that fewer do not suffice (docs/capacity.md, section 5).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date

from scheduler.admission import names
from scheduler.asking import Asking, Stopped, optimum
from scheduler.dates import whole_months
from scheduler.demand import QUARTER, Arrival, Assumptions, Calendar, Draw, after, months_in, throw
from scheduler.domain import Candidate, Unit, Window
from scheduler.model import Row
from scheduler.options import accepted_options
from scheduler.posts import POST_MONTHS
from scheduler.rounds import Round
from scheduler.solver import Solver
from scheduler.tiers import TICKET_BITS, Level

Posts = Mapping[tuple[str, int], int]
"""Earmarked posts by unit and year, counted from 0; those that are absent are none."""

SPAN = POST_MONTHS // QUARTER
"""Quarters that a stay in a post lasts."""


@dataclass(frozen=True, slots=True)
class Provided:
    """Posts that are enough, by unit and year, what they cost, and what none that are enough beat.

    `proven`: no posts that are enough cost less.
    """

    posts: Posts
    cost: int
    bound: int
    proven: bool


@dataclass(frozen=True, slots=True)
class Future:
    """A draw, and how many of its people must start in time."""

    draw: Draw
    needed: int


def able(round_: Round, assumed: Assumptions, draw: Draw, asking: Asking) -> int:
    """Return how many of a draw's people can start in time, however many posts there are.

    Raises
    ------
    Stopped
        Where the search was stopped.
    """
    program = _Program(round_, assumed, [draw], {})
    found = optimum(program.solver(asking, ()), program.served[0], asking)
    assert found is not None, "a plan for nobody keeps every row"
    return program.served[0].value(found)


def provided(
    round_: Round,
    assumed: Assumptions,
    futures: Sequence[Future],
    asking: Asking,
    given: Posts | None = None,
) -> Provided:
    """Return the cheapest posts that are enough in each of some futures, beside those given.

    Of those that cost as much, the ones whose tickets sum to least.

    Raises
    ------
    Stopped
        Where the search was stopped before any were found; its bound is of the cost.
    """
    program = _Program(round_, assumed, [future.draw for future in futures], given or {})
    pairs = zip(program.served, futures, strict=True)
    solver = program.solver(asking, [level.at_least(f.needed) for level, f in pairs])
    bound = 0
    try:
        chosen = optimum(solver, program.cost, asking)
        assert chosen is not None, "with a post for everybody it is enough"
        bound = program.cost.value(chosen)
        solver.add(program.variables, [program.cost.at_least(bound)])
        hint = {i: i in chosen for i in range(program.variables)}
        chosen = optimum(solver, program.lot(assumed.seed), asking, hint)
        assert chosen is not None, "the cheapest posts are known"
    except Stopped as stopped:
        bound = bound or stopped.bound or 0
        if stopped.chosen is None:
            raise Stopped(bound) from None
        cost = program.cost.value(stopped.chosen)
        least = bound if bound <= cost else 0
        return Provided(program.posts(stopped.chosen), cost, least, proven=False)
    # A solution that outdoes a bound has shown it to be false: then nothing is claimed.
    cost = program.cost.value(chosen)
    return Provided(program.posts(chosen), cost, bound if cost == bound else 0, cost == bound)


class _Program:
    """People, vacancies and posts by quarters as rows over Booleans; the futures share the posts.

    Attributes
    ----------
    variables
        How many Booleans there are.
    served
        How many start in time, a level for each future.
    cost
        What the posts cost.
    """

    def __init__(
        self, round_: Round, assumed: Assumptions, draws: Sequence[Draw], given: Posts
    ) -> None:
        self._round, self._calendar = round_, Calendar.of(round_, assumed)
        self._given = given
        self._held = list(_held(round_, self._calendar))
        self._rows: list[Row] = []
        self._posted: dict[tuple[str, int], list[list[int]]] = defaultdict(list)
        self._digits: dict[tuple[str, int], tuple[tuple[int, int], ...]] = {}
        self.variables = 0
        self.served = [self._future(draw) for draw in draws]
        self._for_posts()
        self.cost = self._least("cost", lambda unit, _year: assumed.costs[unit])

    def solver(self, asking: Asking, rows: Sequence[Row]) -> Solver:
        """Return a solver that holds the program and these rows."""
        solver = asking.new_solver()
        solver.add(self.variables, (*self._rows, *rows))
        return solver

    def lot(self, seed: str) -> Level:
        """Return the sum of the posts' tickets: those of a unit have one ticket for each year."""
        return self._least("lot", lambda *place: throw(1 << TICKET_BITS, seed, "post", *place))

    def posts(self, chosen: Set[int]) -> Posts:
        """Return the posts of a solution."""
        counts = {
            place: sum(value for digit, value in digits if digit in chosen)
            for place, digits in sorted(self._digits.items())
        }
        return {place: count for place, count in counts.items() if count}

    def _least(self, name: str, weight: Callable[[str, int], int]) -> Level:
        """Return the posts' sum, each by the weight of its unit and year, to be minimised."""
        terms = (
            (digit, value * weight(*place))
            for place, digits in self._digits.items()
            for digit, value in digits
        )
        return Level(name, None, False, tuple(terms))

    def _future(self, draw: Draw) -> Level:
        """Add the people and vacancies of a future, and return how many start in time."""
        free = self._free(draw)
        taking: dict[tuple[str, str, int], list[int]] = defaultdict(list)
        windows = self._windows(draw)
        served: list[int] = []
        for arrival in draw.people:
            own = []
            for unit, quarter in self._starts(arrival):
                for window, span in windows.get((unit.id, quarter), ()):
                    if window.fte_percent >= arrival.candidate.min_fte_percent:
                        own.append(self._stay(taking, ("window", window.id), unit, quarter, span))
                own.append(self._stay(taking, ("post", unit.id), unit, quarter, SPAN))
            self._rows.append(Row(tuple((i, 1) for i in own), upper=1))
            served += own
        for (kind, name, quarter), numbers in sorted(taking.items()):
            if kind == "post":
                self._posted[name, quarter].append(numbers)
            elif (limit := free.get((kind, name))) is not None:
                held = self._held.count((kind, name, quarter))
                terms = tuple((i, 1) for i in numbers)
                self._rows.append(Row(terms, upper=max(0, limit - held)))
        return Level("served", None, True, tuple((i, 1) for i in served))

    def _stay(
        self,
        taking: Mapping[tuple[str, str, int], list[int]],
        seat: tuple[str, str],
        unit: Unit,
        quarter: int,
        span: int,
    ) -> int:
        """Add a stay of some quarters in a seat of a unit and return its number."""
        number = self.variables
        self.variables += 1
        for each in range(quarter, quarter + span):
            taking[*seat, each].append(number)
            taking["unit", unit.id, each].append(number)
        return number

    def _free(self, draw: Draw) -> dict[tuple[str, str], int | None]:
        """Return how many a window or a unit can hold; None = any number."""
        windows = {("window", w.id): w.positions for w in draw.windows}
        return windows | {("unit", u.id): u.supervised_places for u in self._round.units}

    def _windows(self, draw: Draw) -> dict[tuple[str, int], list[tuple[Window, int]]]:
        """Return the windows in which a stay can begin, by unit and quarter, with its quarters."""
        found: dict[tuple[str, int], list[tuple[Window, int]]] = defaultdict(list)
        for window in draw.windows:
            opens = max(window.opens, self._calendar.begins)
            first, span = self._calendar.quarter(opens), max(1, months_in(window) // QUARTER)
            quarters = whole_months(opens, window.closes) // QUARTER
            for quarter in range(first, first + quarters - span + 1):
                found[window.unit, quarter].append((window, span))
        return found

    def _starts(self, arrival: Arrival) -> Iterator[tuple[Unit, int]]:
        """Yield where and in which quarters somebody can start in time."""
        candidate, calendar = arrival.candidate, self._calendar
        for unit in self._round.units:
            wished = [w.earliest for w in candidate.wishes if names(w, unit)]
            if wished and unit.supervised_places != 0:
                earliest = max(min(wished), self._cleared(arrival, unit))
                last = min(calendar.quarter(arrival.due), calendar.quarters - 1)
                for quarter in range(calendar.quarter(earliest), last + 1):
                    day = calendar.first_day(quarter)
                    if day <= arrival.due and self._may(candidate, unit, day):
                        yield unit, quarter

    def _cleared(self, arrival: Arrival, unit: Unit) -> date:
        """Return the first day that keeps the lead time, and on which she is available."""
        lead, candidate = self._round.policy.lead, arrival.candidate
        base = candidate.submitted_on if lead.counts_from == "submission" else self._heard(arrival)
        months = 0 if candidate.lead_waiver else lead.minimum(unit.trust)
        return max(after(base, months), candidate.available_from or base)

    def _heard(self, arrival: Arrival) -> date:
        """Return the decision date of the first round that knows somebody."""
        decided, every = self._round.decision_date, self._round.policy.round_every_months
        rounds = -(-whole_months(decided, arrival.arrived_on) // every)
        return after(decided, rounds * every)

    def _may(self, candidate: Candidate, unit: Unit, day: date) -> bool:
        """Tell whether deadline and agreement allow six months from a day."""
        end = after(day, POST_MONTHS)
        if candidate.complete_by is not None and end > candidate.complete_by:
            return False
        home = self._round.municipality[candidate.municipality]
        return home.registered_on is not None and any(
            a.trust == unit.trust and (a.ends_on is None or a.ends_on >= end)
            for a in home.agreements
        )

    def _for_posts(self) -> None:
        """Add the posts: as many in a year as are taken in each of its quarters."""
        by_year: dict[tuple[str, int], list[list[int]]] = defaultdict(list)
        for (unit, quarter), taken in sorted(self._posted.items()):
            by_year[unit, self._calendar.year(quarter)] += taken
        for place, taken in by_year.items():
            most = max(map(len, taken))
            limit = self._round.unit[place[0]].supervised_places
            bits = (most if limit is None else min(most, limit)).bit_length()
            digits = tuple((self.variables + k, 1 << k) for k in range(bits))
            self.variables += bits
            self._digits[place] = digits
            for numbers in taken:
                terms = (*((i, 1) for i in numbers), *((d, -value) for d, value in digits))
                self._rows.append(Row(terms, upper=self._given.get(place, 0)))


def _held(round_: Round, calendar: Calendar) -> Iterator[tuple[str, str, int]]:
    """Yield each quarter that an accepted seat takes, by its window and by its unit."""
    for seat in (part for option in accepted_options(round_) for part in option.parts):
        start = max(seat.start, calendar.begins)
        first = calendar.quarter(start)
        for quarter in range(first, first + whole_months(start, seat.end) // QUARTER):
            yield "window", seat.window, quarter
            yield "unit", seat.unit, quarter
