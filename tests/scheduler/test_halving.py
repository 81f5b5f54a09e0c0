"""Halved rows are kept by every whole solution of the rows that they come from, and cut shares."""

from __future__ import annotations

from itertools import product
from random import Random

from scheduler.duality import Program
from scheduler.glop import Glop
from scheduler.halving import halved
from scheduler.model import Row
from scheduler.tiers import Level

SIZE = 9
PROGRAMS = 700


def value(row: Row, shares: tuple[float, ...]) -> float:
    return sum(coefficient * shares[i] for i, coefficient in row.terms)


def keeps(row: Row, shares: tuple[float, ...], tolerance: float = 0.0) -> bool:
    reached = value(row, shares)
    return (row.upper is None or reached <= row.upper + tolerance) and (
        row.lower is None or reached >= row.lower - tolerance
    )


def test_three_of_whom_no_two_go_together_are_one_at_most() -> None:
    pairs = [Row(((a, 1), (b, 1)), upper=1) for a, b in ((0, 1), (1, 2), (0, 2))]
    assert halved(pairs, [0.5, 0.5, 0.5]) == [Row(((0, 1), (1, 1), (2, 1)), upper=1)]
    assert halved(pairs, [1.0, 0.0, 0.0]) == []


def drawn(r: Random) -> list[Row]:
    """Return rows like those of a round: few options go together, some must, some weigh more."""
    rows = []
    for _ in range(r.randint(6, 14)):
        own = r.sample(range(SIZE), r.randint(2, 4))
        signs = [r.choice([1, 1, 1, 1, 2, -1]) for _ in own]
        terms = tuple(zip(own, signs, strict=True))
        row = Row(terms, upper=r.randint(0, 2))
        if r.random() < 0.2:
            row = Row(terms, lower=r.randint(-2, 0))
        rows.append(row)
    return rows


def test_no_whole_solution_is_cut_off_and_every_row_cuts() -> None:
    cut, lowered = 0, 0
    for seed in range(PROGRAMS):
        r = Random(f"halving {seed}")
        rows = drawn(r)
        level = Level("drawn", None, True, tuple((i, r.randint(1, 5)) for i in range(SIZE)))
        program = Program(Glop())
        program.add(SIZE, rows)
        solutions = [
            each for each in product((0, 1), repeat=SIZE) if all(keeps(row, each) for row in rows)
        ]
        first = last = None
        for _ in range(3):
            solved = program.optimise(level)
            assert (solved is not None) or not solutions
            if solved is None:
                break
            relaxed, bound = solved
            first, last = first or bound.total, bound.total
            cuts = halved(program.rows, relaxed.shares)
            for row in cuts:
                assert not keeps(row, tuple(relaxed.shares), 1e-6), seed
                assert all(keeps(row, each) for each in solutions), seed
            cut += len(cuts)
            program.add(SIZE, cuts)
        if solutions and last is not None and first is not None:
            best = max(level.value({i for i, x in enumerate(each) if x}) for each in solutions)
            assert bound.value >= best
            lowered += last < first
    assert cut > 150
    assert lowered > 40
