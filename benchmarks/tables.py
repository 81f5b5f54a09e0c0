"""How rows are told in a page: tables, medians with their spread, and the machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from benchmarks.results import Medians, Row


def table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table of Markdown."""
    rows = [heads, ["---"] * len(heads), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def seconds_spread(own: Sequence[Medians]) -> str:
    """Return the median of some times, and the spread of all their runs; nothing for none."""
    if not own:
        return ""
    low, high = min(e.fastest for e in own), max(e.slowest for e in own)
    middle = sorted(e.seconds for e in own)[(len(own) - 1) // 2]
    return f"{middle:.3g} s" if low == high else f"{middle:.3g} s ({low:.3g}–{high:.3g})"


def machine_line(rows: Sequence[Row]) -> str:
    """Return when, what and where runs were made."""

    def every(value: Callable[[Row], object]) -> str:
        return ", ".join(sorted({str(value(row)) for row in rows}))

    return (
        f"{len(rows)} runs of {every(lambda r: r.date)}, commit {every(lambda r: r.commit)}, "
        f"Python {every(lambda r: r.python)}, OR-Tools {every(lambda r: r.ortools)},\n"
        f"{every(lambda r: r.cores)} cores of {every(lambda r: r.processor)}."
    )
