"""The targets: ratios of what was measured in one run, and whether they are met.

Each row of the table says what was aimed at, what came out and ``met``, ``missed`` or ``not
measured``. Of a ratio the worst instance counts; against a side that did not finish, the ratio is
at least what its limit makes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import log
from statistics import median

from benchmarks.results import FOUND, KILLED, MEASURED, PROVEN, Medians, Row, medians

Key = tuple[str, float, int]

GAP = 0.005
"""A level within so much of its bound counts as well as a proven one for the largest rounds."""


@dataclass(frozen=True, slots=True)
class Target:
    """One target: of which round, what is aimed at, what came out, and whether that meets it.

    `met` is None where nothing was measured.
    """

    family: str
    aim: str
    measured: str
    met: bool | None

    @property
    def verdict(self) -> str:
        """Met, missed or not measured."""
        return {True: "met", False: "missed", None: "not measured"}[self.met]

    def __str__(self) -> str:
        return f"{self.family:16} {self.aim:58} {self.measured:34} {self.verdict}"


def targets(rows: Sequence[Row]) -> list[Target]:
    """Return every target with what the rows say of it."""
    found = _Found(rows)
    return [
        found.at_most("finnmark", "whole command / importing OR-Tools", "command", "imports", 1.5),
        found.proofs("nord"),
        found.at_most("nord", "all tiers / all relaxations once", "planner", "relaxations", 2.0),
        found.faster("nord", "highs", 5.0),
        found.faster("nord", "scip", 5.0),
        found.faster("nord", "defaults", 50.0, is_enough_not_to_finish=True),
        found.proofs("sorost"),
        found.faster("sorost", "highs", 5.0),
        found.proofs("national"),
        found.faster("national", "highs", 5.0),
        found.near("stress", 300.0),
        found.memory("stress", 2_000.0),
        found.near("europe", None),
        found.memory("europe", 6_000.0),
        found.exponent(1.2),
        found.beside("nord", "re-plan after one decline / plan", "replan", 0.3),
        found.beside("nord", "explanation of one candidate / plan", "explain", 0.1),
    ]


class _Found:
    """Medians by side and instance, and what they say."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._of: dict[str, dict[Key, Medians]] = {}
        for (side, *_), found in medians(rows).items():
            self._of.setdefault(side, {})[found.row.instance] = found

    def at_most(self, family: str, aim: str, one: str, other: str, most: float) -> Target:
        """Hold one side's time against another's."""
        pairs = self._pairs(family, one, other)
        ratios = [_seconds(a) / _seconds(b) for a, b in pairs]
        is_open = any(a.row.status not in (PROVEN, MEASURED) for a, _ in pairs)
        lacking = "not all proven" if is_open else ""
        return _held(family, f"{aim} ≤ {most:g}", ratios, lambda worst: worst <= most, lacking)

    def faster(
        self, family: str, peer: str, least: float, is_enough_not_to_finish: bool = False
    ) -> Target:
        """Hold a peer's time to proof, or its limit, against the planner's."""
        aim = f"{peer} / planner, time to proof ≥ {least:g}"
        pairs = self._pairs(family, "planner", peer)
        proven = [(own, other) for own, other in pairs if own.row.status == PROVEN]
        if not pairs:
            return _unmeasured(family, aim)
        if not proven:
            return Target(family, aim, f"planner proves 0 of {len(pairs)}", False)
        ratios = [_seconds(other) / _seconds(own) for own, other in proven]
        said = f"{median(ratios):.3g}, worst {min(ratios):.3g}"
        unfinished = sum(other.row.status != PROVEN for _, other in proven)
        if unfinished:
            said += f", {unfinished} of {len(proven)} not finished"
        if len(proven) < len(pairs):
            said += f"; planner proves {len(proven)} of {len(pairs)}"
        is_met = min(ratios) >= least or (is_enough_not_to_finish and unfinished == len(proven))
        return Target(family, aim, said, is_met and len(proven) == len(pairs))

    def proofs(self, family: str) -> Target:
        """Count the instances that the planner proves."""
        own = list(self._in(family, "planner"))
        proven = sum(each.row.status == PROVEN for each in own)
        if not own:
            return _unmeasured(family, "all tiers proven")
        return Target(family, "all tiers proven", f"{proven} of {len(own)}", proven == len(own))

    def near(self, family: str, seconds: float | None) -> Target:
        """Tell how far the worst level of a round is from its bound."""
        aim = "planned with bounds" if seconds is None else f"≤ {GAP:.1%} from bounds in 5 minutes"
        own = list(self._in(family, "planner"))
        if not own:
            return _unmeasured(family, aim)
        gaps = [widest(each.row) for each in own]
        if any(gap is None for gap in gaps):
            return Target(family, aim, "no plan", False)
        worst = max(gap for gap in gaps if gap is not None)
        return Target(family, aim, f"widest gap {worst:.2%}", seconds is None or worst <= GAP)

    def memory(self, family: str, most: float) -> Target:
        """Hold the memory that the planner takes against megabytes."""
        aim = f"memory ≤ {most / 1000:g} GB"
        own = [each.memory for each in self._in(family, "planner")]
        return _held(family, aim, own, lambda worst: worst <= most, "", " MB")

    def exponent(self, most: float) -> Target:
        """Fit the exponent with which time grows with the number of regions."""
        aim, points = f"time grows as regions^k, k ≤ {most:g}", growth(self._all("planner"))
        k = slope(points)
        if k is None:
            return _unmeasured("regions", aim)
        return Target("regions", aim, f"k = {k:.2f} over {len(points)} sizes", k <= most)

    def beside(self, family: str, aim: str, side: str, most: float) -> Target:
        """Hold what follows a plan against the time of the plan, of one process."""
        own = list(self._in(family, side))
        ratios = [each.seconds / each.row.noted["plan"] for each in own if each.row.notes]
        unfinished = len(own) - len(ratios)
        lacking = f"{unfinished} of {len(own)} not finished" if unfinished else ""
        return _held(family, f"{aim} ≤ {most:g}", ratios, lambda worst: worst <= most, lacking)

    def _in(self, family: str, side: str) -> Iterator[Medians]:
        return (own for (name, *_), own in self._of.get(side, {}).items() if name == family)

    def _all(self, side: str) -> list[Row]:
        return [own.row for own in self._of.get(side, {}).values()]

    def _pairs(self, family: str, one: str, other: str) -> list[tuple[Medians, Medians]]:
        against = self._of.get(other, {})
        return [
            (own, against[key])
            for key, own in self._of.get(one, {}).items()
            if key[0] == family and key in against
        ]


