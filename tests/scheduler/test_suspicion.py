"""Whoever is in the way in a plan of shares is suspected, and few others."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

import numpy as np
from numpy.typing import NDArray

from scheduler.model import Row
from scheduler.priority import Priority
from scheduler.standing import Envy
from scheduler.suspicion import BROKEN, ONE, Suspicion
from tests.scheduler.test_standing import fitting, models

MIXED = 8
"""Plans that shares are made of; some of them twice, as it happens."""


def shares(plans: Iterable[frozenset[int]], options: int) -> NDArray[np.int64]:
    """Return the shares that plans come to, each for the same part."""
    parts = np.zeros(options, dtype=np.int64)
    for plan in plans:
        parts[list(plan)] += ONE // MIXED
    return parts


def excess(priority: Priority, row: Row, parts: NDArray[np.int64]) -> int:
    """Return by how much a row is broken where its blockers do what they can."""
    defining = priority.standing.defining([row])

    def amount(variable: int) -> int:
        if variable not in defining:
            return int(parts[variable])
        (_, needed), *others = defining[variable].terms
        return min(ONE, sum(int(parts[i]) for i, _ in others) // -needed)

    return sum(coefficient * amount(variable) for variable, coefficient in row.terms)


def broken(priority: Priority, parts: NDArray[np.int64]) -> set[Envy]:
    """Return every envy that has a broken row."""
    rows = ((envy, row) for envy in priority.possible() for row in priority.against(envy))
    return {envy for envy, row in rows if excess(priority, row, parts) > BROKEN}


def test_whoever_breaks_a_row_is_suspected() -> None:
    found = suspected = possible = 0
    for number, model in enumerate(models()):
        priority = Priority(model)
        plans = [plan for plan in fitting(model, priority, number) if plan]
        for draw in range(5 if plans else 0):
            mixed = shares(Random(f"{number} {draw}").choices(plans, k=MIXED), len(model.options))
            own = set(Suspicion(model, priority).envies(mixed))
            those = broken(priority, mixed)
            assert those <= own, (model.round.id, sorted(those - own))
            found, suspected = found + len(those), suspected + len(own)
            possible += len(set(priority.possible()))
    assert found > 300
    assert suspected < found * 3 < possible
