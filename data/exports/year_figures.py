"""Figures of the years ahead: bars a year, with the range over the draws as a line on each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from data.exports.figures import axis_step
from scheduler.forecast import Ahead
from scheduler.provision import Posts
from scheduler.rolling import Wait

HEIGHT, GROUP, BAR, GAP = 180.0, 132.0, 34.0, 20.0
"""Pixels of the tallest bar, of a year, of a bar's width, and of the room for its line."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Least, median and most of whole numbers; the median is the lower one of two."""

    least: int
    median: int
    most: int

    @classmethod
    def of(cls, figures: Iterable[int]) -> Spread:
        """Return the spread of at least one figure."""
        ordered = sorted(figures)
        return cls(ordered[0], ordered[(len(ordered) - 1) // 2], ordered[-1])


@dataclass(frozen=True, slots=True)
class YearBar:
    """A bar and its line, heights upwards from the base line; `kind` names its style."""

    kind: str
    x: float
    height: float
    low: float
    high: float
    value: int


@dataclass(frozen=True, slots=True)
class YearFigure:
    """Bars of each year; `levels` are the axis' figures with their heights."""

    name: str
    width: float
    height: float
    kinds: tuple[str, ...]
    years: tuple[tuple[YearBar, ...], ...]
    levels: tuple[tuple[float, int], ...]


def posts_figure(ahead: Ahead, years: int) -> YearFigure:
    """Lay out the posts of each year: those that are enough, over what single draws need."""

    def spread(year: int) -> Spread:
        posts = ahead.provided.posts if ahead.provided is not None else {}
        alone = [in_year(draw.provided.posts, year) for draw in ahead.draws]
        single = Spread.of(alone)
        enough = in_year(posts, year) if ahead.provided is not None else single.median
        return Spread(single.least, enough, single.most)

    return _laid_out("posts", years, {"class1": spread})


def supply_figure(ahead: Ahead, years: int) -> YearFigure:
    """Lay out who arrives each year beside the six-month vacancies that begin."""
    return _laid_out(
        "supply",
        years,
        {
            "class1": lambda year: Spread.of(draw.people[year] for draw in ahead.draws),
            "class2": lambda year: Spread.of(draw.vacancies[year] for draw in ahead.draws),
        },
    )


def wait_figure(ahead: Ahead, years: int) -> YearFigure:
    """Lay out the months waited by year of arrival: the median, up to the longest."""

    def spread(year: int) -> Spread:
        months = waited(waits_of(ahead, year))
        return Spread.of(months) if months else Spread(0, 0, 0)

    return _laid_out("wait", years, {"class1": spread})


def in_year(posts: Posts, year: int) -> int:
    """Return how many posts there are in a year."""
    return sum(count for (_, each), count in posts.items() if each == year)


def waits_of(ahead: Ahead, year: int) -> list[Wait]:
    """Return how long those waited who arrived in a year, in every draw planned round by round."""
    return [w for rolled in ahead.rolled for w in rolled.waits if w.year == year]


def waited(waits: Iterable[Wait]) -> list[int]:
    """Return the months waited, shortest first; who got no place is left out."""
    return sorted(w.months for w in waits if w.months is not None)


def _laid_out(name: str, years: int, kinds: Mapping[str, Callable[[int], Spread]]) -> YearFigure:
    spreads = [[kinds[kind](year) for kind in kinds] for year in range(years)]
    top = max(max(s.most, s.median) for row in spreads for s in row)
    step = axis_step(top)
    top = max(step, -(-top // step) * step)

    def tall(count: int) -> float:
        return round(HEIGHT * count / top, 1)

    indent = (GROUP - len(kinds) * (BAR + GAP)) / 2
    bars = (
        tuple(
            YearBar(
                kind=kind,
                x=round(year * GROUP + indent + n * (BAR + GAP), 1),
                height=tall(spread.median),
                low=tall(spread.least),
                high=tall(spread.most),
                value=spread.median,
            )
            for n, (kind, spread) in enumerate(zip(kinds, row, strict=True))
        )
        for year, row in enumerate(spreads)
    )
    return YearFigure(
        name=name,
        width=years * GROUP,
        height=HEIGHT,
        kinds=tuple(kinds),
        years=tuple(bars),
        levels=tuple((tall(level), level) for level in range(0, top + 1, step)),
    )
