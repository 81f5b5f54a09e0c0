"""Timefold's Python edition, on the machine's Java.

It has the same options and hard rules, and the tiers as a bendable score: two hard levels (limits;
PRIORITY) and one soft level a tier level, kept up to date as candidates move. It may search as many
seconds as the others have in all: starting Java, preparing the rows of PRIORITY and translating the
score's code come before and are not counted. Nothing is proven.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import Any

import jpype

from benchmarks.outcome import Outcome, seats_of
from benchmarks.ranking import Ranking
from scheduler.model import Model
from scheduler.rounds import Round
from scheduler.tiers import levels, lottery


def decide(round_: Round, seconds: float) -> Outcome:
    """Let Timefold search for so many seconds.

    Raises
    ------
    ModuleNotFoundError
        Where there is no Java.
    """
    began = monotonic()
    _start()
    annealing = import_module("benchmarks.sides.annealing")  # its loading needs a running Java
    model = Model(round_)
    found, spent = annealing.solved(_facts(model), seconds)
    seats = seats_of(round_, (*(model.options[i] for i in found), *model.accepted))
    searched = min(spent, seconds)  # the rest is translation, before it and behind
    return Outcome(seats=seats, apart=monotonic() - began - searched)


def _start() -> None:
    """Start the virtual machine that ``java`` belongs to."""
    java = shutil.which("java")
    library = Path(java).resolve().parents[1] / "lib" / "server" / "libjvm.so" if java else None
    if library is None or not library.exists():
        raise ModuleNotFoundError("Timefold needs a JDK, and there is no java")
    if not jpype.isJVMStarted():
        import_module("timefold.solver").init(str(library), "-Xmx3g")


def _facts(model: Model) -> dict[str, Any]:
    """Return everything that the score needs: choices by candidate, and facts as texts."""
    round_, ranking = model.round, Ranking(model)
    decided = (*levels(model), lottery(model, 0))
    weights = [[0] * len(decided) for _ in model.options]
    for number, level in enumerate(decided):
        for i, weight in level.terms:
            if i < len(model.options):  # else a step of `spread`, which is counted by town
                weights[i][number] += weight if level.maximise else -weight
    free = [c for c in round_.candidates if c.id not in round_.accepted]
    waiting = Counter(c.municipality for c in free)
    town = {name: n for n, name in enumerate(waiting)}
    trainee = {name: n for n, name in enumerate(model.of_candidate)}
    spread = next((n for n, level in enumerate(decided) if level.tier == "spread"), -1)
    texts = (
        _text(town[round_.candidate[option.candidate].municipality] for option in model.options),
        *map(_texts, (ranking.slots, weights, ranking.claims)),
        _text(ranking.free),
        _text(trainee[name] for name in ranking.colleagues),
        *map(_texts, (ranking.serving, ranking.blockers)),
        _text(waiting.values()),
    )
    return {"choices": list(model.of_candidate.values()), "facts": (*texts, spread)}


def _texts(lists: Iterable[Iterable[int]]) -> str:
    return ";".join(map(_text, lists))


def _text(numbers: Iterable[int]) -> str:
    return " ".join(map(str, (0, *numbers)))
