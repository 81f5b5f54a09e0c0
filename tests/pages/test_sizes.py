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

from api.pages.rendering import text
from tests.api.running import end
from tests.databases import THOROUGH
from tests.pages.browsing import Desk, desk, only_row, shoot, violations
from tests.pages.moving import kept, taken_out
from tests.pages.sized import NUMBERS, PATIENCE, WORK_SECONDS, World, collect, visit
from tests.pages.stays import led_to_the_end

SIZES = ("nord", "national") if THOROUGH else ("nord",)

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


@pytest.fixture(scope="module", params=SIZES)
def world(request: pytest.FixtureRequest) -> World:
    found: World = request.getfixturevalue(request.param)
    return found


def plain(address: str) -> str:
    """Return an address as part of the name of a picture."""
    return re.sub("[/?=]", "-", address)


def loading(page: Page) -> float:
    """Return how long a page has taken from the click until all of it was there."""
    asked = "() => performance.getEntriesByType('navigation')[0].loadEventEnd"
    return float(page.evaluate(asked))


def test_a_plan_is_made_before_ones_eyes(world: World) -> None:
    """Value and bound of each tier are told while it is sought; the best one is kept."""
    page, path = world.page, f"/rounds/{world.round}"
    lists = len(world.planner.get(f"{path}/readiness")["lists"])
    visit(world.desk, page, path, f"{world.size}-ready")
    expect(page.get_by_role("heading", name="Er runden klar?")).to_be_visible()
    expect(page.get_by_text(f"{lists} av {lists}")).to_be_visible()
    page.get_by_role("button", name="Lås runden").click()
    page.get_by_role("link", name="Lag en plan").click()
    with working(world.desk):
        page.get_by_role("button", name="Lag en plan").click()
        tier = page.get_by_role("row", name="Flest mulig får plass").get_by_role("cell")
        expect(tier).to_have_count(3, timeout=WORK_SECONDS * 1000)
        shoot(world.desk, page, f"size-{world.size}-making")
        page.get_by_role("button", name="Stopp, og behold den beste").click()
        expect(page.locator("table.timeline").first).to_be_visible(timeout=WORK_SECONDS * 1000)
    by_hand, _ = world.handed_in
    searched = page.url.partition("?")[0]
    visit(world.desk, page, f"{searched}/compare?against={by_hand}", f"{world.size}-compare")
    expect(page.get_by_role("row").nth(1)).to_be_visible()


def test_a_plan_is_read_as_far_as_one_wishes(world: World) -> None:
    """By place, by state, by quarters: free stretches and months with too many wishes show."""
    page, (plan, document) = world.page, world.handed_in
    for kind in (*PLAN_PAGES, ""):
        visit(world.desk, page, f"/plans/{plan}{kind}", f"{world.size}-plan{plain(kind)}")
    expect(page.locator("table.timeline a")).to_have_count(len(document["placements"]))
    expect(page.locator("tr.demand td.over").first).to_be_visible()
    sites = page.locator("section.site")
    assert sites.count() > 1
    page.get_by_label("Sted").select_option(index=1)
    page.get_by_label("Tilstand").select_option("free")
    page.get_by_role("button", name="Vis", exact=True).click()
    expect(sites).to_have_count(1)
    expect(page.locator("td.free:not(.muted)").first).to_be_visible()
    page.get_by_role("link", name="Kvartaler").click()
    expect(page.get_by_role("columnheader", name="1. kv.").first).to_be_visible()
    expect(sites).to_have_count(1)


def test_somebody_is_moved_by_hand(world: World) -> None:
    """She is taken out of a plan, for a reason; that is counted, and seen beside what it was."""
    plan, _ = world.handed_in
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


def test_who_locked_a_round_is_found_among_all_that_was_done(world: World) -> None:
    assert world.handed_in
    auditor = world.signed_in("auditor")
    auditor.goto("/audit")
    auditor.get_by_label("Hva", exact=True).select_option("lock_round")
    only_row(auditor, "Søk", "Låste runden", f"Planlegger, Region {NUMBERS[world.size]}")
    auditor.context.close()


