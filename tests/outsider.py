"""Solves programs in MPS with HiGHS or SCIP and nothing of the project's: ``outsider SOLVER DIR…``.

It prints one JSON object: by folder, the minimum of each program in the order of their names, or
null where a program has no solution.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

from ortools.math_opt.io.python import mps_converter  # type: ignore[import-untyped]
from ortools.math_opt.python import mathopt  # type: ignore[import-untyped]

EXACT = mathopt.SolveParameters(relative_gap_tolerance=0.0, absolute_gap_tolerance=0.0)


def minimum(path: Path, solver: mathopt.SolverType) -> int | None:
    """Return the proven minimum of a program, None where it has no solution."""
    text = gzip.decompress(path.read_bytes()).decode("ascii")
    model = mathopt.Model.from_model_proto(mps_converter.mps_to_model_proto(text))
    result = mathopt.solve(model, solver, params=EXACT)
    if result.termination.reason is mathopt.TerminationReason.INFEASIBLE:
        return None
    assert result.termination.reason is mathopt.TerminationReason.OPTIMAL
    assert abs(result.objective_value() - result.dual_bound()) < 0.5
    least: float = result.objective_value()
    return round(least)


def main(solver: str, folders: list[str]) -> None:
    """Solve every program of every folder."""
    chosen = mathopt.SolverType[solver]
    found = {
        folder: [minimum(path, chosen) for path in sorted(Path(folder).glob("*.mps.gz"))]
        for folder in folders
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
