"""What posts are worth, laid out: units downwards, months to the right, and the best of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from api.pages.deciding.naming import Names, Record
from api.pages.figures import Drawing, Series, bars, stacked
from data.sentences import Language

Said = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Post:
    """A post that somebody could use.

    Attributes
    ----------
    kind
        ``exact``: planned, with a gain; ``bound``: at most so many; ``none``: proven to give none.
    """

    unit: str
    start: str
    kind: str
    placed: int
    deadline: int
    first: int
    candidates: int

    @property
    def month(self) -> str:
        """The month in which it begins, as ``2027-08``."""
        return self.start[:7]

    @property
    def mark(self) -> str:
        """The gain as it stands in a cell."""
        if self.kind == "none":
            return "0"
        return f"+{self.placed}" if self.kind == "exact" else f"≤ {self.placed}"


@dataclass(frozen=True, slots=True)
class Worths:
    """Every post that somebody could use.

    Attributes
    ----------
    months
        Months in which they begin, as ``2027-08``, and what they are called.
    rows
        For each unit its name, and its posts by month.
    best
        The posts that were planned and give somebody a place or an aim, the best first.
    figure
        In how many units a post gives something, month by month.
    """

    months: Mapping[str, str]
    rows: Sequence[tuple[str, Mapping[str, Post]]]
    best: Sequence[Post]
    figure: Drawing | None


def worths_of(worth: Sequence[Record], names: Names, text: Said) -> Worths:
    """Lay out what a study says of posts."""
    posts = [_post(each) for each in worth]
    units = sorted({each.unit for each in posts}, key=names.unit)
    rows = [
        (names.unit(unit), {each.month: each for each in posts if each.unit == unit})
        for unit in units
    ]
    best = [each for each in posts if each.kind == "exact"]
    months = _months([each.start for each in posts], names.language)
    return Worths(months, rows, best, _figure(months, posts, text))


def _post(each: Record) -> Post:
    kind = "none" if not each["placed"] else "exact" if each["exact"] else "bound"
    first = each["classes"][0] if each["classes"] else 0
    people = len(each["candidates"])
    return Post(each["unit"], each["start"], kind, each["placed"], each["deadline"], first, people)


def _months(starts: Sequence[str], language: Language) -> Mapping[str, str]:
    """Return every month from the first start to the last, with what it is called."""
    if not starts:
        return {}
    first, last = (date.fromisoformat(found) for found in (min(starts), max(starts)))
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    days = (date(number // 12, number % 12 + 1, 1) for number in numbers)
    return {f"{day:%Y-%m}": format_date(day, "LLL yyyy", locale=language) for day in days}


def _figure(months: Mapping[str, str], posts: Sequence[Post], text: Said) -> Drawing | None:
    """Draw in how many units a post that begins in a month places more: planned, and perhaps."""
    if not posts:
        return None
    series = [
        Series(
            text(f"pages_deciding.worth-{kind}"),
            [sum((each.month, each.kind) == (month, kind) for each in posts) for month in months],
        )
        for kind in ("exact", "bound")
    ]
    title, about = text("pages_deciding.worth-figure"), text("pages_deciding.worth-figure-about")
    heading = text("report.supply-month")
    return bars("worth", title, about, heading, list(months.values()), series)


def orders_figure(text: Said, sides: Sequence[Record]) -> Drawing:
    """Draw how many are placed under each way in which orders may bind."""
    labels = [text(f"pages_deciding.priority-{each['priority']}") for each in sides]
    series = [
        Series(text("report.figure-placed"), [each["placed"] for each in sides]),
        Series(text("report.figure-unplaced"), [each["unplaced"] for each in sides]),
    ]
    title, about = text("pages_deciding.price-figure"), text("pages_deciding.price-figure-about")
    return stacked("orders", title, about, text("pages_deciding.priority-field"), labels, series)
