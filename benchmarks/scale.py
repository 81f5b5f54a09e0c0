"""The page of scale: what the planner takes for rounds of growing size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.results import PROVEN, Medians, Row, medians
from benchmarks.tables import days, machine_line, seconds_spread, table
from benchmarks.targets import growth, slope, widest

TEXT = Path(__file__).parent / "scale.md"
"""What the page says whatever comes out, with places for what was measured."""

Group = tuple[int, str, float]


def scale(rows: Sequence[Row]) -> str:
    """Return the page."""
    own = [row for row in rows if row.side == "planner"]
    text = TEXT.read_text(encoding="utf-8")
    text = text.replace(
        "<!-- runs -->", f"{machine_line(own)}\n\n{days(own)}\n\n{_runs(own)}" if own else ""
    )
    return text.replace("<!-- growth -->", _growth(own))


def _runs(rows: Sequence[Row]) -> str:
    groups: dict[Group, list[Medians]] = {}
    for found in medians(rows).values():
        group = (found.row.candidates, found.row.family, found.row.supply)
        groups.setdefault(group, []).append(found)
    return table(
        (
            *("round", "supply", "candidates", "proven", "levels proven", "seconds"),
            *("first level open", "widest gap", "MB"),
        ),
        list(_lines(groups)),
    )


def _lines(groups: Mapping[Group, Sequence[Medians]]) -> Iterator[Sequence[str]]:
    for (candidates, family, supply), own in sorted(groups.items()):
        rows = [each.row for each in own]
        gaps = [gap for row in rows if (gap := widest(row)) is not None]
        yield (
            family,
            f"{supply:g}",
            f"{candidates:,}",
            f"{sum(row.status == PROVEN for row in rows)} of {len(rows)}",
            _levels(rows),
            seconds_spread(own),
            "; ".join(filter(None, map(_open, rows))),
            f"{max(gaps):.2%}" if gaps else "no plan",
            f"{max(each.memory for each in own):.0f}",
        )


def _levels(rows: Sequence[Row]) -> str:
    least, most = min(row.proven for row in rows), max(row.proven for row in rows)
    levels = max(row.levels for row in rows)
    return f"{most} of {levels}" if least == most else f"{least} to {most} of {levels}"


def _open(row: Row) -> str:
    """Return the first level that is not proven with its value and bound; nothing where all are."""
    levels = zip(row.tiers.split(), row.vector, map(int, row.bounds.split()), strict=False)
    found = (
        f"{tier} {value:,}, bound {bound:,}" for tier, value, bound in levels if value != bound
    )
    return next(found, "")


def _growth(rows: Sequence[Row]) -> str:
    points = growth(rows)
    k = slope(points)
    if k is None:
        return "Too few sizes of many regions were proven to tell."
    told = ", ".join(f"{regions} in {seconds:.3g} s" for regions, seconds in points)
    return (
        f"Regions of 120 candidates, proven: {told}.\n"
        f"That is the number of regions to the power of {k:.2f}."
    )
