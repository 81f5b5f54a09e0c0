"""Figures as SVG, drawn on the server; ``macros/figures.html`` puts the same numbers in a table.

Colours come from the style sheet, by the number of a series, so that light and dark agree. No
number is told by its colour alone: series keep their order, and the table says them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup, escape

WIDTH = 720
"""Width of every drawing in its own units; the page scales it."""

_PLOT = 260
_LEFT, _TOP, _BOTTOM = 48, 14, 30
_ROW = 34
_LONGEST, _TAIL = 40, 28
"""Most letters of a name beside a lying bar, and how many of its last are kept: names of a kind
differ at their ends."""

_STEPS = 4
_TEXT = 13
_LETTER = 8
"""About how wide a letter is, in units, in the widest of the fonts that a page asks for."""

Number = int | float | None


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers of one kind; None = not known, or not told."""

    name: str
    values: Sequence[Number]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure, and the numbers that it shows.

    Attributes
    ----------
    id
        Names it on the page; letters, digits and hyphens.
    title, about
        What it shows, and what there is to see in it: what is read aloud in its place.
    heading
        What its labels are, above the first column of the table.
    """

    id: str
    title: str
    about: str
    heading: str
    labels: Sequence[str]
    series: Sequence[Series]
    svg: Markup

    @property
    def rows(self) -> Iterator[tuple[str, list[Number]]]:
        """Each label with its numbers, as in the table."""
        for at, label in enumerate(self.labels):
            yield label, [each.values[at] for each in self.series]


def bars(
    id_: str, title: str, about: str, heading: str, labels: Sequence[str], series: Sequence[Series]
) -> Drawing:
    """Draw upright bars, those of a label side by side: months, or how often what came up."""
    scale = _Scale.of([value for each in series for value in each.values])
    slot = (WIDTH - _LEFT) / max(1, len(labels))
    width = slot * 0.72 / max(1, len(series))
    parts = [*scale.grid()]
    for number, each in enumerate(series, 1):
        for at, value in enumerate(each.values):
            if value:
                x = _LEFT + slot * (at + 0.14) + width * (number - 1)
                y = scale.y(value)
                height = _TOP + _PLOT - y
                parts.append(_rectangle(number, x, y, max(1.0, width - 1), height))
    parts += _names_below(labels, slot)
    svg = _svg(id_, title, about, _TOP + _PLOT + _BOTTOM, parts)
    return Drawing(id_, title, about, heading, labels, series, svg)


def lines(
    id_: str, title: str, about: str, heading: str, labels: Sequence[str], series: Sequence[Series]
) -> Drawing:
    """Draw a line for each series, broken where a number is not known."""
    scale = _Scale.of([value for each in series for value in each.values])
    slot = (WIDTH - _LEFT) / max(1, len(labels))
    parts = [*scale.grid()]
    for number, each in enumerate(series, 1):
        points: list[str] = []
        for at, value in enumerate([*each.values, None]):
            if value is not None:
                points.append(f"{_LEFT + slot * (at + 0.5):.1f},{scale.y(value):.1f}")
            elif points:
                parts.append(_line(number, points))
                points = []
    parts += _names_below(labels, slot)
    svg = _svg(id_, title, about, _TOP + _PLOT + _BOTTOM, parts)
    return Drawing(id_, title, about, heading, labels, series, svg)


def stacked(
    id_: str, title: str, about: str, heading: str, labels: Sequence[str], series: Sequence[Series]
) -> Drawing:
    """Draw a lying bar for each label, its parts after one another: shares of a whole."""
    totals = [sum(each.values[at] or 0 for each in series) for at in range(len(labels))]
    names = _LETTER * min(_LONGEST, max(map(len, labels), default=0)) + 10
    unit = (WIDTH - names - 8) / max(1.0, *totals) if totals else 1.0
    parts: list[Markup] = []
    for at, label in enumerate(labels):
        y = _TOP + _ROW * at
        parts.append(_text(names - 10, y + 17, _shortened(label), "end"))
        x: float = names
        for number, each in enumerate(series, 1):
            width = (each.values[at] or 0) * unit
            if width:
                parts.append(_rectangle(number, x, y, max(1.0, width - 1), _ROW - 10))
            said = str(each.values[at])
            if width > _LETTER * len(said) + 8:
                parts.append(_text(x + width / 2, y + 17, said, "middle", "on-series"))
            x += width
    svg = _svg(id_, title, about, _TOP + _ROW * len(labels) + 4, parts)
    return Drawing(id_, title, about, heading, labels, series, svg)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where a number stands between the axis and the top."""

    top: float
    step: float

    @classmethod
    def of(cls, values: Sequence[Number]) -> _Scale:
        """Return one with round numbers on it that reaches beyond the largest number."""
        largest = max((value for value in values if value), default=1)
        raw = largest / _STEPS
        power = 10.0 ** floor(log10(raw))
        step = next(power * each for each in (1, 2, 5, 10) if power * each >= raw)
        if all(value is None or value == int(value) for value in values):
            step = max(1.0, step)
        return cls(step * ceil(largest / step), step)

    def y(self, value: float) -> float:
        return _TOP + _PLOT * (1 - value / self.top)

    def grid(self) -> Iterator[Markup]:
        for each in range(round(self.top / self.step) + 1):
            value = each * self.step
            y = self.y(value)
            kind = "grid" if each else "axis"
            yield Markup('<line class="{}" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(
                kind, _LEFT, WIDTH, y, y
            )
            yield _text(_LEFT - 8, y + 4, f"{value:g}", "end")


def _names_below(labels: Sequence[str], slot: float) -> Iterator[Markup]:
    """Yield as many labels as there is room for, the first one always."""
    longest = max((len(label) for label in labels), default=1)
    every = max(1, ceil((longest * _LETTER + 10) / slot))
    for at, label in enumerate(labels):
        if at % every == 0:
            x = min(
                max(_LEFT + slot * (at + 0.5), longest * _LETTER / 2), WIDTH - longest * _LETTER / 2
            )
            yield _text(x, _TOP + _PLOT + 20, label, "middle")


def _rectangle(number: int, x: float, y: float, width: float, height: float) -> Markup:
    return Markup(
        '<rect class="series-{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>'
    ).format(number, x, y, width, height)


def _line(number: int, points: Sequence[str]) -> Markup:
    return Markup('<polyline class="series-{} line" points="{}"/>').format(number, " ".join(points))


def _text(x: float, y: float, said: str, anchor: str, kind: str = "label") -> Markup:
    return Markup(
        '<text class="{}" x="{:.1f}" y="{:.1f}" font-size="{}" text-anchor="{}">{}</text>'
    ).format(kind, x, y, _TEXT, anchor, said)


def _shortened(label: str) -> str:
    if len(label) <= _LONGEST:
        return label
    return f"{label[: _LONGEST - _TAIL - 1].rstrip()}…{label[-_TAIL:].lstrip()}"


def _svg(id_: str, title: str, about: str, height: float, parts: Sequence[Markup]) -> Markup:
    opening = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {:.0f}" role="img"'
        ' aria-labelledby="{id}-title {id}-about">'
        '<title id="{id}-title">{}</title><desc id="{id}-about">{}</desc>'
    ).format(WIDTH, height, title, about, id=escape(id_))
    return opening + Markup("").join(parts) + Markup("</svg>")
