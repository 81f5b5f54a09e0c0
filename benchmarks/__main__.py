"""What the planner uses, CP-SAT alone and HiGHS on the same tiers of one round, in one run.

``python -m benchmarks [--preset nord] [--seed 1] [--limit SECONDS]``

All decide every tier to proof by `scheduler.search`; a tier may take several solves, because rows
of PRIORITY are added when a solution breaks it. What the linear programs take between the searches
is in the total alone. Times are wall seconds of one run: compare them with each other, not with
another day's.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from threading import Event
from time import monotonic

from benchmarks.mathopt import MathOpt
from data.synthetic import PRESETS, generate
from scheduler.cpsat import CpSat
from scheduler.exact import exact
from scheduler.model import Row
from scheduler.plans import Status
from scheduler.rounds import Round
from scheduler.search import Result, search
from scheduler.solver import Answer, Effort, Found, Shares, Solver
from scheduler.tiers import Level
from scheduler.watch import UNIQUENESS, Limits, Watch


@dataclass(frozen=True, slots=True)
class Note:
    """What one objective took: its tier and level, wall seconds, the solver's verdict."""

    tier: str
    level: int | None
    seconds: float
    outcome: str


@dataclass(frozen=True, slots=True)
class Timed:
    """A solver that notes what each objective takes."""

    solver: Solver
    notes: list[Note]

    def add(self, variables: int, rows: Iterable[Row]) -> None:
        """Pass rows on."""
        self.solver.add(variables, rows)

    def relaxed(self, level: Level, effort: Effort, stop: Event | None) -> Shares | None:
        """Pass on what the linear program says."""
        return self.solver.relaxed(level, effort, stop)

    def optimise(
        self,
        level: Level,
        hint: Mapping[int, bool],
        effort: Effort,
        stop: Event | None,
        found: Found,
    ) -> Answer:
        """Pass an objective on and note what it took."""
        began = monotonic()
        answer = self.solver.optimise(level, hint, effort, stop, found)
        self.notes.append(Note(level.tier, level.level, monotonic() - began, answer.outcome.value))
        return answer


@dataclass(frozen=True, slots=True)
class Measured:
    """One search by one solver: its result, what each objective took, wall seconds in all."""

    result: Result
    notes: list[Note]
    seconds: float

    def spent(self, tier: str, level: int | None) -> str:
        """Say how long a level took and what the solver said each time it was asked."""
        own = [n for n in self.notes if (n.tier, n.level) == (tier, level)]
        if not own:
            return f"{'':8}  bound met"
        verdict = Counter(n.outcome for n in own)
        said = ", ".join(f"{count} x {outcome}" for outcome, count in verdict.items())
        return f"{sum(n.seconds for n in own):6.2f} s  {said}"


def measured(round_: Round, limit: float | None, new: Callable[[], Solver]) -> Measured:
    """Search a round with a solver of the given make."""
    notes: list[Note] = []
    began = monotonic()
    watch = Watch(clock=monotonic)
    result = search(round_, Limits(seconds=limit), watch, lambda: Timed(new(), notes))
    return Measured(result, notes, monotonic() - began)


def show(sides: Mapping[str, Measured]) -> None:
    """Print a line a tier level with all solvers side by side."""
    print(f"{'tier':11} {'value':>9} {'bound':>9}  {'proven':6}", *(f"{name:26}" for name in sides))
    for tier in next(iter(sides.values())).result.tiers:
        label = tier.tier if tier.level is None else f"{tier.tier} {tier.level}"
        spent = (f"{each.spent(tier.tier, tier.level):26}" for each in sides.values())
        proven = "yes" if tier.proven else "no"
        print(f"{label:11} {tier.value:9} {tier.bound:9}  {proven:6}", *spent)
    spent = (f"{each.spent(UNIQUENESS, None):26}" for each in sides.values())
    print(f"{UNIQUENESS:11} {'':9} {'':9}  {'':6}", *spent)
    first = next(iter(sides.values())).seconds
    for name, each in sides.items():
        ratio = f"{each.seconds / first:.1f} times as long"
        print(f"{name}: {each.result.status} in {each.seconds:.1f} s, {ratio}")


SIDES: Mapping[str, Callable[[], Solver]] = {"planner": exact, "CP-SAT": CpSat, "HiGHS": MathOpt}
"""Who decides: the first is what plans are made with, the others stand beside it."""


def main() -> int:
    """Measure one preset; return 1 where a proof is missing or the plans differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", choices=sorted(PRESETS), default="nord")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=None)
    given = parser.parse_args()
    round_ = generate(given.preset, given.seed)
    print(f"{round_.id}: {len(round_.candidates)} candidates, {len(round_.windows)} windows")
    sides = {name: measured(round_, given.limit, new) for name, new in SIDES.items()}
    show(sides)
    same = len({each.result.chosen for each in sides.values()}) == 1
    print("All found the same plan" if same else "The plans differ")
    proven = {each.result.status for each in sides.values()} == {Status.OPTIMAL}
    return 0 if same and proven else 1


if __name__ == "__main__":
    sys.exit(main())
