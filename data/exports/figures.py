"""The geometry of the report's drawings: where each bar stands, in pixels at normal size.

Templates draw what is computed here. Every drawing has its facts in a table as well, and says in
words what colour says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import wrap

from babel.dates import get_month_names

from data.exports.keyfigures import standing
from data.exports.months import MonthCount, Months
from data.exports.timeline import Lane, Site, Stretch, UnitLanes
from data.sentences import Language, sentence, written_date
from data.wording import Wording, last_day
from scheduler.plans import Placement

MANY_LANES = 80
"""From here on lanes are drawn low, with one line of text."""

TIMELINE_WIDTH, SUPPLY_WIDTH = 900, 1060
"""Pixels the months share, as long as each gets at least `NARROWEST_MONTH`."""

NARROWEST_MONTH, WIDEST_MONTH = 24, 64
LETTER, SMALL_LETTER = 6.9, 6.1
"""Widths of an average letter of the bars' two lines of text."""

NAME_LINE, NAME_LETTERS = 20, 20
"""Height of a line of a unit's name, and letters in one."""

LANE_GAP = 6
PADDING = 8
LOWEST_CLASS = 3
"""Wish classes from here on are drawn alike."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A month on the axis; `year` where a year is to be written, else empty."""

    x: float
    label: str
    year: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A placement or a free stretch; `kind` names its style."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    label: str
    period: str
    told: str


@dataclass(frozen=True, slots=True)
class LaneFigure:
    """The outline of a window, None where all of it lies outside, and the bars in it."""

    outline: Bar | None
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class UnitFigure:
    """A unit's lanes, one above the other."""

    name: str
    note: str
    height: float
    lanes: tuple[LaneFigure, ...]
    placed: int
    free: int


