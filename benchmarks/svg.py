"""Plots as SVG: lines and points on linear or logarithmic axes, small enough to be read as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

Point = tuple[float, float]

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 60, 170, 36, 46
COLOURS = ("#0b5cad", "#c2410c", "#15803d", "#7e22ce", "#a16207", "#be123c", "#475569")
DASHES = ("", "6 3", "2 3", "8 3 2 3", "1 3", "10 4", "4 2")
"""Lines are told apart by colour and by dashes."""


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis shows, and whether it is logarithmic."""

    label: str
    is_log: bool = False

    def scaled(self, value: float) -> float:
        """Return a value as it lies along the axis."""
        return log10(value) if self.is_log else value

    def ticks(self, low: float, high: float) -> list[float]:
        """Return values for marks between two ends, given along the axis."""
        if self.is_log:
            return [10.0**power for power in range(floor(low), ceil(high) + 1)]
        step = _round_step((high - low) / 6)
        first = ceil(low / step)
        return [n * step for n in range(first, floor(high / step) + 1)]


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot of named lines.

    Attributes
    ----------
    steps
        Whether a value holds until the next one.
    dots
        Whether points are marked.
    """

    title: str
    across: Axis
    up: Axis
    lines: Mapping[str, Sequence[Point]]
    steps: bool = False
    dots: bool = True

    def drawn(self) -> str:
        """Return the plot as an SVG document."""
        points = [point for line in self.lines.values() for point in line]
        xs, ys = ([axis.scaled(p[n]) for p in points] for n, axis in enumerate(self._axes))
        x = _placed(_ends(xs, self.across.is_log), LEFT, WIDTH - RIGHT)
        y = _placed(_ends(ys, self.up.is_log), HEIGHT - BOTTOM, TOP)
        parts = [*self._frame(), *self._marks(x, y, xs, ys)]
        for number, (name, line) in enumerate(self.lines.items()):
            at = [(x(self.across.scaled(a)), y(self.up.scaled(b))) for a, b in line]
            parts += self._line(number, name, at)
        body = "\n".join(parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'font-family="sans-serif" font-size="12" role="img">\n'
            f"<title>{escape(self.title)}</title>\n{body}\n</svg>\n"
        )

    @property
    def _axes(self) -> tuple[Axis, Axis]:
        return self.across, self.up

    def _frame(self) -> list[str]:
        base, end = HEIGHT - BOTTOM, WIDTH - RIGHT
        under = f"translate({(LEFT + end) // 2} {HEIGHT - 8})"
        beside = f"translate(14 {(base + TOP) // 2}) rotate(-90)"
        return [
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
            f'<path d="M{LEFT} {TOP}V{base}H{end}" fill="none" stroke="#334155"/>',
            f'<text x="{LEFT}" y="20" font-size="14">{escape(self.title)}</text>',
            f'<text transform="{under}" text-anchor="middle">{escape(self.across.label)}</text>',
            f'<text transform="{beside}" text-anchor="middle">{escape(self.up.label)}</text>',
        ]

    def _marks(
        self,
        x: Callable[[float], float],
        y: Callable[[float], float],
        xs: Sequence[float],
        ys: Sequence[float],
    ) -> list[str]:
        base, end, marks = HEIGHT - BOTTOM, WIDTH - RIGHT, []
        for tick in self.across.ticks(*_ends(xs, self.across.is_log)):
            at = x(self.across.scaled(tick))
            marks.append(f'<path d="M{at:.1f} {base}v5" stroke="#334155"/>')
            marks.append(f'<text x="{at:.1f}" y="{base + 18}" text-anchor="middle">{tick:g}</text>')
        for tick in self.up.ticks(*_ends(ys, self.up.is_log)):
            at = y(self.up.scaled(tick))
            marks.append(f'<path d="M{LEFT} {at:.1f}H{end}" stroke="#e2e8f0"/>')
            marks.append(f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{tick:g}</text>')
        return marks

    def _line(self, number: int, name: str, at: Sequence[Point]) -> list[str]:
        colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
        style = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
        height, begin = TOP + 14 + 18 * number, WIDTH - RIGHT + 12
        found = [
            f'<path d="M{begin} {height}h24" {style}/>',
            f'<text x="{begin + 30}" y="{height + 4}">{escape(name)}</text>',
        ]
        if at:
            found.append(f'<path d="{self._path(at)}" {style}/>')
        if self.dots:
            found += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in at]
        return found

    def _path(self, at: Sequence[Point]) -> str:
        (a, b), *others = at
        way = f"M{a:.1f} {b:.1f}"
        for c, d in others:
            way += f"H{c:.1f}V{d:.1f}" if self.steps else f"L{c:.1f} {d:.1f}"
        return way


def _ends(values: Sequence[float], is_log: bool) -> tuple[float, float]:
    """Return the ends of an axis; whole powers of ten on a logarithmic one, else from 0."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    if is_log:
        low, high = floor(low), ceil(high)
        return low, max(high, low + 1.0)
    low = min(low, 0.0)
    return low, high if high > low else low + 1


def _placed(ends: tuple[float, float], begin: float, end: float) -> Callable[[float], float]:
    low, high = ends
    return lambda value: begin + (value - low) / (high - low) * (end - begin)


def _round_step(step: float) -> float:
    """Return 1, 2 or 5 times a power of ten, at least a step."""
    power = 10.0 ** floor(log10(step))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= step)
