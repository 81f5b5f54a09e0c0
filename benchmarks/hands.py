"""What more processes save: one round, planned by ``rotations solve`` with one process and more.

``python -m benchmarks.hands FAMILY WORK [JOBS …]`` prints a line a run: seconds by the clock and of
processors, and the plan's hash, which must be the same in all. `WORK` is the limit of solver work,
so that every run does the same; 0 = until all is proven. Before that, what the processor time of
each share allows: the clock tells that on a machine alone where nothing else runs.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from heapq import heapreplace
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from tempfile import TemporaryDirectory
from time import monotonic, process_time

from benchmarks.families import SUPPLIES, Instance
from data.documents import write_round
from scheduler.planner import plan_round
from scheduler.rounds import Round
from scheduler.shares import Alone, Outcome, Own, Share
from scheduler.watch import Limits, Watch

JOBS = (1, 2)
HANDS = (1, 2, 4, 8)


class Timed(Alone):
    """Works out one share after the other, and notes the processor time of each, lap by lap."""

    def __init__(self) -> None:
        self.laps: list[list[float]] = []

    def outcomes(self, shares: Sequence[Share], own: Own) -> Iterator[tuple[int, Outcome]]:
        """Yield the outcome of each share in order."""
        self.laps.append([])
        for place, outcome in super().outcomes(shares, own):
            self.laps[-1].append(outcome.seconds)
            yield place, outcome


def main(family: str, work: float, jobs: Sequence[int]) -> None:
    """Run and print."""
    instance = Instance(family, SUPPLIES[0], 1)
    _allowed(instance.made(), work)
    print("| round | processes | seconds | processor seconds | status | plan |")
    print("| --- | --- | --- | --- | --- | --- |")
    with TemporaryDirectory() as folder:
        document = Path(folder) / "round.json"
        document.write_bytes(write_round(instance.made()))
        for count in jobs:
            seconds, processor, run = _solved(document, work, count)
            told = f"{seconds:.1f} | {processor:.1f} | {run['status']} | {run['plan_hash'][:15]}"
            print(f"| {family} | {count} | {told} |", flush=True)


def _allowed(round_: Round, work: float) -> None:
    """Print how long planning takes where so many shares are worked out at once."""
    crew, began = Timed(), process_time()
    limits = Limits(deterministic=work or None)
    plan_round(round_, limits, Watch(clock=process_time), crew)
    whole = process_time() - began
    alone = whole - sum(map(sum, crew.laps))
    print(f"{alone:.1f} of {whole:.1f} processor seconds outside shares; at once, seconds, ratio:")
    for hands in HANDS:
        seconds = alone + sum(_span(lap, hands) for lap in crew.laps)
        print(f"{hands}, {seconds:.1f}, {whole / seconds:.2f}", flush=True)


def _span(lap: Iterable[float], hands: int) -> float:
    """Return how long a lap takes where each hand takes the next share when it is free."""
    busy = [0.0] * hands
    for seconds in lap:
        heapreplace(busy, busy[0] + seconds)
    return max(busy)


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
