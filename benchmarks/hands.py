"""What more processes save: one round, planned by ``rotations solve`` with one process and more.

``python -m benchmarks.hands FAMILY WORK [JOBS …]`` prints a line a run: seconds by the clock and of
processors, and the plan's hash, which must be the same in all. `WORK` is the limit of solver work,
so that every run does the same; 0 = until all is proven.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from tempfile import TemporaryDirectory
from time import monotonic

from benchmarks.families import SUPPLIES, Instance
from data.documents import write_round

JOBS = (1, 2)


def main(family: str, work: float, jobs: Sequence[int]) -> None:
    """Run and print."""
    instance = Instance(family, SUPPLIES[0], 1)
    print("| round | processes | seconds | processor seconds | status | plan |")
    print("| --- | --- | --- | --- | --- | --- |")
    with TemporaryDirectory() as folder:
        document = Path(folder) / "round.json"
        document.write_bytes(write_round(instance.made()))
        for count in jobs:
            seconds, processor, run = _solved(document, work, count)
            told = f"{seconds:.1f} | {processor:.1f} | {run['status']} | {run['plan_hash'][:15]}"
            print(f"| {family} | {count} | {told} |", flush=True)


def _solved(document: Path, work: float, jobs: int) -> tuple[float, float, dict[str, str]]:
    """Return seconds by the clock and of processors, and what the command says."""
    command = [sys.executable, "-m", "api", "solve", str(document), "--json", "--jobs", str(jobs)]
    limit = ["--deterministic-limit", str(work)] if work else []
    began, spent = monotonic(), _spent()
    done = subprocess.run(  # noqa: S603 - the command is ours
        [*command, *limit, "--out", str(document.with_suffix(""))],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    run: dict[str, str] = json.loads(done.stdout)["rounds"][0]
    return monotonic() - began, _spent() - spent, run


def _spent() -> float:
    usage = getrusage(RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), [int(each) for each in sys.argv[3:]] or JOBS)
