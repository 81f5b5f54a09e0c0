"""CP-SAT and HiGHS on the same tiers of one round, side by side in one run.

``python -m benchmarks [--preset nord] [--seed 1] [--limit SECONDS]``

Both decide every tier to proof by `scheduler.search`; a tier may take several solves, because rows
of PRIORITY are added when a solution breaks it. Times are wall seconds of one run: compare them
with each other, not with another day's.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from threading import Event
from time import monotonic

from benchmarks.mathopt import MathOpt
from data.synthetic import PRESETS, generate
from scheduler.cpsat import CpSat
from scheduler.model import Row
from scheduler.search import Result, search
from scheduler.solver import Answer, Effort, Found, Solver
from scheduler.tiers import Level
from scheduler.watch import Limits, Watch


@dataclass
class Timed:
    """A solver that notes what each objective took: tier, level, seconds, outcome."""

    solver: Solver
    notes: list[tuple[str, int | None, float, str]]

    def add(self, variables: int, rows: Iterable[Row]) -> None:
        """Pass rows on."""
        self.solver.add(variables, rows)

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
        self.notes.append((level.tier, level.level, monotonic() - began, answer.outcome.value))
        return answer


def run(
    preset: str, seed: int, limit: float | None, new: Callable[[], Solver]
) -> tuple[Result, list[tuple[str, int | None, float, str]], float]:
    """Return the result, the notes and the seconds in all of one search."""
    notes: list[tuple[str, int | None, float, str]] = []
    round_ = generate(preset, seed)
    began = monotonic()
    watch = Watch(clock=monotonic)
    result = search(round_, Limits(seconds=limit), watch, lambda: Timed(new(), notes))
    return result, notes, monotonic() - began


def main() -> None:
    """Print one line a tier and solver."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", choices=sorted(PRESETS), default="nord")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=None)
    given = parser.parse_args()
    results = {}
    for name, new in (("CP-SAT", CpSat), ("HiGHS", MathOpt)):
        result, notes, seconds = run(given.preset, given.seed, given.limit, new)
        results[name] = result
        print(f"{name}: {given.preset} seed {given.seed}, {result.status}, {seconds:.1f} s in all")
        print(f"  {'tier':10} {'value':>15} {'bound':>15} {'':6} {'seconds':>9}  solver's status")
        for tier in result.tiers:
            own = [n for n in notes if n[:2] == (tier.tier, tier.level)]
            label = tier.tier if tier.level is None else f"{tier.tier} {tier.level}"
            print(
                f"  {label:10} value {tier.value:>9} bound {tier.bound:>9} "
                f"{'proven' if tier.proven else 'open':6} {sum(n[2] for n in own):7.2f} s "
                f"{' '.join(n[3] for n in own) or 'bound met without a solve'}"
            )
    same = results["CP-SAT"].chosen == results["HiGHS"].chosen
    print("the same plan" if same else "not the same plan")


if __name__ == "__main__":
    main()
