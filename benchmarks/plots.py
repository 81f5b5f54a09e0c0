"""Which plots are drawn of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from benchmarks.results import PROVEN, Row, medians
from benchmarks.sides import LABELS, PROVING
from benchmarks.svg import Axis, Plot, Point
from benchmarks.targets import growth

LEAST = 0.01
"""Seconds that a logarithmic axis begins with."""

SECONDS = Axis("seconds", is_log=True)


def plots(rows: Sequence[Row]) -> dict[str, Plot]:
    """Return the plots that the rows suffice for, by name."""
    sides = {side: [row for row in rows if row.side == side] for side in PROVING}
    named = {LABELS[side]: own for side, own in sides.items() if own}
    found = {
        "cactus": Plot(
            "Instances proven within so many seconds",
            SECONDS,
            Axis("instances proven"),
            {name: _cactus(own) for name, own in named.items()},
            steps=True,
        ),
        "size": Plot(
            "Seconds to proof (medians of what is proven)",
            Axis("candidates", is_log=True),
            SECONDS,
            {name: _by_size(own) for name, own in named.items()},
        ),
    }
    for family in ("nord", "sorost", "national", "stress"):
        first = _first(rows, family)
        if any(row.trace for row in first):
            found[f"gap-{family}"] = Plot(
                f"Levels left to prove, {family}, supply {first[0].supply:g}, seed 1",
                SECONDS,
                Axis("levels left"),
                {LABELS[row.side]: [(max(LEAST, a), b) for a, b in row.points] for row in first},
                steps=True,
                dots=False,
            )
    grown: list[Point] = [(float(regions), seconds) for regions, seconds in growth(rows)]
    if len(grown) > 1:
        across = Axis("regions of 120 candidates", is_log=True)
        found["regions"] = Plot("Seconds to proof of many regions", across, SECONDS,
                                {LABELS["planner"]: grown})  # fmt: skip
    return {name: plot for name, plot in found.items() if any(plot.lines.values())}


def _cactus(rows: Sequence[Row]) -> list[Point]:
    proven = [m.seconds for m in medians(rows).values() if m.row.status == PROVEN]
    return [(max(LEAST, s), float(n)) for n, s in enumerate(sorted(proven), start=1)]


def _by_size(rows: Sequence[Row]) -> list[Point]:
    sizes: dict[int, list[float]] = {}
    for each in medians(rows).values():
        plain = "-" not in each.row.family and each.row.family not in ("matching", "colouring")
        if each.row.status == PROVEN and plain:
            sizes.setdefault(each.row.candidates, []).append(each.seconds)
    return [(float(size), max(LEAST, median(own))) for size, own in sorted(sizes.items())]


def _first(rows: Sequence[Row], family: str) -> list[Row]:
    """Return one run a side of a family's first instance."""
    own = [r for r in rows if r.family == family and r.seed == 1 and r.side in PROVING and r.trace]
    lowest = min((row.supply for row in own), default=0.0)
    first = {row.side: row for row in reversed(own) if row.supply == lowest}
    return [first[side] for side in PROVING if side in first]
