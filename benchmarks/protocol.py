"""Which runs are made, in which order: the protocol.

Runs are interleaved: for each repeat and each instance, all sides come one after the other, the
first side a different one each time. One run is made at a time, so that each has the machine to
itself. `smallest` is what every change is held against; `quick` ends in `QUICK_SECONDS` on two
cores whatever happens; `full` is everything. Runs that are in the file already are not made again.

In `full`, sorost, national and nord have limits of some five times what the planner was seen to
need for a proof: of a rival that does not end in less, nobody could say that it is five times as
slow. Where that is hours, only HiGHS is given them, which the planner is to be held against.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.families import REGIONS, SEEDS, SUPPLIES, Instance
from benchmarks.running import PATIENCE, Task
from benchmarks.sides import PEERS, PROVING

QUICK_SECONDS = 1_200.0
"""What `quick` may take in all; runs that would end later are left out and told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some sides on some instances.

    Attributes
    ----------
    limit
        Seconds to decide.
    patience
        Seconds to make the round, start and check, beside one and a half times the limit.
    """

    families: Sequence[str]
    sides: Sequence[str]
    limit: float
    supplies: Sequence[float] = SUPPLIES
    seeds: Sequence[int] = SEEDS
    repeats: int = 1
    patience: float = PATIENCE

    def tasks(self, repeat: int, seed: int) -> Iterator[Task]:
        """Yield the runs of a repeat on the instances of a seed, sides in turn."""
        if repeat >= self.repeats or seed not in self.seeds:
            return
        instances = [Instance(f, s, seed) for f in self.families for s in self.supplies]
        for number, instance in enumerate(instances):
            first = (number + repeat + seed) % len(self.sides)
            for name in (*self.sides[first:], *self.sides[:first]):
                yield Task(name, instance, self.limit, repeat)


ONE = (1,)
HEURISTICS = ("timefold", "manual")
LARGE = ("planner", "highs", "scip", "defaults", "intervals", "manual")

PROTOCOLS: Mapping[str, Sequence[Part]] = {
    "smallest": (
        Part(
            families=["finnmark"],
            sides=["planner", "highs", "manual"],
            limit=30,
            supplies=[0.8],
            seeds=ONE,
        ),
    ),
    "quick": (
        Part(families=["finnmark"], sides=["imports", "command"], limit=30, supplies=[0.8],
             seeds=ONE, repeats=3),
        Part(families=["finnmark"], sides=PROVING, limit=10, seeds=ONE),
        Part(families=["matching", "colouring"], sides=["planner", "highs"], limit=20,
             supplies=[0.8], seeds=ONE),
        Part(families=["nord"], sides=["relaxations", "replan", "explain"], limit=60, seeds=ONE),
        Part(families=["nord"], sides=PEERS, limit=60, seeds=ONE, patience=120),
        Part(families=["national"], sides=["planner", "highs", "manual"], limit=60,
             supplies=[0.8], seeds=ONE),
        Part(families=["regions-1", "regions-2", "regions-4"], sides=["planner"], limit=40,
             supplies=[0.8], seeds=ONE),
    ),
    "full": (
        Part(families=["finnmark"], sides=["imports", "command"], limit=30, repeats=3),
        Part(families=["finnmark"], sides=PROVING, limit=20, repeats=3),
        Part(families=["finnmark"], sides=HEURISTICS, limit=20),
        Part(families=["matching", "colouring"], sides=PROVING, limit=60),
        Part(families=["nord"], sides=["relaxations", "replan"], limit=180, repeats=3),
        Part(families=["nord"], sides=["explain"], limit=180, patience=900),
        Part(families=["nord"], sides=["planner"], limit=180, repeats=2),
        Part(families=["nord"], sides=PEERS, limit=180, patience=120),
        Part(families=["sorost"], sides=[*LARGE, "timefold"], limit=500, supplies=[1.1],
             patience=240),
        Part(families=["sorost"], sides=LARGE, limit=2_000, supplies=[0.8], patience=240),
        Part(families=["national"], sides=LARGE, limit=1_000, supplies=[0.8], patience=240),
        Part(families=["national"], sides=["planner", "highs", "manual"], limit=7_500,
             supplies=[1.1], patience=240),
        Part(families=["stress"], sides=LARGE, limit=300, patience=900),
        Part(families=[f"regions-{n}" for n in REGIONS], sides=["planner"], limit=600,
             patience=240),
        Part(families=["europe"], sides=["planner", "manual"], limit=1_800, patience=2_400),
    ),
}  # fmt: skip
"""Parts by the protocol's name."""


def tasks(protocol: str) -> Iterator[tuple[Task, float]]:
    """Yield the runs of a protocol with their patience, each once: first every first run."""
    parts = PROTOCOLS[protocol]
    met = set()
    for repeat in range(max(part.repeats for part in parts)):
        for seed in SEEDS:
            for part in parts:
                for task in part.tasks(repeat, seed):
                    if task.key not in met:
                        met.add(task.key)
                        yield task, part.patience
