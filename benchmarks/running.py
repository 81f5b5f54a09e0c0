"""Runs: each side in a process of its own, one at a time, and what it took.

``python -m benchmarks.running SIDE FAMILY SUPPLY SEED SECONDS`` is such a process: it makes the
round, has the side decide it, and prints what came of it as one line of JSON. The parent stops it
when it has taken one and a half times what it may, and a minute for the rest.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Any

from benchmarks.families import Instance
from benchmarks.known import KNOWN
from benchmarks.outcome import Checked, Outcome, checked
from benchmarks.results import (
    ABSENT,
    BROKEN,
    FAILED,
    FOUND,
    KILLED,
    MEASURED,
    NOTHING,
    PROVEN,
    Row,
)
from benchmarks.sides import side
from scheduler.rounds import Round

MOST_POINTS = 80
"""How many points of a trace are kept."""

PATIENCE = 60.0
"""Seconds that making the round, starting up and checking may take beside the limit, and more for
large rounds."""


@dataclass(frozen=True, slots=True)
class Task:
    """One run to be made: who, on what, for how many seconds, and the how-manieth time."""

    side: str
    instance: Instance
    limit: float
    repeat: int

    @property
    def key(self) -> tuple[str, str, float, int, float, int]:
        """What tells a run from others: it is not made twice."""
        i = self.instance
        return self.side, i.family, i.supply, i.seed, self.limit, self.repeat


def ran(task: Task, protocol: str, about: Mapping[str, Any], patience: float = PATIENCE) -> Row:
    """Make a run and return its row.

    Parameters
    ----------
    protocol
        The set of runs it belongs to.
    about
        What `benchmarks.results.machine` says.
    patience
        Seconds beside one and a half times the limit after which it is killed.
    """
    i = task.instance
    words = [task.side, i.family, str(i.supply), str(i.seed), str(task.limit)]
    began = monotonic()
    said, status = _said(words, 1.5 * task.limit + patience)
    found: dict[str, Any] = {
        **dict.fromkeys(("seconds", "cpu", "memory"), 0.0),
        **dict.fromkeys(("candidates", "levels", "proven"), 0),
        **dict.fromkeys(("tiers", "values", "bounds", "broken", "trace", "notes"), ""),
        "status": status,
        "wall": round(monotonic() - began, 3),
        **said,
    }
    own = {"side": task.side, "limit": task.limit, "repeat": task.repeat, **asdict(i)}
    return Row(protocol=protocol, **{**about, **own, **found})


def _said(words: Sequence[str], seconds: float) -> tuple[dict[str, Any], str]:
    """Return what the process of a run prints, and how it ended where it prints nothing."""
    command = [sys.executable, "-m", "benchmarks.running", *words]
    with subprocess.Popen(  # noqa: S603 - the command is ours
        command, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            printed, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return {}, KILLED
    lines = [line for line in printed.splitlines() if line.startswith("{")]
    said: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    return said, FAILED


def main(words: Sequence[str]) -> None:
    """Make one run in this process and print what came of it."""
    name, family, supply, seed, limit = words
    instance = Instance(family, float(supply), int(seed))
    round_ = instance.made()
    try:
        decide = side(name)
    except ModuleNotFoundError as missing:
        print(missing, file=sys.stderr)
        print(json.dumps({"status": ABSENT, "candidates": len(round_.candidates)}))
        return
    began = monotonic()
    outcome = decide(round_, float(limit))
    seconds = monotonic() - began - outcome.apart
    said = {"candidates": len(round_.candidates), "seconds": round(seconds, 3), **_usage()}
    print(json.dumps(said | _judged(instance, round_, outcome)))


def _usage() -> dict[str, float]:
    """Return processor seconds and megabytes at most, of this process and of what it has run."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
    most = max(own.ru_maxrss, others.ru_maxrss)
    return {"cpu": round(spent, 3), "memory": round(most / 1024, 1)}


def _judged(instance: Instance, round_: Round, outcome: Outcome) -> dict[str, Any]:
    """Return what the verifier says of a plan, and what follows for how the run ended.

    A proof that says otherwise than what is known of the best plan counts as a broken rule.
    """
    notes = " ".join(f"{name}={figure:.4g}" for name, figure in outcome.notes.items())
    trace = " ".join(f"{at:.3f}:{left:.4g}" for at, left in _thinned(outcome.trace))
    found: dict[str, Any] = {"notes": notes, "trace": trace}
    if outcome.seats is None:
        return found | {"status": MEASURED if outcome.notes else NOTHING}
    verdict = checked(round_, outcome.seats, outcome.counter)
    if verdict.broken:
        return found | {"status": BROKEN, "broken": " ".join(verdict.broken)}
    proven, levels = _proven(verdict, outcome), len(verdict.values) + 1
    known = KNOWN.get(instance.family) if proven == levels and not outcome.counter else None
    if known is not None and known(round_) != tuple(verdict.values):
        return found | {"status": BROKEN, "broken": "KNOWN"}
    return found | {
        "status": PROVEN if proven == levels else FOUND,
        "levels": levels,
        "proven": proven,
        "tiers": " ".join(verdict.names),
        "values": _joined(verdict.values),
        "bounds": _joined(outcome.bounds),
    }


def _proven(verdict: Checked, outcome: Outcome) -> int:
    """Return how many levels in order reach their bounds, and one more where the plan is alone."""
    pairs = zip(verdict.values, outcome.bounds, strict=False)
    proven = 0
    for value, bound in pairs:
        if value != bound:
            return proven
        proven += 1
    return proven + (outcome.alone and proven == len(verdict.values))


def _thinned(trace: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """Return some points of a trace, the first and the last among them."""
    step = max(1, -(-len(trace) // MOST_POINTS))
    return [*trace[:-1:step], *trace[-1:]]


def _joined(numbers: Iterable[int]) -> str:
    return " ".join(map(str, numbers))


if __name__ == "__main__":
    main(sys.argv[1:])
