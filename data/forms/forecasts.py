"""The forms of the document ``rotations/forecast@1``: what is assumed of the years ahead."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Annotated, Literal

from pydantic import ConfigDict

from data.forms.costs import Cost, UnitCostForm, cost_faults, reference_faults
from data.forms.fields import Form, Ident, Text, Whole, described
from scheduler.errors import Fault, Place
from scheduler.rounds import Round

MOST_YEARS, MOST_WAITING, MOST_DRAWS, MOST_PEOPLE = 10, 120, 100, 1_000

LAST_YEAR = 9_700
"""Year after which the calendar is too short for the longest waits and lead times."""

AYear = list[Annotated[int, Whole(0, MOST_PEOPLE)]]


class MunicipalIntakeForm(Form):
    """Newcomers of one municipality."""

    municipality: Ident = described("Id of the municipality.", "5601")
    a_year: AYear = described("Newcomers in each of the years, the first one first.", [2, 2, 3])


class IntakeForm(Form):
    """A scenario of intake: how many newcomers there are each year."""

    name: Text = described("What people call the scenario.", "middle")
    a_year: AYear | None = described(
        "Newcomers in each of the years, of any municipality; none = given by municipality.",
        [6, 7, 8],
        default=None,
    )
    municipalities: list[MunicipalIntakeForm] = described(
        "Newcomers by municipality, instead.",
        [{"municipality": "5601", "a_year": [2, 2, 3]}],
        default=[],
    )

    def faults(self, years: int, round_: Round, at: Place) -> Iterator[Fault]:
        """Yield what is missing, given twice, unknown or not of as many years."""
        if self.a_year is None and not self.municipalities:
            yield Fault("missing", (*at, "a_year"))
        if self.a_year is not None and self.municipalities:
            yield Fault("not-asked", (*at, "municipalities"))
        yield from _length(self.a_year, years, (*at, "a_year"))
        ids = [each.municipality for each in self.municipalities]
        place = (*at, "municipalities")
        known = round_.municipality
        yield from reference_faults(ids, known, (*place, "municipality"), "municipalities")
        for position, each in enumerate(self.municipalities):
            yield from _length(each.a_year, years, (*place, position, "a_year"))


class VacancyForm(Form):
    """Vacancies expected in one unit."""

    unit: Ident = described("Id of the unit.", "hammerfest-medisin")
    a_year: Annotated[int, Whole(0, MOST_PEOPLE)] = described(
        "Six-month vacancies expected there each year.", 2
    )


class ShareForm(Form):
    """How many of the newcomers wish one place."""

    target: Ident = described("Id of a unit, a site or a trust.", "hammerfest")
    weight: Annotated[int, Whole(1, MOST_PEOPLE)] = described(
        "Its share of the newcomers, among all weights.", 3
    )


class ForecastForm(Form):
    """The years ahead of a round, as they are assumed."""

    model_config = ConfigDict(title="rotations/forecast@1")

    format: Literal["rotations/forecast@1"] = described(
        "Name of the format.", "rotations/forecast@1"
    )
    years: Annotated[int, Whole(1, MOST_YEARS)] = described("Years ahead.", 3)
    wait_months: Annotated[int, Whole(1, MOST_WAITING)] = described(
        "Months from arrival within which everyone is to start.", 12
    )
    seed: Text = described("Seed of the draws.", "2027")
    draws: Annotated[int, Whole(1, MOST_DRAWS)] = described(
        "Draws of each scenario.", 10, default=10
    )
    enough_percent: Annotated[int, Whole(1, 100)] = described(
        "Share of the draws, in percent, in which the posts must be enough.", 90, default=100
    )
    rolled: Annotated[int, Whole(0, MOST_DRAWS)] = described(
        "Draws of each scenario that are planned round by round, as a check.", 1, default=1
    )
    scenarios: list[IntakeForm] = described(
        "Scenarios of intake, at least one.", [{"name": "middle", "a_year": [6, 7, 8]}]
    )
    vacancies: list[VacancyForm] = described(
        "Vacancies expected each year, by unit; a unit left out goes on as its windows do.",
        [{"unit": "hammerfest-medisin", "a_year": 2}],
        default=[],
    )
    wishes: list[ShareForm] = described(
        "What newcomers wish; none given = what the round's candidates do.",
        [{"target": "hammerfest", "weight": 3}],
        default=[],
    )
    default_cost: Cost = described("Cost of a post for one year.", 1, default=1)
    costs: list[UnitCostForm] = described(
        "Units in which a post costs otherwise.",
        [{"unit": "hammerfest-medisin", "cost": 3}],
        default=[],
    )

    def faults(self, round_: Round) -> Iterator[Fault]:
        """Yield what the form alone cannot tell: lengths, and what the round does not have."""
        latest = LAST_YEAR - round_.decision_date.year
        if self.years > latest:
            yield Fault("out-of-range", ("years",), {"minimum": 0, "maximum": max(latest, 0)})
        if not self.scenarios:
            yield Fault("too-few", ("scenarios",), {"minimum": 1})
        names = [each.name for each in self.scenarios]
        yield from reference_faults(names, names, ("scenarios", "name"))
        for position, each in enumerate(self.scenarios):
            yield from each.faults(self.years, round_, ("scenarios", position))
        vacancies = [each.unit for each in self.vacancies]
        yield from reference_faults(vacancies, round_.unit, ("vacancies", "unit"))
        wishes = [each.target for each in self.wishes]
        yield from reference_faults(wishes, _targets(round_), ("wishes", "target"))
        yield from cost_faults(self.costs, round_, ("costs",))


def _targets(round_: Round) -> Container[str]:
    return {target for unit in round_.units for target in (unit.id, unit.site, unit.trust)}


def _length(figures: Sequence[int] | None, years: int, at: Place) -> Iterator[Fault]:
    """Yield a fault where there is not one figure a year."""
    if figures is not None and len(figures) < years:
        yield Fault("too-few", at, {"minimum": years})
    if figures is not None and len(figures) > years:
        yield Fault("too-many", at, {"maximum": years})
