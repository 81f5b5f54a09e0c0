"""How many of a unit's places are in use, month by month: a column of places for each month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from api.pages.figures import WIDTH, Drawing, Series
from api.pages.page import Page
from api.pages.unit.calendar import Span, Stay, busiest
from api.pages.unit.place import Place

_LEFT, _TOP, _BOTTOM = 32, 6, 26
_ROW, _GAP = 26, 4
_TEXT = 13
_EVERY = 3
"""Of so many months one is named."""


def usage(page: Page, span: Span, coming: Sequence[Stay], here: Place) -> Drawing:
    """Draw who is there on the fullest day of each month, of so many places with a supervisor.

    Who does not answer for the unit sees some of its people alone, and is told of no place that it
    were free.
    """
    counts = busiest(span, coming)
    most = max(most for _, _, most in counts)
    places: int | None = here.unit["supervised_places"] if here.is_own else None
    if not here.is_own:
        about = page.text("pages_unit.used-about-part", most=most)
    elif places is None:
        about = page.text("pages_unit.used-about-free", most=most)
    else:
        about = page.text("pages_unit.used-about", most=most, limit=places)
    series = [
        Series(page.text("pages_unit.used-agreed"), [agreed for _, agreed, _ in counts]),
        Series(page.text("pages_unit.used-offered"), [at_most for _, _, at_most in counts]),
    ]
    labels = list(_labels(page, span))
    title = page.text("pages_unit.used-title")
    taken = [(agreed, at_most) for _, agreed, at_most in counts]
    svg = _drawn(title, about, labels, taken, places or 0)
    return Drawing("used", title, about, page.text("pages_unit.month"), labels, series, svg)


def _labels(page: Page, span: Span) -> Iterator[str]:
    """Yield the name of each month with its year."""
    year = ""
    for name, begins, _ in span.names(page.language):
        year = begins or year
        yield f"{name} {year}"


def _drawn(
    title: str, about: str, labels: Sequence[str], taken: Sequence[tuple[int, int]], places: int
) -> Markup:
    """Return the drawing: places that are agreed on, offered and free, from below."""
    rows = max(1, places, *(at_most for _, at_most in taken))
    slot = (WIDTH - _LEFT) / len(labels)
    parts: list[Markup] = []
    for row in range(rows):
        y = _TOP + (rows - 1 - row) * _ROW
        parts.append(_text(_LEFT - 8, y + 16, str(row + 1), "end"))
        for at, (agreed, at_most) in enumerate(taken):
            if kind := _kind(row, agreed, at_most, places):
                parts.append(_place(kind, _LEFT + slot * at + _GAP / 2, y, slot - _GAP))
    parts += [
        _text(_LEFT + slot * at + _GAP / 2, _TOP + rows * _ROW + 15, labels[at])
        for at in range(0, len(labels), _EVERY)
    ]
    opening = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img"'
        ' aria-labelledby="used-title used-about">'
        '<title id="used-title">{}</title><desc id="used-about">{}</desc>'
    ).format(WIDTH, _TOP + rows * _ROW + _BOTTOM, title, about)
    return opening + Markup("").join(parts) + Markup("</svg>")


def _kind(row: int, agreed: int, at_most: int, places: int) -> str | None:
    """Return what a place is in a month: taken, offered, free, or no place at all."""
    if row < agreed:
        return "series-1"
    if row < at_most:
        return "series-2"
    return "free" if row < places else None


def _place(kind: str, x: float, y: float, width: float) -> Markup:
    return Markup('<rect class="{}" x="{:.1f}" y="{}" width="{:.1f}" height="{}" rx="3"/>').format(
        kind, x, y, width, _ROW - _GAP
    )


def _text(x: float, y: float, said: str, anchor: str = "start") -> Markup:
    return Markup('<text x="{:.1f}" y="{}" font-size="{}" text-anchor="{}">{}</text>').format(
        x, y, _TEXT, anchor, said
    )
