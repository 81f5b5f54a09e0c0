"""A list that is ranked with a pointer: its cards, and where they are taken."""

from __future__ import annotations

from playwright.sync_api import FloatRect, Locator, Page

EDGE = 60
"""How near the edge of the window, in pixels, whatever is dragged scrolls the page."""

MOST_MOVES = 500
"""Most times that a hand moves until it is where it wants to be."""


def cards(page: Page) -> Locator:
    return page.locator(".ranked.card")


def drag(page: Page, item: Locator, below: Locator) -> None:
    """Take somebody by the handle, and let go below somebody else, however far down that is."""
    page.locator(".ranking").first.evaluate("list => list.scrollIntoView()")
    handle = _box(item.locator("[data-handle]").first)
    x = handle["x"] + 8
    page.mouse.move(x, handle["y"] + 8)
    page.mouse.down()
    _reach(page, x, below)
    for part in (0.6, 0.9):
        box = _box(below)
        page.mouse.move(x, box["y"] + box["height"] * part, steps=4)
    page.mouse.up()


def _reach(page: Page, x: float, below: Locator) -> None:
    """Hold still at the foot of the window, as far as a hand can, until somebody is in sight."""
    height = page.viewport_size["height"] if page.viewport_size else 0
    for number in range(MOST_MOVES):
        box = _box(below)
        if box["y"] + box["height"] < height - EDGE:
            return
        page.mouse.move(x + number % 2, height - EDGE / 2)
    raise AssertionError("the page does not scroll with what is dragged")


def _box(part: Locator) -> FloatRect:
    found = part.bounding_box()
    assert found is not None
    return found