def growth(rows: Sequence[Row]) -> list[tuple[int, float]]:
    """Return the number of regions and the median seconds to proof, where all are proven."""
    taken: dict[int, list[Row]] = {}
    for row in rows:
        if row.family.startswith("regions-"):
            taken.setdefault(int(row.family.removeprefix("regions-")), []).append(row)
    return [
        (regions, median(row.seconds for row in own))
        for regions, own in sorted(taken.items())
        if all(row.status == PROVEN for row in own)
    ]


def slope(points: Sequence[tuple[float, float]]) -> float | None:
    """Return the exponent that fits best; None for fewer than two points."""
    if len(points) < 2:
        return None
    logs = [(log(size), log(seconds)) for size, seconds in points]
    x, y = (sum(each) / len(logs) for each in zip(*logs, strict=True))
    steepness = sum((a - x) * (b - y) for a, b in logs) / sum((a - x) ** 2 for a, _ in logs)
    return float(steepness)


def widest(row: Row) -> float | None:
    """Return the widest gap of a level, as a share of the larger of value and bound.

    None without a plan, or where nothing was bounded.
    """
    if row.status not in (PROVEN, FOUND):
        return None
    pairs = zip(row.vector, map(int, row.bounds.split()), strict=False)
    return max((abs(v - b) / max(1, abs(v), abs(b)) for v, b in pairs), default=None)


def _seconds(found: Medians) -> float:
    """Return the median time, at least the limit where a side did not finish."""
    if found.row.status in (FOUND, KILLED):
        return max(found.seconds, found.row.limit)
    return max(found.seconds, 0.001)


def _held(
    family: str,
    aim: str,
    figures: Sequence[float],
    is_met: Callable[[float], bool],
    lacking: str,
    unit: str = "",
) -> Target:
    """Return a target that the largest figure must meet, and nothing be lacking."""
    if not figures:
        return Target(family, aim, lacking, False) if lacking else _unmeasured(family, aim)
    worst = max(figures)
    said = f"{median(figures):.3g}{unit}, worst {worst:.3g}{unit}"
    return Target(
        family, aim, f"{said}, {lacking}" if lacking else said, is_met(worst) and not lacking
    )


def _unmeasured(family: str, aim: str) -> Target:
    return Target(family, aim, "", None)
