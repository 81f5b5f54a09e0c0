"""Importing OR-Tools alone, in a process of its own: what no program that uses it can save."""

from __future__ import annotations

import subprocess
import sys
from time import monotonic

from benchmarks.outcome import Outcome
from scheduler.rounds import Round

CODE = "import ortools.sat.python.cp_model, ortools.linear_solver.pywraplp"


def decide(_: Round, seconds: float) -> Outcome:
    """Start Python and import both solvers that the planner uses."""
    began = monotonic()
    command = [sys.executable, "-c", CODE]
    subprocess.run(command, check=True, timeout=seconds)  # noqa: S603 - the command is ours
    return Outcome(notes={"command": monotonic() - began})