@dataclass(frozen=True, slots=True)
class SiteFigure:
    """A site's units."""

    name: str
    units: tuple[UnitFigure, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """All sites over one axis of months."""

    width: float
    month_width: float
    ticks: tuple[Tick, ...]
    low: bool
    sites: tuple[SiteFigure, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A month of the supply figure: heights of the bars, height of the demand's point."""

    x: float
    offered: float
    held: float
    wished: float


@dataclass(frozen=True, slots=True)
class Supply:
    """Seats offered and held, and seats wished for, by month; `levels` are the axis' figures."""

    width: float
    height: float
    month_width: float
    ticks: tuple[Tick, ...]
    columns: tuple[Column, ...]
    levels: tuple[tuple[float, int], ...]


def timeline(words: Wording, found: Sequence[Site], months: Months) -> Timeline:
    """Lay the lanes of all sites out over the months."""
    lanes = sum(len(unit.lanes) for site in found for unit in site.units)
    width = _month_width(months, TIMELINE_WIDTH)
    layout = _Layout(words, months, width, low=lanes > MANY_LANES)
    return Timeline(
        width=width * months.count,
        month_width=width,
        ticks=month_axis(words.language, months, width),
        low=layout.low,
        sites=tuple(
            SiteFigure(site.id, tuple(layout.unit(unit) for unit in site.units)) for site in found
        ),
    )


def supply(language: Language, counts: Sequence[MonthCount], months: Months) -> Supply:
    """Lay the monthly counts out; heights are measured upwards from the base line."""
    width, height = _month_width(months, SUPPLY_WIDTH), 200.0
    top = max((max(c.offered, c.held, c.wished) for c in counts), default=0)
    step = axis_step(top)
    top = max(step, -(-top // step) * step)

    def tall(count: int) -> float:
        return round(height * count / top, 1)

    return Supply(
        width=width * months.count,
        height=height,
        month_width=width,
        ticks=month_axis(language, months, width),
        columns=tuple(
            Column(round(n * width, 1), tall(c.offered), tall(c.held), tall(c.wished))
            for n, c in enumerate(counts)
        ),
        levels=tuple((tall(level), level) for level in range(0, top + 1, step)),
    )


@dataclass(frozen=True)
class _Layout:
    """Places a unit's lanes and bars."""

    words: Wording
    months: Months
    month_width: float
    low: bool

    @property
    def lane_height(self) -> int:
        return 20 if self.low else 38

    def unit(self, found: UnitLanes) -> UnitFigure:
        step = self.lane_height + LANE_GAP
        lanes = [self.lane(lane, PADDING + n * step) for n, lane in enumerate(found.lanes)]
        limit = found.unit.supervised_places
        stretches = [stretch for lane in found.lanes for stretch in lane.stretches]
        return UnitFigure(
            name=found.unit.name or found.unit.id,
            note="" if limit is None else self.text("supervised-note", limit=limit),
            height=max(2 * PADDING + len(lanes) * step - LANE_GAP, _name_height(found.unit.name)),
            lanes=tuple(lanes),
            placed=sum(stretch.placement is not None for stretch in stretches),
            free=sum(stretch.placement is None for stretch in stretches),
        )

    def lane(self, lane: Lane, y: float) -> LaneFigure:
        window = lane.window
        outline = self.bar("window", window.opens, window.closes, y)
        bars = (self.stretch(lane, stretch, y) for stretch in lane.stretches)
        return LaneFigure(outline, tuple(bar for bar in bars if bar is not None))

    def stretch(self, lane: Lane, stretch: Stretch, y: float) -> Bar | None:
        period = self.words.stretch(stretch.start, stretch.end)
        if stretch.placement is None:
            label = self.text("free" if lane.seats == 1 else "free-seats", seats=lane.seats)
            told = self.text("free-told", window=lane.window.id, period=period, label=label)
            return self.bar("free", stretch.start, stretch.end, y, label=label, told=told)
        placement = stretch.placement
        label = f"{placement.candidate} · {self.standing(placement)}"
        told = self.text("bar-told", label=label, window=lane.window.id, period=period)
        return self.bar(self.kind(placement), stretch.start, stretch.end, y, label, told)

    def bar(
        self, kind: str, start: date, end: date, y: float, label: str = "", told: str = ""
    ) -> Bar | None:
        x = round(self.months.position(start) * self.month_width, 1)
        width = round(self.months.position(end) * self.month_width - x, 1)
        if width <= 0:
            return None
        period = "" if kind in {"free", "window"} or self.low else self.period(start, end, width)
        height = self.lane_height
        return Bar(kind, x, y, width, height, _cut(label, width, LETTER), period, told)

    def period(self, start: date, end: date, width: float) -> str:
        """Write a period with years where there is room, else without, else not at all."""
        for year in (True, False):
            days = (written_date(self.words.language, d, year) for d in (start, last_day(end)))
            text = " – ".join(days)
            if _room(width, SMALL_LETTER) >= len(text):
                return text
        return ""

    def standing(self, placement: Placement) -> str:
        state = standing(self.words.round, placement)
        if state == "accepted":
            return self.text("bar-accepted")
        number = placement.wish_class
        if self.low:
            return self.text("class-none") if number is None else str(number)
        worded = self.words.wish_class(placement)
        return f"{worded} · {self.text('bar-offered')}" if state == "offered" else worded

    def kind(self, placement: Placement) -> str:
        if standing(self.words.round, placement) == "accepted":
            return "accepted"
        return f"class{min(placement.wish_class or LOWEST_CLASS, LOWEST_CLASS)}"

    def text(self, key: str, **figures: object) -> str:
        return sentence(self.words.language, f"report.{key}", figures)


def _name_height(name: str | None) -> int:
    """Estimate the height of a unit's name beside its lanes, with room for its note."""
    return 36 + NAME_LINE * len(wrap(name or "", NAME_LETTERS))


def _month_width(months: Months, share: int) -> float:
    return round(max(NARROWEST_MONTH, min(WIDEST_MONTH, share / months.count)), 1)


def month_axis(language: Language, months: Months, width: float) -> tuple[Tick, ...]:
    """Return a tick a month, each `width` pixels wide."""
    names = get_month_names("abbreviated", locale=language)
    narrow = get_month_names("narrow", "stand-alone", locale=language)
    chosen = names if width >= 5 * SMALL_LETTER + 4 else narrow
    return tuple(
        Tick(
            x=round(n * width, 1),
            label=str(chosen[day.month]).rstrip("."),
            year=str(day.year) if n == 0 or day.month == 1 else "",
        )
        for n, day in enumerate(months.days())
    )


def axis_step(top: int) -> int:
    """Return a round distance between the axis' figures: 1, 2 or 5 times a power of ten."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if step * factor * 5 >= top:
                return step * factor
        step *= 10


def _room(width: float, letter: float) -> int:
    """Return how many letters fit into a bar, with a little air on both sides."""
    return int((width - 14) / letter)


def _cut(text: str, width: float, letter: float) -> str:
    room = _room(width, letter)
    if len(text) <= room:
        return text
    return text[: room - 1] + "…" if room > 1 else ""
