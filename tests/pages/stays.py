"""A stay that its unit leads to the end, from the first day to the final evaluation."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Locator, Page, expect
from sqlmodel import col, select

from api.clock import norwegian_date, utc_now
from models.database import Database, embedded_url
from models.scope import EVERYTHING
from models.tables import Placement
from tests.api.served import FINNMARK
from tests.pages.browsing import Desk, shoot, violations
from tests.pages.parties import Party

GOALS = ("ALM-055", "ALM-085")


def long_past(desk: Desk, unit: str, candidate: str) -> Placement:
    """Let an agreed stay end yesterday, and return it: nobody waits here for a year."""
    database = Database(embedded_url(desk.service.site.data))
    agreed = select(Placement).where(
        col(Placement.unit) == unit, col(Placement.candidate) == candidate
    )
    with database.writing(EVERYTHING) as session:
        stay = session.exec(agreed).one()
        length = stay.end - stay.start
        stay.end = norwegian_date(utc_now())
        stay.start = stay.end - length
        session.flush()
        session.expunge(stay)
    database.close()
    return stay


def led_to_the_end(
    desk: Desk, unit: str, candidate: str, *, organisation: str = FINNMARK, name: str = ""
) -> None:
    """Lead an agreed stay to its final evaluation, as the unit's leader is asked to."""
    stay = long_past(desk, unit, candidate)
    last = str(stay.end - timedelta(days=1))
    page = desk.signed_in("unit_leader", organisation, unit=unit)
    take(page, unit, candidate, "Bekreft at oppholdet har begynt", str(stay.start))
    expect(page.get_by_role("status")).to_have_text("Det er notert at oppholdet har begynt.")
    too_soon = str(stay.start + timedelta(days=1))
    take(page, unit, candidate, "Kall inn til sluttvurdering", too_soon)
    day = page.get_by_label("Foreslått dag")
    expect(day).to_have_attribute("aria-invalid", "true")
    desk.forgive("422")
    day.fill(last)
    page.get_by_role("button", name="Kall inn til sluttvurdering").click()
    expect(page.get_by_role("status")).to_have_text("Innkallingen til sluttvurdering er notert.")
    take(page, unit, candidate, "Fullfør oppholdet", last)
    expect(page.get_by_role("status")).to_have_text("Oppholdet er fullført.")
    shoot(desk, page, f"{name}completed")
    assert violations(page) == []
    page.goto(f"/units/{unit}")
    expect(due(page, candidate)).to_have_count(0)
    page.context.close()
    leader = Party(desk, "unit_leader", organisation=organisation, unit=unit)
    ended = leader.get(f"/placements/{stay.id}")
    assert (ended["state"], ended["goals"]) == ("completed", dict.fromkeys(GOALS, True))


def due(page: Page, candidate: str) -> Locator:
    """Return the ways to a stay among what the unit has to see to."""
    todo = page.get_by_role("region", name="Å følge opp")
    return todo.get_by_role("link", name=candidate)


def take(page: Page, unit: str, candidate: str, step: str, day: str) -> None:
    """Go from what the unit has to see to, to the stay, and take a step on a day."""
    page.goto(f"/units/{unit}")
    due(page, candidate).first.click()
    page.get_by_role("link", name=step).click()
    page.locator("input[type=date]").fill(day)
    for goal in GOALS:
        asked = page.get_by_role("group", name=goal)
        if asked.count():
            asked.get_by_label("Nådd", exact=True).check()
    page.get_by_role("button", name=step).click()
