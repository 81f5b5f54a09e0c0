"""A plan as tables: the seats of each unit over quarters, months or weeks, and who asks for them.

A table is made for each site. What a cell shows is said in words as well, and narrow cells keep
their words for whoever points at them or hears them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from api.pages.planner.grid import ZOOMS, Grid, grid
from api.pages.planner.seats import KINDS, Lane, Record, Since, Stretch, lanes
from api.pages.rendering import day, text
from data.sentences import Language


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of a timeline is asked for; empty = all of it."""

    zoom: str = "month"
    site: str = ""
    municipality: str = ""
    status: str = ""
    start: date | None = None

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Chosen:
        """Return what an address asks for; what it cannot mean is left out."""
        zoom, status = asked.get("zoom", ""), asked.get("status", "")
        try:
            start = date.fromisoformat(asked.get("from", ""))
        except ValueError:
            start = None
        return cls(
            zoom=zoom if zoom in ZOOMS else "month",
            site=asked.get("site", ""),
            municipality=asked.get("municipality", ""),
            status=status if status in KINDS else "",
            start=start,
        )

    def fits(self, stretch: Stretch) -> bool:
        """Tell whether a stretch is among what is asked for."""
        return self.status in ("", stretch.kind) and self.municipality in ("", stretch.municipality)


@dataclass(frozen=True, slots=True)
class Cell:
    """Columns of one row; `kind` names its style, empty where there is nothing.

    `name` is what is written there, `told` the whole of it in words.
    """

    span: int
    kind: str = ""
    name: str = ""
    told: str = ""
    candidate: str = ""
    wish: int | None = None
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A seat of a window, or `seats` of it that nobody uses."""

    window: str
    seats: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class UnitRows:
    """A unit: who asks for it first, and its seats."""

    name: str
    limit: int | None
    demand: Sequence[Cell]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class SiteTable:
    """A site's units over the columns of the timeline."""

    id: str
    name: str
    units: Sequence[UnitRows]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Every site that is asked for, over the same columns."""

    chosen: Chosen
    grid: Grid
    sites: Sequence[SiteTable]


_NOTHING = Since()


def timeline(
    language: Language,
    round_: Record,
    plan: Record,
    chosen: Chosen,
    names: Mapping[str, str],
    since: Since = _NOTHING,
) -> Timeline:
    """Lay out a plan.

    Parameters
    ----------
    names
        Names of sites, by id.
    since
        What became of the plan, where it was published.
    """
    seats = lanes(round_, plan, since)
    first, until = _extent(round_, seats)
    over = grid(language, chosen.zoom, first, until, chosen.start)
    words = _Words(language, round_)
    wished = _first_wishes(round_)
    sites: dict[str, list[UnitRows]] = defaultdict(list)
    for unit in sorted(round_["units"], key=lambda each: (each["site"], each["id"])):
        if chosen.site not in ("", unit["site"]):
            continue
        own = seats.get(unit["id"], ())
        every = [
            _row(words, over, lane, chosen) for lane in own if any(map(chosen.fits, lane.stretches))
        ]
        rows = [row for row in every if any(cell.kind for cell in row.cells)]
        if rows:
            demand = list(_demand(words, over, wished[unit["id"]], own))
            name = unit["name"] or unit["id"]
            sites[unit["site"]].append(UnitRows(name, unit["supervised_places"], demand, rows))
    tables = [SiteTable(site, names.get(site, site), units) for site, units in sites.items()]
    return Timeline(chosen, over, tables)


def _extent(round_: Record, seats: Mapping[str, Sequence[Lane]]) -> tuple[date, date]:
    """Return the first day that there is something to show, and the day after the last one."""
    stretches = [s for own in seats.values() for lane in own for s in lane.stretches]
    decided = date.fromisoformat(round_["round"]["decision_date"])
    first = min((s.start for s in stretches), default=decided)
    return first, max((s.end for s in stretches), default=first + timedelta(1))


def _first_wishes(round_: Record) -> dict[str, list[tuple[date, date]]]:
    """Return the stays that first wishes which name a unit would make there, on the day hoped for.

    Who has accepted a seat wishes for nothing any more.
    """
    settled = {each["candidate"] for each in round_["commitments"] if each["state"] == "accepted"}
    found: dict[str, list[tuple[date, date]]] = defaultdict(list)
    for candidate in round_["candidates"]:
        if candidate["wishes"] and candidate["id"] not in settled:
            wish = candidate["wishes"][0]
            start = date.fromisoformat(wish["ideal"] or wish["earliest"])
            found[wish["target"]].append((start, _after(start, candidate["months_needed"])))
    return found


def _after(start: date, months: int) -> date:
    """Return about the day on which so many months are over: columns are not nearer than weeks."""
    number = start.year * 12 + start.month - 1 + months
    return date(number // 12, number % 12 + 1, min(start.day, 28))


class _Words:
    """What is said of a stretch, each date and name worded once."""

    def __init__(self, language: Language, round_: Record) -> None:
        self._municipality = {m["id"]: m["name"] or m["id"] for m in round_["municipalities"]}
        self.day: Callable[[date], str] = cache(lambda said: day(language, said))
        self.kind = {kind: text(language, f"pages_planner.status-{kind}") for kind in KINDS}
        self.wish: Callable[[int], str] = cache(
            lambda number: text(language, "report.class", number=number)
        )

        self.demand: Callable[[int, int], str] = cache(
            lambda wishes, seats: text(
                language, "pages_planner.demand-told", wishes=wishes, seats=seats
            )
        )

    def told(self, stretch: Stretch) -> str:
        """Return a stretch in words, its candidate first."""
        period = f"{self.day(stretch.start)}–{self.day(stretch.end - timedelta(1))}"
        parts = [self.kind[stretch.kind], period]
        if stretch.wish:
            parts.insert(1, self.wish(stretch.wish))
        if stretch.candidate:
            parts[:0] = [stretch.candidate, self._municipality[stretch.municipality]]
        return ", ".join(parts)


def _row(words: _Words, over: Grid, lane: Lane, chosen: Chosen) -> Row:
    return Row(lane.window["id"], lane.seats, list(_cells(words, over, lane.stretches, chosen)))


def _cells(
    words: _Words, over: Grid, stretches: Sequence[Stretch], chosen: Chosen
) -> Iterator[Cell]:
    """Yield the cells of a row; somebody's stay takes a column at least, free days need not."""
    at = 0
    for stretch in stretches:
        first, after = over.span(stretch.start, stretch.end)
        first = max(first, at)
        if stretch.candidate and _is_shown(over, stretch):
            first = min(first, len(over.columns) - 1)
            after = max(after, first + 1)
        if after <= first or first < at:
            continue
        if first > at:
            yield Cell(first - at)
        yield Cell(
            after - first,
            stretch.kind,
            stretch.candidate,
            words.told(stretch),
            stretch.candidate,
            stretch.wish,
            not chosen.fits(stretch),
        )
        at = after
    if at < len(over.columns):
        yield Cell(len(over.columns) - at)


