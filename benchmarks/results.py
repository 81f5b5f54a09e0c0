"""What is kept of every run: one row of a dated CSV, losses included.

Of the machine nothing is kept but its processor and number of cores.
"""

from __future__ import annotations

import csv
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from time import strftime
from typing import Any

FOLDER = Path(__file__).parent / "results"

PROVEN, FOUND, NOTHING, BROKEN, KILLED, ABSENT, FAILED, MEASURED = (
    "proven", "found", "nothing", "broken", "killed", "absent", "failed", "measured",
)  # fmt: skip
"""How a run ended: all proven; a plan; no plan; one that breaks rules; stopped from outside; a
side that is not installed; an error; a time and no plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One run of one side on one instance.

    Attributes
    ----------
    date, commit, python, ortools, cores, processor
        When, what and where; a commit with ``+`` has changes that are not committed.
    protocol
        Which set of runs it belongs to.
    side, family, supply, seed, candidates, repeat
        What was run, the how-manieth time (0 = first).
    limit, seconds, wall, cpu, memory
        Seconds allowed and taken to decide, of the whole process and of all its cores; megabytes
        at most.
    status, levels, proven, tiers, values, bounds, broken
        How it ended; tier levels, the proof of uniqueness among them, and how many of them are
        proven, in order; name, value and bound of each level; rules that the plan breaks.
    trace
        ``seconds:levels left`` on the way.
    notes
        ``name=figure`` beside.
    """

    date: str
    commit: str
    python: str
    ortools: str
    cores: int
    processor: str
    protocol: str
    side: str
    family: str
    supply: float
    seed: int
    candidates: int
    repeat: int
    limit: float
    status: str
    seconds: float
    wall: float
    cpu: float
    memory: float
    levels: int
    proven: int
    tiers: str
    values: str
    bounds: str
    broken: str
    trace: str
    notes: str

    @property
    def instance(self) -> tuple[str, float, int]:
        """Family, supply and seed."""
        return self.family, self.supply, self.seed

    @property
    def vector(self) -> tuple[int, ...]:
        """Value of each level as the verifier has it; empty without a plan."""
        return tuple(map(int, self.values.split())) if self.values else ()

    @property
    def noted(self) -> dict[str, float]:
        """Figures beside, by name."""
        pairs = (each.split("=") for each in self.notes.split())
        return {name: float(figure) for name, figure in pairs}

    @property
    def points(self) -> list[tuple[float, float]]:
        """Seconds and levels left to prove, as they went."""
        pairs = (each.split(":") for each in self.trace.split())
        return [(float(seconds), float(left)) for seconds, left in pairs]


NUMBERS = {field.name: {"int": int, "float": float}.get(str(field.type)) for field in fields(Row)}


def machine() -> dict[str, Any]:
    """Return what a row says of date, commit, versions and processor."""
    return {
        "date": strftime("%Y-%m-%d"),
        "commit": _commit(),
        "python": platform.python_version(),
        "ortools": _version("ortools"),
        "cores": os.cpu_count() or 0,
        "processor": _processor(),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _commit() -> str:
    """Return the commit that is measured, ``+`` where the code is not as it was committed."""
    try:
        head = _git("rev-parse", "--short", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", "scheduler")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{head}+" if changed else head


def age(commit: str) -> int:
    """Return how many commits have come after one; of an unknown one, more than there are.

    What had changes that were not committed is as old as the commit that they came after.
    """
    begun = commit.rstrip("+")
    return next((i for i, each in enumerate(_history()) if each.startswith(begun)), len(_history()))


@cache
def _history() -> list[str]:
    try:
        return _git("rev-list", "HEAD").split()
    except (OSError, subprocess.CalledProcessError):
        return []


def _git(*words: str) -> str:
    command = ["git", *words]
    said = subprocess.run(  # noqa: S603 - the command is ours
        command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1]
    )
    return said.stdout.strip()


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a file; none where there is no file."""
    if not path.exists():
        return []
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8", newline="") as file:
        return [_row(record) for record in csv.DictReader(file)]


def _row(record: Mapping[str, str]) -> Row:
    return Row(**{name: (NUMBERS[name] or str)(value) for name, value in record.items()})


def append_row(path: Path, row: Row) -> None:
    """Add a row to a file as soon as it is known, so that nothing is lost when a run is stopped."""
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerow(asdict(row))


@dataclass(frozen=True, slots=True)
class Medians:
    """All runs of a side on an instance.

    `seconds` and `memory` are medians, `fastest` and `slowest` the spread; `row` is the run whose
    plan counts, that with the median time.
    """

    row: Row
    runs: int
    seconds: float
    fastest: float
    slowest: float
    memory: float


Key = tuple[str, str, float, int]


def medians(rows: Iterable[Row]) -> dict[Key, Medians]:
    """Return medians by side, family, supply and seed; in the order in which they first came."""
    runs: dict[Key, list[Row]] = {}
    for row in rows:
        runs.setdefault((row.side, *row.instance), []).append(row)
    return {key: _medians(own) for key, own in runs.items()}


def _medians(own: list[Row]) -> Medians:
    ordered = sorted(own, key=lambda row: (row.status != PROVEN, row.seconds))
    times = sorted(row.seconds for row in own)
    memory = median(row.memory for row in own)
    middle = ordered[(len(ordered) - 1) // 2]
    return Medians(middle, len(own), median(times), times[0], times[-1], memory)
