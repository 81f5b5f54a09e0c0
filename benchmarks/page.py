"""The page of results: tables and plots of the rows of a CSV, losses included."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.plots import plots
from benchmarks.results import ABSENT, BROKEN, FAILED, FOUND, KILLED, PROVEN, Medians, Row, medians
from benchmarks.scale import scale
from benchmarks.sides import BESIDE, LABELS, PEERS
from benchmarks.tables import days, machine_line, seconds_spread, table
from benchmarks.targets import targets
from scheduler.verify.values import MAXIMISED

TEXT = Path(__file__).parent / "page.md"
"""What the page says whatever comes out; `PLACE` is where the results go."""

PLACE = "<!-- results -->"


def write_page(rows: Sequence[Row], folder: Path) -> None:
    """Write ``benchmarks.md``, the plots it shows, and ``scale.md`` into a folder."""
    figures = folder / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    shown = []
    for name, plot in plots(rows).items():
        (figures / f"benchmarks-{name}.svg").write_text(plot.drawn(), encoding="utf-8")
        shown.append(f"![{plot.title}](figures/benchmarks-{name}.svg)")
    text = TEXT.read_text(encoding="utf-8").replace(PLACE, "\n".join(_parts(rows, shown)))
    (folder / "benchmarks.md").write_text(text, encoding="utf-8")
    (folder / "scale.md").write_text(scale(rows), encoding="utf-8")


def _parts(rows: Sequence[Row], shown: Iterable[str]) -> Iterator[str]:
    found = medians(rows)
    yield f"{machine_line(rows)}\n\n{days(rows)}"
    yield "\n## Targets\n"
    yield table(
        ("round", "target", "measured (median, worst)", ""),
        [(t.family, t.aim, t.measured, t.verdict) for t in targets(rows)],
    )
    yield "\n## Time to proof\n"
    yield (
        "Instances proven, and the median of seconds with its spread over instances and repeats; "
        "`>` = the limit was\nreached. Of the two that prove nothing: the seconds they had.\n"
    )
    yield _by_family(found, _time)
    yield "\n## Value at equal time\n"
    yield (
        "Each plan against the planner's, level by level: better, the same or worse in the first "
        "level that differs.\n"
    )
    yield _by_family(found, lambda own: _against(own, found), PEERS[1:])
    yield "\n## Memory\n"
    yield "Megabytes at most, median and spread.\n"
    yield _by_family(found, _memory)
    yield "\n## Plots\n"
    yield "\n\n".join(shown)
    yield "\n## Where others do better\n"
    yield "\n".join(_losses(found)) or "Nowhere in these runs."
    yield "\n## Beside\n"
    yield _by_family(found, _measured, BESIDE)


def _measured(own: Sequence[Medians]) -> str:
    """Return the seconds that runs took, and how many did not end in their time."""
    ended = [each for each in own if each.row.status not in (KILLED, FAILED)]
    lacking = f"{len(own) - len(ended)} of {len(own)} not finished"
    told = [seconds_spread(ended)] if ended else []
    return ", ".join(told if len(ended) == len(own) else [*told, lacking])


Group = tuple[str, float]


def _by_family(
    found: Mapping[tuple[str, str, float, int], Medians],
    cell: Callable[[Sequence[Medians]], str],
    sides: Sequence[str] = PEERS,
) -> str:
    """Return a table with a line a family and level of supply, and a column a side."""
    groups: dict[Group, dict[str, list[Medians]]] = {}
    for (side, family, supply, _), own in found.items():
        if side in sides:
            groups.setdefault((family, supply), {}).setdefault(side, []).append(own)
    measured = [side for side in sides if any(side in own for own in groups.values())]
    ordered = sorted(groups, key=lambda g: (_size(groups[g]), g))
    lines = [
        (*_named(group), *(cell(groups[group].get(side, ())) for side in measured))
        for group in ordered
    ]
    return table(("round", "supply", *(LABELS[side] for side in measured)), lines)


def _size(own: Mapping[str, Sequence[Medians]]) -> int:
    return max(each.row.candidates for some in own.values() for each in some)


def _named(group: Group) -> tuple[str, str]:
    family, supply = group
    return family, f"{supply:g}"


def _time(own: Sequence[Medians]) -> str:
    if not own:
        return ""
    if all(each.row.status == ABSENT for each in own):
        return "not installed"
    proven = [each for each in own if each.row.status == PROVEN]
    if any(each.row.bounds for each in own):
        open_ = f", > {max(e.row.limit for e in own):g} s" if len(proven) < len(own) else ""
        return f"{len(proven)} of {len(own)}{', ' if proven else ''}{seconds_spread(proven)}{open_}"
    ended = {each.row.status for each in own} & {BROKEN, FAILED, KILLED}
    return ", ".join([seconds_spread(own), *sorted(ended)])


def _memory(own: Sequence[Medians]) -> str:
    taken = sorted(e.memory for e in own if e.memory)
    if not taken:
        return ""
    middle = taken[(len(taken) - 1) // 2]
    return f"{middle:.0f} ({taken[0]:.0f}–{taken[-1]:.0f})" if len(taken) > 1 else f"{middle:.0f}"


def _against(own: Sequence[Medians], found: Mapping[tuple[str, str, float, int], Medians]) -> str:
    """Return how many plans are better, the same and worse than the planner's, and where."""
    said = []
    for each in own:
        planner = found.get(("planner", *each.row.instance))
        if planner is not None and each.row.status != ABSENT:
            said.append(_compared(each.row, planner.row))
    return "; ".join(f"{said.count(one)} × {one}" if said.count(one) > 1 else one
                     for one in dict.fromkeys(said))  # fmt: skip


def _compared(row: Row, planner: Row) -> str:
    """Return how a plan compares with the planner's in the first level that differs."""
    if row.status not in (PROVEN, FOUND) or not planner.values:
        return f"no plan ({row.status})"
    for name, value, own in zip(row.tiers.split(), row.vector, planner.vector, strict=True):
        if value != own:
            is_more = name.split("-")[0] in MAXIMISED
            verdict = "better" if (value > own) == is_more else "worse"
            return f"{verdict} in {name} ({value:,} for {own:,})"
    return "the same"


def _losses(found: Mapping[tuple[str, str, float, int], Medians]) -> Iterator[str]:
    """Yield where a peer proves sooner than the planner, or has a better plan at equal time."""
    for (side, *_), own in found.items():
        planner = found.get(("planner", *own.row.instance))
        if side not in PEERS[1:] or planner is None:
            continue
        named = f"{own.row.family}, supply {own.row.supply:g}, seed {own.row.seed}"
        said = _compared(own.row, planner.row)
        if said.startswith("better"):
            yield f"- {named}: {LABELS[side]} is {said}"
        is_sooner = own.row.status == PROVEN and (
            planner.row.status != PROVEN or own.seconds < planner.seconds
        )
        if is_sooner:
            left = f"{planner.seconds:.3g} s" if planner.row.status == PROVEN else "no proof"
            yield f"- {named}: {LABELS[side]} proves in {own.seconds:.3g} s (planner: {left})"
