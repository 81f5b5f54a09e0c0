"""Everybody's story on rounds of 120 and of 1,000 candidates: pages stay light and of use.

No page is measured by the clock, which tells of the machine: `benchmarks.pages` does that. Here a
plan eight times as large may take its multiple, and no page may send more than people wait for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.running import end
from tests.databases import THOROUGH
from tests.pages.browsing import Desk, desk, only_row, shoot, violations
from tests.pages.moving import kept, taken_out
from tests.pages.sized import PATIENCE, World, collect, visit
from tests.pages.stays import led_to_the_end

MOST_TIMES = 30
"""How many times as long a plan may take to appear that has eight times as many people."""

PLAN_PAGES = (
    ("/people", "/proof", "?zoom=week", "?zoom=quarter", "?status=free") if THOROUGH else ()
)
"""Pages of a plan that a smaller one shows as well."""


@pytest.fixture(scope="module")
def served(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(browser, tmp_path_factory.mktemp("sizes"), "--no-worker") as opened:
        yield opened
        assert opened.faults == []


def collected(desk_: Desk, size: str) -> World:
    """Collect a round in a region of its own."""
    collect(desk_, size)
    return World.of(desk_, size)


@pytest.fixture(scope="module")
def nord(served: Desk) -> World:
    return collected(served, "nord")


@pytest.fixture(scope="module")
def national(served: Desk) -> World:
    return collected(served, "national")


@contextmanager
def working(desk_: Desk) -> Iterator[None]:
    """Have a worker make plans, and not explain each that is published while others look."""
    worker = desk_.service.site.start("worker", log="worker")
    try:
        yield
    finally:
        end(worker)


def plain(address: str) -> str:
    """Return an address as part of the name of a picture."""
    return re.sub("[/?=]", "-", address)


def loading(page: Page) -> float:
    """Return how long a page has taken from the click until all of it was there."""
    asked = "() => performance.getEntriesByType('navigation')[0].loadEventEnd"
    return float(page.evaluate(asked))


def test_a_round_of_120_is_planned_compared_and_moved_by_hand(nord: World) -> None:
    page, path = nord.page, f"/rounds/{nord.round}"
    visit(nord.desk, page, path, "nord-ready")
    expect(page.get_by_role("heading", name="Er runden klar?")).to_be_visible()
    expect(page.get_by_text("80 av 80")).to_be_visible()
    page.get_by_role("button", name="Lås runden").click()
    page.get_by_role("link", name="Lag en plan").click()
    with working(nord.desk):
        page.get_by_role("button", name="Lag en plan").click()
        stop = page.get_by_role("button", name="Stopp, og behold den beste")
        stop.click(timeout=PATIENCE)
        expect(page.locator("table.timeline").first).to_be_visible(timeout=PATIENCE)
    searched = page.url.partition("?")[0]
    by_hand, _ = nord.handed_in
    for kind in (*PLAN_PAGES, ""):
        visit(nord.desk, page, f"/plans/{by_hand}{kind}", f"nord-plan{plain(kind)}")
    page.get_by_role("link", name="Kvartaler").click()
    expect(page.get_by_role("columnheader", name="1. kv.").first).to_be_visible()
    moves_by_hand(nord, by_hand)
    visit(nord.desk, page, f"{searched}/compare?against={by_hand}", "nord-compare")
    expect(page.get_by_role("row").nth(1)).to_be_visible()


def moves_by_hand(world: World, plan: str) -> None:
    """Take somebody out of a plan, keep that with a reason, and see it beside what it was."""
    page, whose = world.page, world.placed(plan)["candidate"]
    overrides = f"/rounds/{world.round}/overrides"
    before = world.planner.get(overrides)["counts"]["plan-by-hand"]
    visit(world.desk, page, f"/plans/{plan}/move", f"{world.size}-move")
    taken_out(page, whose)
    assert violations(page) == []
    shoot(world.desk, page, f"size-{world.size}-moved")
    kept(page, "Har trukket seg")
    since = world.planner.get(overrides)
    assert since["counts"] == {"plan-by-hand": before + 1}
    assert "Har trukket seg" in [each["reason"] for each in since["items"]]
    page.get_by_role("link", name="Sammenlign").click()
    row = page.get_by_role("row", name=whose)
    expect(row).to_contain_text("mister plassen")
    visit(world.desk, page, page.url, f"{world.size}-beside")
    expect(row).to_be_visible()


def test_who_locked_a_round_is_found_among_all_that_was_done(nord: World) -> None:
    assert nord.handed_in
    auditor = nord.signed_in("auditor")
    auditor.goto("/audit")
    auditor.get_by_label("Hva", exact=True).select_option("lock_round")
    only_row(auditor, "Søk", "Låste runden", "Planlegger, Region 31")
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
    moves_by_hand(national, plan)
    page.context.close()


@pytest.mark.parametrize("size", ["nord", "national"] if THOROUGH else ["nord"])
def test_each_party_sees_what_became_of_it(size: str, request: pytest.FixtureRequest) -> None:
    """Published by its typed name; then the unit, the candidate and the municipality look."""
    world: World = request.getfixturevalue(size)
    plan, _ = world.handed_in
    world.approve(plan)
    page = world.signed_in("planner")
    visit(world.desk, page, f"/plans/{plan}/release", f"{world.size}-release")
    page.get_by_label("Skriv rundens navn").fill(world.label)
    page.get_by_role("button", name="Kunngjør planen").click()
    expect(page.get_by_text("tilbudene er gitt")).to_be_visible(timeout=PATIENCE)
    page.context.close()
    new = world.placed(plan)
    sees_who_comes_and_offers_a_vacancy(world, new)
    accepts(world, plan, new)
    reads_the_result(world, new["municipality"])
    unit, candidate = new["placement"]["unit"], new["candidate"]
    led_to_the_end(world.desk, unit, candidate, organisation=world.organisation, name=f"{size}-")


def sees_who_comes_and_offers_a_vacancy(world: World, new: dict[str, Any]) -> None:
    """The leader of the unit that somebody goes to looks at her calendar, and adds to it."""
    unit, start = new["placement"]["unit"], new["placement"]["start"]
    page = world.signed_in("unit_leader", unit=unit)
    visit(world.desk, page, f"/units/{unit}?from={start[:7]}-01", f"{world.size}-unit")
    expect(page.get_by_text(f"{new['candidate']} er tilbudt plass").first).to_be_visible()
    page.get_by_role("link", name="Meld inn ledig plass").click()
    page.get_by_label("Første dag").fill("2031-02-01")
    page.get_by_label("Siste dag").fill("2031-07-31")
    page.get_by_role("button", name="Meld inn plassen").click()
    expect(page.get_by_role("status")).to_have_text("Plassen er meldt inn.")
    page.goto(f"/units/{unit}?from=2031-01")
    page.get_by_role("link", name="Endre").click()
    page.get_by_label("Siste dag").fill("2031-08-31")
    page.get_by_role("button", name="Lagre endringen").click()
    expect(page.get_by_role("status")).to_have_text("Plassen er endret.")
    page.goto(f"/units/{unit}?from=2031-01")
    expect(page.get_by_text("1. feb. 2031 – 31. aug. 2031").first).to_be_visible()
    page.context.close()


def accepts(world: World, plan: str, new: dict[str, Any]) -> None:
    """A candidate reads what she is offered, takes it, and has it in her calendar."""
    named = {"municipality": new["municipality"], "candidate": new["candidate"]}
    page = world.signed_in("candidate", **named)
    visit(world.desk, page, "/my", f"{world.size}-my")
    offer = page.get_by_role("region", name="Du har et tilbud")
    assert page.request.get(f"/my/plans/{plan}.ics").text().count("BEGIN:VEVENT") == 1
    offer.get_by_role("link", name="Takk ja").click()
    page.get_by_role("button", name="Ja, jeg tar plassen").click()
    expect(page.get_by_role("status")).to_have_text("Du har takket ja. Plassen er din.")
    page.context.close()


def reads_the_result(world: World, municipality: str) -> None:
    """Her coordinator reads what became of everybody, and who will be away."""
    named = {"municipality": municipality}
    page = world.signed_in("coordinator", **named)
    where = f"/rounds/{world.round}/results/{municipality}"
    visit(world.desk, page, where, f"{world.size}-result")
    held = world.planner.get(f"/rounds/{world.round}/municipalities/{municipality}/requests")
    expect(page.locator("article.outcome")).to_have_count(len(held["candidates"]))
    expect(page.get_by_text("Tilbudet er akseptert").first).to_be_visible()
    page.get_by_role("link", name="Kommunen").click()
    away = page.get_by_role("region", name="Hvem er borte når")
    expect(away.locator(".on").first).to_be_attached()
    page.context.close()
