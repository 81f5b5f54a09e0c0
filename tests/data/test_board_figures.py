"""Figures for a board: right where they are told, and no small count follows from them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from ortools.linear_solver import pywraplp  # type: ignore[import-not-found,import-untyped,unused-ignore]

from data.exports.board_figures import (
    COLUMNS,
    LEAST,
    OUTCOMES,
    BoardFigures,
    Outcome,
    Person,
    board_figures,
    figures_csv,
    told_overrides,
)

Cell = tuple[str, str | None, Outcome]
"""A municipality, the unit of a place or offer, and an outcome."""

ADDS_UP: dict[str, tuple[Outcome, ...]] = {
    "candidates": OUTCOMES,
    "without": OUTCOMES[1:],
    **{outcome: (outcome,) for outcome in OUTCOMES},
}


def made_up(seed: int) -> list[Person]:
    """People of a few municipalities and units, of very different sizes."""
    r = random.Random(seed)
    weights = r.choice([(8, 1, 3), (5, 5, 5), (9, 0, 1), (20, 1, 1), (3, 0, 0), (1, 6, 2)])
    people = []
    for m in range(r.randint(1, 6)):
        for _ in range(r.choice([1, 2, 4, 6, 9, 15, 30])):
            (outcome,) = r.choices(OUTCOMES, weights)
            unit = None if outcome == "unplaced" else f"u{r.choice([0, 0, 0, 1, 1, 2, 3])}"
            people.append(Person(f"m{m}", outcome, unit))
    return people


def sums(figures: BoardFigures, cells: Sequence[Cell]) -> Iterator[tuple[set[Cell], int]]:
    """Yield every count that is told, and the cells that it counts."""
    for name, count in figures.total.items():
        yield picked(cells, name), count
    for at, told in enumerate((figures.municipalities, figures.units)):
        for key, counts in told.alone.items():
            for name, count in counts.items():
                yield {cell for cell in picked(cells, name) if cell[at] == key}, count
        for name, count in told.others.items():
            alone = {key for key, counts in told.alone.items() if name in counts}
            yield {cell for cell in picked(cells, name) if cell[at] not in alone}, count


def test_rules_set_aside_are_counted_but_not_where_few_people_are_meant() -> None:
    times = {"late-list": 1, "lead-waiver": 7, "offer-withdrawn": 5, "voided": 2}
    people = {"late-list": LEAST, "lead-waiver": LEAST - 1, "offer-withdrawn": 1, "voided": 0}
    told = told_overrides(times, people)
    assert told == {"late-list": 1, "lead-waiver": None, "offer-withdrawn": None, "voided": 2}
    written = figures_csv(BoardFigures(overrides=told)).decode("utf-8-sig").splitlines()
    assert written[0] == "kind;id;candidates;placed;without;waiting;unplaced;times"
    assert written[2:] == [
        "override;late-list;;;;;;1",
        "override;lead-waiver;;;;;;",
        "override;offer-withdrawn;;;;;;",
        "override;voided;;;;;;2",
    ]


def picked(cells: Sequence[Cell], name: str) -> set[Cell]:
    """Return the cells that a column adds up."""
    return {cell for cell in cells if cell[2] in ADDS_UP[name]}


class Reader:
    """Somebody who knows what is told, and reckons."""

    def __init__(self, cells: Sequence[Cell], figures: BoardFigures) -> None:
        self._solver = solver = pywraplp.Solver.CreateSolver("GLOP")
        self._people = {cell: solver.NumVar(0, solver.infinity(), str(cell)) for cell in cells}
        for counted, count in sums(figures, cells):
            solver.Add(self._sum(counted) == count)

    def bounds(self, wanted: set[Cell]) -> tuple[float, float]:
        """Return between which bounds a count lies."""
        solver, found = self._solver, []
        for sense in (solver.Minimize, solver.Maximize):
            sense(self._sum(wanted))
            known = solver.Solve() == solver.OPTIMAL
            found.append(solver.Objective().Value() if known else float("inf"))
        return found[0], found[1]

    def _sum(self, cells: set[Cell]) -> Any:
        return sum(self._people[cell] for cell in cells) + 0 * next(iter(self._people.values()))


def groups(cells: Sequence[Cell]) -> Iterator[set[Cell]]:
    """Yield whatever somebody may want to know: of everybody, of a municipality, of a unit."""
    for name in ADDS_UP:
        yield picked(cells, name)
        for at in (0, 1):
            for key in {cell[at] for cell in cells if cell[at] is not None}:
                yield {cell for cell in picked(cells, name) if cell[at] == key}


@pytest.mark.parametrize("seed", range(40))
def test_no_small_count_follows_from_what_is_told(seed: int) -> None:
    people = made_up(seed)
    figures = board_figures(people)
    places = sorted({p.municipality for p in people})
    cells: list[Cell] = [(m, f"u{n}", o) for m in places for n in range(4) for o in OUTCOMES[:2]]
    cells += [(m, None, "unplaced") for m in places]
    true = Counter((p.municipality, p.unit, p.outcome) for p in people)
    for counted, told in sums(figures, cells):
        assert told == sum(true[cell] for cell in counted), "told as it is"
        assert told >= LEAST or told == 0
    reader = Reader(cells, figures)
    for wanted in groups(cells):
        least, most = reader.bounds(wanted)
        count = sum(true[cell] for cell in wanted)
        assert least - 1e-6 <= count <= most + 1e-6
        assert not (0 < count < LEAST and most - least < 1 - 1e-6), wanted


def test_something_is_told_of_most_regions() -> None:
    figures = [board_figures(made_up(seed)) for seed in range(40)]
    assert sum(bool(each.total) for each in figures) >= 30
    assert sum(bool(each.municipalities.alone) for each in figures) >= 15
    assert sum(bool(each.units.alone) for each in figures) >= 15
    assert sum(bool(each.municipalities.others) for each in figures) >= 15


def people(**places: tuple[int, int, int]) -> list[Person]:
    return [
        Person(place, outcome, None if outcome == "unplaced" else "u")
        for place, counts in places.items()
        for outcome, count in zip(OUTCOMES, counts, strict=True)
        for _ in range(count)
    ]


def test_a_large_place_is_told_apart_and_small_ones_together() -> None:
    figures = board_figures(people(large=(9, 6, 5), small=(3, 4, 2), tiny=(2, 1, 3)))
    assert figures.municipalities.alone == {
        "large": {"placed": 9, "waiting": 6, "unplaced": 5, "without": 11, "candidates": 20}
    }
    assert figures.municipalities.others["waiting"] == 5
    assert figures.units.alone == {"u": {"placed": 14, "waiting": 11}}


def test_who_would_be_the_only_one_left_is_joined_by_the_next() -> None:
    figures = board_figures(people(a=(9, 9, 9), b=(7, 7, 7), small=(6, 1, 1)))
    assert set(figures.municipalities.alone) == {"a"}


def test_outcomes_are_joined_where_telling_them_apart_would_lose_a_place() -> None:
    figures = board_figures(people(a=(9, 3, 9), b=(9, 4, 9)))
    assert figures.total["waiting"] == 7
    assert figures.municipalities.alone["a"] == {"placed": 9, "without": 12, "candidates": 21}


def test_where_a_few_are_without_a_place_only_candidates_are_told() -> None:
    figures = board_figures(people(a=(30, 0, 2), b=(20, 1, 0)))
    assert figures.total == {"candidates": 53}
    assert figures.municipalities.alone["a"] == {"candidates": 32}
    assert not figures.units.alone


def test_of_a_few_people_nothing_is_told() -> None:
    assert board_figures(people(a=(2, 1, 1))) == board_figures([]) == BoardFigures()


def test_the_file_holds_what_is_told_and_no_formula() -> None:
    lines = figures_csv(board_figures(people(**{"=a": (9, 0, 9), "b": (3, 0, 2), "c": (4, 0, 3)})))
    assert lines.decode("utf-8-sig").splitlines() == [
        ";".join(("kind", "id", *COLUMNS, "times")),
        "all;;30;16;14;0;14;",
        "municipality;'=a;18;9;9;0;9;",
        "municipality;;12;7;5;0;5;",
        "unit;u;;16;;;;",
    ]
