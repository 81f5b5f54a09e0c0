"""Which rounds are measured: families of instances, each by size, supply and seed.

Made-up rounds (`data.synthetic`) of every size come at two levels of supply: 0.8 and 1.1 six-month
seats a candidate. `matching` and `colouring` are rounds whose best plan is known from another
algorithm (`benchmarks.known`). `regions` are continents of growing size, for the exponent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from data.synthetic import EUROPE, PRESETS, continent, generate
from data.synthetic.applicants import first_of
from data.synthetic.chance import Dice
from scheduler.domain import (
    Agreement,
    Candidate,
    Lead,
    Municipality,
    Policy,
    Unit,
    Window,
    Wish,
)
from scheduler.rounds import Round

SUPPLIES = (0.8, 1.1)
SEEDS = (1, 2, 3)
REGIONS = (1, 2, 4, 8, 16)
DECISION = date(2027, 1, 15)


@dataclass(frozen=True, slots=True)
class Instance:
    """One round to be measured: its family, level of supply (six-month seats a candidate), seed."""

    family: str
    supply: float
    seed: int

    @property
    def name(self) -> str:
        """What tables call it."""
        return f"{self.family}-{self.supply}-{self.seed}"

    def made(self) -> Round:
        """Return the round."""
        return FAMILIES[self.family](self.seed, self.supply)


def matching(candidates: int, seed: int, supply: float) -> Round:
    """Return a round in which every window lasts exactly the six months that everybody needs.

    A candidate goes to a window or not: the best plan is a largest b-matching, and among the
    largest one with the highest tickets.
    """
    dice = Dice(seed)
    windows: list[Window] = []
    while sum(window.positions for window in windows) < supply * candidates:
        windows.append(_window(len(windows), dice.between(8, 16), 6, dice.between(1, 3)))
    people = [
        _candidate(number, 6, [_wish(dice.pick(windows)) for _ in range(dice.between(1, 4))])
        for number in range(candidates)
    ]
    return _round(f"matching-{candidates}-{seed}", windows, people)


def colouring(candidates: int, seed: int, supply: float) -> Round:
    """Return a round with one window, in which everybody can start on one day alone.

    A plan is a set of intervals of which no more overlap than there are positions.
    """
    dice = Dice(seed)
    stays = [(dice.between(8, 30), dice.between(3, 9)) for _ in range(candidates)]
    months = sum(length for _, length in stays)
    positions = max(1, round(supply * months / 31))
    window = _window(0, 8, 31, positions)
    people = [
        _candidate(number, length, [Wish(target=window.unit, earliest=day, latest=day)])
        for number, (month, length) in enumerate(stays)
        for day in [first_of(month)]
    ]
    return _round(f"colouring-{candidates}-{seed}", [window], people)


def _window(number: int, opens: int, months: int, positions: int) -> Window:
    name = f"{number:05}"
    closes = first_of(opens + months)
    return Window(
        id=f"w{name}", unit=f"u{name}", opens=first_of(opens), closes=closes, positions=positions
    )


def _wish(window: Window) -> Wish:
    return Wish(target=window.unit, earliest=window.opens, latest=window.opens)


def _candidate(number: int, months: int, wishes: list[Wish]) -> Candidate:
    """Return somebody whom no rule refuses, with a municipality of her own."""
    return Candidate(
        id=f"c{number:05}",
        municipality=f"m{number:05}",
        submitted_on=DECISION - timedelta(days=30),
        months_needed=months,
        lis1_completed_on=date(2024, 8, 31),
        has_supervisor=True,
        in_individual_plan=True,
        wishes=tuple({wish.target: wish for wish in wishes}.values()),
    )


def _round(name: str, windows: list[Window], people: list[Candidate]) -> Round:
    agreement = Agreement(trust="trust", signed_on=date(2021, 5, 1))
    return Round(
        id=name,
        decision_date=DECISION,
        policy=Policy(
            name="known",
            version=1,
            lead=Lead(minimum_months=6, target_months=9, counts_from="decision"),
            start_days=(1,),
            round_every_months=3,
            tiers=("placed",),
            lottery_seed=name,
        ),
        units=tuple(Unit(id=w.unit, site="site", trust="trust") for w in windows),
        windows=tuple(windows),
        municipalities=tuple(
            Municipality(id=c.municipality, registered_on=date(2019, 3, 1), agreements=(agreement,))
            for c in people
        ),
        candidates=tuple(people),
    )


Maker = Callable[[int, float], Round]


def _preset(name: str) -> Maker:
    return lambda seed, supply: generate(name, seed, supply)


def _continent(regions: int) -> Maker:
    return lambda seed, supply: continent(regions, seed, supply)


FAMILIES: Mapping[str, Maker] = {
    **{name: _preset(name) for name in PRESETS},
    "europe": _continent(EUROPE),
    **{f"regions-{n}": _continent(n) for n in REGIONS},
    "matching": lambda seed, supply: matching(400, seed, supply),
    "colouring": lambda seed, supply: colouring(400, seed, supply),
}
"""What makes an instance, by family."""