def _is_shown(over: Grid, stretch: Stretch) -> bool:
    return stretch.start < over.columns[-1].until and stretch.end > over.columns[0].first


def _demand(
    words: _Words, over: Grid, wished: Sequence[tuple[date, date]], seats: Sequence[Lane]
) -> Iterator[Cell]:
    """Yield first wishes against seats, neighbouring columns with the same numbers together.

    Nothing at all where nobody wishes for the unit.
    """
    windows = {lane.window["id"]: lane.window for lane in seats}
    open_ = [
        (date.fromisoformat(each["opens"]), date.fromisoformat(each["closes"]), each["positions"])
        for each in windows.values()
    ]
    runs: list[tuple[tuple[int, int], int]] = []
    for middle in over.middles if wished else ():
        wishes = sum(start <= middle < end for start, end in wished)
        offered = sum(seats for opens, closes, seats in open_ if opens <= middle < closes)
        now = (wishes, offered) if wishes else (0, 0)
        if runs and runs[-1][0] == now:
            runs[-1] = (now, runs[-1][1] + 1)
        else:
            runs.append((now, 1))
    for (wishes, offered), span in runs:
        if not wishes:
            yield Cell(span)
        else:
            kind = "over" if wishes > offered else "enough"
            yield Cell(span, kind, f"{wishes}/{offered}", words.demand(wishes, offered))
