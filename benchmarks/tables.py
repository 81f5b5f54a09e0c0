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
    """Return how many runs were made, with what and where."""

    def every(value: Callable[[Row], object]) -> str:
        return ", ".join(sorted({str(value(row)) for row in rows}))

    return (
        f"{len(rows)} runs, Python {every(lambda r: r.python)}, "
        f"OR-Tools {every(lambda r: r.ortools)},\n"
        f"{every(lambda r: r.cores)} cores of {every(lambda r: r.processor)}."
    )


def days(rows: Sequence[Row]) -> str:
    """Return a table of which rounds were run when, and at which commit."""
    supplies: dict[tuple[str, str], dict[str, set[float]]] = {}
    for row in rows:
        met = supplies.setdefault((row.date, row.commit), {})
        met.setdefault(row.family, set()).add(row.supply)
    told = [
        (date, commit, ", ".join(_named(*each) for each in sorted(met.items())))
        for (date, commit), met in sorted(supplies.items())
    ]
    return table(("day", "commit", "rounds"), told)


def _named(family: str, supplies: Iterable[float]) -> str:
    return " ".join((family, " and ".join(f"{each:g}" for each in sorted(supplies))))