@pytest.mark.skipif(not THOROUGH, reason="takes a minute")
def test_a_plan_of_1000_is_looked_at_by_eye_and_by_keys(nord: World, national: World) -> None:
    page = national.page
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


@pytest.mark.skipif(not THOROUGH, reason="takes a minute")
def test_what_else_a_planner_opens_of_the_largest_round_is_light(national: World) -> None:
    """Opened are its readiness, the longest list, a move by hand, and the release."""
    plan, _ = national.handed_in
    lists = national.planner.get(f"/rounds/{national.round}/readiness")["lists"]
    longest = max(lists, key=lambda each: int(each["candidates"]))
    assert longest["candidates"] > 100
    page, round_ = national.page, f"/rounds/{national.round}"
    visit(national.desk, page, round_, "national-ready")
    visit(national.desk, page, f"{round_}/lists/{longest['municipality']}", "national-list")
    for kind in ("/move", "/release"):
        visit(national.desk, page, f"/plans/{plan}{kind}", f"national{plain(kind)}")


def test_each_party_sees_what_became_of_it(world: World) -> None:
    """Two people release it; then the unit, the candidate and the municipality look."""
    plan, _ = world.handed_in
    new = of_a_town_with_both(world, plan)
    release(world, plan, new["municipality"])
    sees_who_comes_and_offers_a_vacancy(world, new)
    accepts(world, plan, new)
    reads_the_result(world, new["municipality"])
    unit, candidate = new["placement"]["unit"], new["candidate"]
    organisation, name = world.organisation, f"{world.size}-"
    led_to_the_end(world.desk, unit, candidate, organisation=organisation, name=name)


def release(world: World, plan: str, town: str) -> None:
    """One approves, another reads who is told, types the round's name, and publishes."""
    path, address = f"/plans/{plan}/release", "alis@kommune.example"
    coordinator = world.party("coordinator", municipality=town)
    coordinator.patch(f"/municipalities/{town}", {"contact": address})
    approver = world.signed_in("approver")
    approver.goto(path)
    approver.get_by_role("button", name="Godkjenn planen").click()
    expect(approver.get_by_text("Planen er godkjent.").first).to_be_visible(timeout=PATIENCE)
    approver.context.close()
    page = world.signed_in("planner")
    visit(world.desk, page, path, f"{world.size}-release")
    told = world.planner.get(path)["recipients_total"]
    assert told > 0
    expect(page.get_by_text(text("nb", "pages_deciding.parties-about", count=told))).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=address)).to_be_visible()
    page.get_by_label("Skriv rundens navn").fill(world.label)
    page.get_by_role("button", name="Kunngjør planen").click()
    expect(page.get_by_text("tilbudene er gitt")).to_be_visible(timeout=PATIENCE)
    page.context.close()


def of_a_town_with_both(world: World, plan: str) -> dict[str, Any]:
    """Return somebody with a new place from where somebody else has none, who is told why."""
    path = f"/plans/{plan}/outcomes?placed=false&limit=200"
    without = {each["municipality"] for each in world.planner.get(path)["items"]}
    return world.placed(plan, without)


def sees_who_comes_and_offers_a_vacancy(world: World, new: dict[str, Any]) -> None:
    """The leader of the unit that somebody goes to looks at her calendar, and adds to it."""
    unit, start = new["placement"]["unit"], new["placement"]["start"]
    page = world.signed_in("unit_leader", unit=unit)
    visit(world.desk, page, f"/units/{unit}?from={start[:7]}-01", f"{world.size}-unit")
    expect(page.get_by_text(f"{new['candidate']} er tilbudt plass").first).to_be_visible()
    expect(page.get_by_text("På det meste").first).to_contain_text("på én dag")
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
    expect(offer).to_contain_text("Svar senest")
    expect(offer).to_contain_text(re.compile(r"ditt ønske nummer \d+"))
    expect(page.get_by_role("heading", name="Dette ønsket du")).to_be_visible()
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
    unplaced = page.locator("article.outcome").filter(has_text="Ingen plass")
    expect(unplaced.first).to_contain_text("Ønske 1:")
    page.get_by_role("link", name="Kommunen").click()
    away = page.get_by_role("region", name="Hvem er borte når")
    expect(away.locator(".on").first).to_be_attached()
    page.context.close()
