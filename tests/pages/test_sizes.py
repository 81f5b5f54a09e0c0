"""Everybody's story on rounds of 120 and of 1,000 candidates: pages stay light and of use.

No page is measured by the clock, which tells of the machine: `benchmarks.pages` does that. Here a
plan eight times as large may take its multiple, and no page may send more than people wait for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from models.database import Database, embedded_url
from tests.databases import THOROUGH
from tests.pages.browsing import Desk, desk, only_row, shoot, violations
from tests.pages.filling import fill, region
from tests.pages.sized import NATIONAL, NORD, PATIENCE, World, visit
from tests.pages.workbooks import filled, upload

MOST_TIMES = 30
"""How many times as long a plan may take to appear that has eight times as many people."""

PLAN_PAGES = (
    ("/people", "/proof", "?zoom=week", "?zoom=quarter", "?status=free") if THOROUGH else ()
)
"""Pages of a plan that a smaller one shows as well."""


@pytest.fixture(scope="module")
def served(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(browser, tmp_path_factory.mktemp("sizes")) as opened:
        database = Database(embedded_url(opened.service.site.data))
        fill(database, "nord", NORD)
        fill(database, "national", NATIONAL)
        database.close()
        yield opened
        assert opened.faults == []


@pytest.fixture(scope="module")
def nord(served: Desk) -> World:
    return World.of(served, NORD)


@pytest.fixture(scope="module")
def national(served: Desk) -> World:
    return World.of(served, NATIONAL)


def plain(address: str) -> str:
    """Return an address as part of the name of a picture."""
    return re.sub("[/?=]", "-", address)


def loading(page: Page) -> float:
    """Return how long a page has taken from the click until all of it was there."""
    asked = "() => performance.getEntriesByType('navigation')[0].loadEventEnd"
    return float(page.evaluate(asked))


def test_a_large_municipality_ranks_by_keys_and_hands_in(national: World) -> None:
    """The largest city has 130 candidates; the last of them goes first."""
    lists = national.planner.get(f"/rounds/{national.round}/readiness")["lists"]
    largest = max(lists, key=lambda each: each["candidates"])
    number = largest["municipality"]
    assert largest["candidates"] > 100
    page = national.desk.signed_in("coordinator", region(NATIONAL), municipality=number)
    path = f"/rounds/{national.round}/lists/{number}"
    visit(national.desk, page, path, "list")
    cards = page.locator(".ranked.card")
    expect(cards).to_have_count(largest["candidates"])
    upload(page, filled(page, {"Kandidater!G2": "to år"}))
    expect(page.get_by_role("region", name="Arket Kandidater").locator(".wrong")).to_have_count(1)
    national.desk.forgive("422")
    visit(national.desk, page, path, "list")
    last = cards.last.locator("[data-handle]").first
    name = str(last.get_attribute("aria-label"))
    last.focus()
    page.keyboard.press("Home")
    moved = cards.first.locator("[data-handle]").first
    expect(moved).to_be_focused()
    assert moved.get_attribute("aria-label") == name
    page.get_by_role("button", name="Se over før levering").last.click()
    page.get_by_role("button", name="Lever listen").click()
    expect(page.get_by_role("heading", name="Kvittering for liste nr. 2")).to_be_visible()
    shoot(national.desk, page, "size-receipt")
    held = national.planner.get(f"/rounds/{national.round}/municipalities/{number}/requests")
    first = next(c for c in held["candidates"] if c["id"] == held["default_order"][0])
    assert first["name"] in name
    page.context.close()


def test_a_round_of_120_is_planned_compared_and_moved_by_hand(nord: World) -> None:
    page, path = nord.page, f"/rounds/{nord.round}"
    visit(nord.desk, page, path, "nord-ready")
    expect(page.get_by_role("heading", name="Er runden klar?")).to_be_visible()
    expect(page.get_by_text("80 av 80")).to_be_visible()
    page.get_by_role("button", name="Lås runden").click()
    page.get_by_role("link", name="Lag en plan").click()
    page.get_by_role("button", name="Lag en plan").click()
    stop = page.get_by_role("button", name="Stopp, og behold den beste")
    stop.click(timeout=PATIENCE)
    expect(page.locator("table.timeline").first).to_be_visible(timeout=PATIENCE)
    searched = page.url.partition("?")[0]
    by_hand, _ = nord.handed_in
    visit(nord.desk, page, f"/plans/{by_hand}/compare", "nord-compare")
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    for kind in (*PLAN_PAGES, ""):
        visit(nord.desk, page, f"/plans/{by_hand}{kind}", f"nord-plan{plain(kind)}")
    page.get_by_role("link", name="Kvartaler").click()
    expect(page.get_by_role("columnheader", name="1. kv.").first).to_be_visible()
    taken_out(nord, by_hand)
    page.goto(searched)
    expect(page.locator("table.timeline a").first).to_be_visible()


def taken_out(world: World, plan: str) -> None:
    """Take somebody out of a plan by hand: every rule is checked at once."""
    page = world.page
    visit(world.desk, page, f"/plans/{plan}/move", f"{world.number}-move")
    page.get_by_label("Kandidat").select_option(world.placed(plan)["candidate"])
    page.get_by_role("button", name="Vis mulighetene").click()
    page.get_by_label("Ta kandidaten ut av planen").check()
    page.get_by_role("button", name="Prøv denne plassen").click()
    expect(page.locator("#result")).to_be_visible()
    assert violations(page) == []
    shoot(world.desk, page, f"size-{world.number}-moved")


def test_a_unit_and_a_candidate_see_what_became_of_it(nord: World) -> None:
    plan, _ = nord.handed_in
    nord.approve(plan)
    visit(nord.desk, nord.page, f"/plans/{plan}/release", "nord-release")
    nord.page.get_by_label("Skriv rundens navn").fill(nord.label)
    nord.page.get_by_role("button", name="Kunngjør planen").click()
    expect(nord.page.get_by_text("tilbudene er gitt")).to_be_visible(timeout=PATIENCE)
    new = nord.placed(plan)
    unit = new["placement"]["unit"]
    page = nord.desk.signed_in("unit_leader", region(NORD), unit=unit)
    start = new["placement"]["start"]
    visit(nord.desk, page, f"/units/{unit}?from={start[:7]}-01", "nord-unit")
    expect(page.get_by_text(f"{new['candidate']} er tilbudt plass").first).to_be_visible()
    page.context.close()
    named = {"municipality": new["municipality"], "candidate": new["candidate"]}
    page = nord.desk.signed_in("candidate", region(NORD), **named)
    visit(nord.desk, page, "/my", "nord-my")
    expect(page.get_by_role("region", name="Du har et tilbud")).to_be_visible()
    page.context.close()


def test_who_locked_a_round_is_found_among_all_that_was_done(nord: World) -> None:
    assert nord.handed_in
    auditor = nord.desk.signed_in("auditor", region(NORD))
    auditor.goto("/audit")
    auditor.get_by_label("Hva", exact=True).select_option("lock_round")
    only_row(auditor, "Søk", "Låste runden", f"Planlegger, Region {NORD}")
    auditor.context.close()


def test_a_plan_of_1000_is_looked_at_by_eye_and_by_keys(nord: World, national: World) -> None:
    page = national.page
    visit(national.desk, page, f"/rounds/{national.round}", "national-ready")
    expect(page.get_by_text("357 av 357")).to_be_visible()
    plan, document = national.handed_in
    assert len(document["placements"]) > 300
    visit(national.desk, page, f"/plans/{plan}", "national-timeline")
    expect(page.locator("table.timeline a")).to_have_count(len(document["placements"]))
    taken = loading(page)
    nord.page.goto(f"/plans/{nord.handed_in[0]}")
    assert taken <= MOST_TIMES * loading(nord.page)

    first = page.locator("table.timeline a").first
    first.focus()
    page.keyboard.press("ArrowDown")
    expect(first).not_to_be_focused()
    assert page.evaluate("() => document.activeElement.closest('table.timeline') !== null")
    town = document["placements"][0]["candidate"].partition("-")[0]
    visit(national.desk, page, f"/plans/{plan}?municipality={town}", "national-town")
    own = [p for p in document["placements"] if p["candidate"].startswith(f"{town}-")]
    expect(page.locator("table.timeline a:not(td.muted a)")).to_have_count(len(own))
    for kind in ("/release", *PLAN_PAGES):
        visit(national.desk, page, f"/plans/{plan}{kind}", f"national{plain(kind)}")
    taken_out(national, plan)
    page.context.close()
