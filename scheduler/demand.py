"""The years after a round, drawn: who comes, what they wish, and which vacancies there are.

Every draw is a function of the round, the assumptions and its number: chance is read off SHA-256,
as in the lottery, so it is the same on every machine (docs/capacity.md, section 5).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256

from scheduler.canonical import encode
from scheduler.dates import add_months, whole_months
from scheduler.domain import Candidate, Unit, Window, Wish
from scheduler.posts import POST_MONTHS
from scheduler.rounds import Round

QUARTER = 3
"""Months of a step of time."""

CHANCE_DIGITS = 13
"""Hexadecimal digits of a throw: 52 bits, so that no outcome is likelier than another by 2^-40."""

EXPERIENCED = 1200
"""Months in general practice of everyone ahead: no vacancy asks for more."""


@dataclass(frozen=True, slots=True)
class Intake:
    """A scenario: newcomers of each year by municipality; under None, of any of them."""

    name: str
    a_year: Mapping[str | None, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What is assumed of the years ahead.

    Attributes
    ----------
    years, wait_months
        Years ahead, 1 to 10, and months from arrival within which everyone is to start.
    seed, draws
        Seed of the draws, and how many there are of each scenario.
    enough_percent
        Share of the draws in which the posts must be enough.
    rolled
        Draws of each scenario that are planned round by round.
    intakes
        The scenarios, by name.
    vacancies
        Six-month vacancies expected each year, by unit; where a unit is left out, as its windows.
    wishes
        Targets with their weights; empty = what the round's candidates wish.
    costs
        Cost of a post for one year, by unit, all of them.
    """

    years: int
    wait_months: int
    seed: str
    draws: int
    enough_percent: int
    rolled: int
    intakes: tuple[Intake, ...]
    vacancies: Mapping[str, int]
    wishes: tuple[tuple[str, int], ...]
    costs: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Quarters from the first start day that is not before the decision.

    `quarters` reach so far that the newcomers of the last of the years can wait to the end.
    """

    begins: date
    years: int
    quarters: int

    @classmethod
    def of(cls, round_: Round, assumed: Assumptions) -> Calendar:
        """Return the quarters of a forecast on a round."""
        numbers = round_.policy.start_days or (1,)
        first = round_.decision_date.replace(day=1)
        months = [after(first, n) for n in range(3)]
        days = (m.replace(day=n) for m in months for n in numbers if n <= _length(m))
        begins = min(day for day in days if day >= round_.decision_date)
        months_ahead = 12 * assumed.years + assumed.wait_months
        return cls(begins, assumed.years, -(-months_ahead // QUARTER))

    def first_day(self, quarter: int) -> date:
        """Return the first day of a quarter, counted from 0."""
        return after(self.begins, QUARTER * quarter)

    def quarter(self, day: date) -> int:
        """Return the quarter of a day; what lies before counts as the first one."""
        return whole_months(self.begins, day) // QUARTER

    def year(self, quarter: int) -> int:
        """Return the year of a quarter, from 0; what lies beyond belongs to the last one."""
        return min(quarter * QUARTER // 12, self.years - 1)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who wishes a stay: `candidate` as of the day of arrival, to start by `due`."""

    candidate: Candidate
    arrived_on: date
    due: date


@dataclass(frozen=True, slots=True)
class Draw:
    """One drawn future: who there is, those of today first, and every vacancy by id."""

    intake: str
    number: int
    people: tuple[Arrival, ...]
    windows: tuple[Window, ...]


def after(day: date, months: int) -> date:
    """Return the date `months` later; no forecast reaches beyond the year 9999."""
    later = add_months(day, months)
    assert later is not None, "forecasts that end beyond the calendar are refused"
    return later


def throw(below: int, *what: str | int) -> int:
    """Return a whole number from 0 up to but not including `below`, read off what is thrown for."""
    return int(sha256(encode(list(what))).hexdigest()[:CHANCE_DIGITS], 16) % below


