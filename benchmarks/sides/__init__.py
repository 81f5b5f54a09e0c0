"""Who is measured: one module a side, loaded in the process that runs it and nowhere else.

Each has ``decide(round_, seconds)``, which returns an `Outcome` within about so many seconds.
`planner`, `defaults`, `intervals`, `highs` and `scip` decide the same tiers on the same options to
proof; `timefold` and `manual` only find a plan. `relaxations`, `replan`, `explain`, `imports` and
`command` measure what a target compares a plan's time with.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from benchmarks.outcome import Outcome
from scheduler.rounds import Round

PROVING = ("planner", "defaults", "intervals", "highs", "scip")
"""Sides that prove what they find."""

PEERS = (*PROVING, "timefold", "manual")
"""Sides that make a plan."""

BESIDE = ("relaxations", "replan", "explain", "imports", "command")
"""What else is measured."""

LABELS = {
    "planner": "planner",
    "defaults": "CP-SAT, defaults",
    "intervals": "CP-SAT, intervals",
    "highs": "HiGHS",
    "scip": "SCIP",
    "timefold": "Timefold",
    "manual": "by hand",
    "relaxations": "relaxations once",
    "replan": "re-plan after a decline",
    "explain": "explanation of one",
    "imports": "importing OR-Tools",
    "command": "whole command",
}
"""What tables and plots call them."""


def side(name: str) -> Callable[[Round, float], Outcome]:
    """Return what decides for a side.

    Raises
    ------
    ModuleNotFoundError
        Where a side needs what is not installed.
    """
    decide: Callable[[Round, float], Outcome] = import_module(f"benchmarks.sides.{name}").decide
    return decide