def months_in(window: Window) -> int:
    """Return how long a stay lasts in a window, in months."""
    return -(-POST_MONTHS * 100 // window.fte_percent)


def starts_in(calendar: Calendar, windows: Iterable[Window]) -> Iterator[int]:
    """Yield the quarters in which stays begin that follow each other in windows, one by one."""
    for window in windows:
        opens, months = max(window.opens, calendar.begins), months_in(window)
        for k in range(whole_months(opens, window.closes) // months):
            for _ in range(window.positions):
                yield calendar.quarter(after(opens, k * months))


def arrived_in(round_: Round, arrival: Arrival) -> int:
    """Return the year of an arrival, from 0; today's candidates count to the first one."""
    return max(0, whole_months(round_.decision_date, arrival.arrived_on) - 1) // 12


def drawn(round_: Round, assumed: Assumptions, intake: Intake, number: int) -> Draw:
    """Return one future of a scenario.

    Parameters
    ----------
    number
        Which draw it is, from 0.
    """
    lot = _Lot(round_, assumed, intake, number)
    people = (*lot.present(), *lot.newcomers())
    windows = (*round_.windows, *lot.vacancies())
    return Draw(intake.name, number, people, tuple(sorted(windows, key=lambda w: w.id)))


class _Lot:
    """One draw in the making."""

    def __init__(self, round_: Round, assumed: Assumptions, intake: Intake, number: int) -> None:
        self._round, self._assumed, self._intake = round_, assumed, intake
        self._calendar = Calendar.of(round_, assumed)
        self._asked = (assumed.seed, intake.name, number)
        self._models = [c for c in round_.candidates if c.wishes and c.id not in round_.accepted]

    def present(self) -> Iterator[Arrival]:
        """Yield the round's candidates who wish something and hold no accepted seat."""
        decided = self._round.decision_date
        for candidate in self._models:
            wishes = [replace(w, earliest=max(w.earliest, decided)) for w in candidate.wishes]
            first = min(w.earliest for w in wishes)
            due = max(after(decided, self._assumed.wait_months), first)
            kept = tuple(replace(w, latest=max(due, w.earliest), ideal=None) for w in wishes)
            yield Arrival(_fit_to_go(candidate, decided, kept), decided, due)

    def newcomers(self) -> Iterator[Arrival]:
        """Yield who arrives in the years; nobody where there is no municipality to come to."""
        if not self._round.municipalities:
            return
        for municipality, a_year in self._intake.a_year.items():
            for year, count in enumerate(a_year):
                for n in range(count):
                    yield self._newcomer(municipality, year, n)

    def _newcomer(self, municipality: str | None, year: int, n: int) -> Arrival:
        asked = (*self._asked, municipality or "", year, n)
        month = 12 * year + 1 + throw(12, *asked, "month")
        arrived_on = after(self._round.decision_date, month)
        due = after(arrived_on, self._assumed.wait_months)
        own = [c for c in self._models if c.municipality == municipality] or self._models
        model = own[throw(len(own), *asked, "model")] if own else None
        home = municipality or (model.municipality if model else self._any_home(asked))
        targets = self._targets(model, asked)
        group = () if municipality is None else (municipality,)
        name = "/".join(("new", *group, str(year + 1), str(n + 1)))
        candidate = Candidate(
            id=_unused(name, self._round.candidate),
            municipality=home,
            submitted_on=arrived_on,
            has_supervisor=True,
            in_individual_plan=True,
        )
        wishes = tuple(Wish(target=t, earliest=arrived_on, latest=due) for t in targets)
        return Arrival(_fit_to_go(candidate, arrived_on, wishes), arrived_on, due)

    def _any_home(self, asked: tuple[str | int, ...]) -> str:
        homes = self._round.municipalities
        return homes[throw(len(homes), *asked, "home")].id

    def _targets(self, model: Candidate | None, asked: tuple[str | int, ...]) -> tuple[str, ...]:
        """Return what a newcomer wishes: what the model does, or one drawn by its weight."""
        shares = self._assumed.wishes
        if not shares:
            return tuple(dict.fromkeys(w.target for w in model.wishes)) if model else ()
        left = throw(sum(weight for _, weight in shares), *asked, "wish")
        for target, weight in shares:
            left -= weight
            if left < 0:
                return (target,)
        raise AssertionError("a throw lies below the sum of the weights")

    def vacancies(self) -> Iterator[Window]:
        """Yield what is expected in each unit and year beyond the windows that are known."""
        years = -(-self._calendar.quarters * QUARTER // 12)
        for unit in self._round.units:
            known = self._known(unit)
            expected = self._assumed.vacancies.get(unit.id, self._usual(unit))
            for year in range(years):
                lacking = max(0, expected - sum(1 for q in known if q * QUARTER // 12 == year))
                throws = [throw(4, *self._asked, unit.id, year, n) for n in range(lacking)]
                for quarter in sorted(set(throws)):
                    yield self._vacancy(unit, 4 * year + quarter, throws.count(quarter))

    def _vacancy(self, unit: Unit, quarter: int, positions: int) -> Window:
        opens = self._calendar.first_day(quarter)
        return Window(
            id=_unused(f"vacancy/{unit.id}/{opens}", self._round.window),
            unit=unit.id,
            opens=opens,
            closes=after(opens, POST_MONTHS),
            positions=positions,
        )

    def _known(self, unit: Unit) -> list[int]:
        """Return the quarter of each stay that can begin in the unit's windows."""
        own = (window for window in self._round.windows if window.unit == unit.id)
        return list(starts_in(self._calendar, own))

    def _usual(self, unit: Unit) -> int:
        """Return a unit's vacancies in an average year of those that the round's windows cover."""
        decided = self._round.decision_date
        last = max((w.opens for w in self._round.windows), default=decided)
        years = whole_months(decided, last) // 12 + 1
        return (2 * len(self._known(unit)) + years) // (2 * years)


def _fit_to_go(candidate: Candidate, day: date, wishes: tuple[Wish, ...]) -> Candidate:
    """Return a candidate with everything in order that she or her municipality can see to."""
    return replace(
        candidate,
        name=None,
        has_supervisor=True,
        in_individual_plan=True,
        months_needed=POST_MONTHS,
        learning_goals=(),
        lis1_completed_on=day,
        gp_months=EXPERIENCED,
        unavailable=(),
        wishes=wishes,
    )


def _length(month: date) -> int:
    return (after(month, 1) - month).days


def _unused(name: str, used: Mapping[str, object]) -> str:
    while name in used:
        name += "'"
    return name
