"""What is asked of a plan that the search has made of 120 candidates, and of 1,000: what if, how
many, and why. The larger round takes minutes: it is for thorough runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.running import awaited
from tests.databases import THOROUGH
from tests.pages.browsing import desk, shoot, violations
from tests.pages.sized import PATIENCE, WORK_SECONDS, World, collect, visit

SOLVE_SECONDS = 120 if THOROUGH else 10
"""Longest search of a study in this service; what it proves by then is told."""

SIZES = ("nord", "national") if THOROUGH else ("nord",)

CANDIDATE = re.compile(r"\b\d{6}-c\d{4}\b")


@pytest.fixture(scope="module", params=SIZES)
def world(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A region of its own service: no other's explanations are made before those asked for here."""
    folder = tmp_path_factory.mktemp("deciding")
    with desk(browser, folder, solve_seconds=str(SOLVE_SECONDS)) as opened:
        collect(opened, request.param)
        yield World.of(opened, request.param)
        assert opened.faults == []


def ended(world: World, path: str) -> str:
    """Return how some work ends."""
    unfinished = ("queued", "running")
    awaited(lambda: world.planner.get(path)["state"] not in unfinished, WORK_SECONDS)
    return str(world.planner.get(path)["state"])


def asked_what_if(world: World, name: str) -> Page:
    """Ask with the form what orders would bring that do not bind."""
    page, path = world.page, f"/rounds/{world.round}/scenarios"
    visit(world.desk, page, path, f"{world.size}-scenarios-none")
    page.get_by_label("Navn").fill(name)
    page.get_by_label("Hvor strengt kommunenes rekkefølge binder").check()
    page.get_by_label("Rekkefølgen", exact=True).select_option("advisory")
    page.get_by_role("button", name="Planlegg scenarioet").click()
    expect(page.get_by_text("Bestilt. Resultatet")).to_be_visible(timeout=PATIENCE)
    return page


def test_a_what_if_waits_for_a_plan_that_the_search_has_made(world: World) -> None:
    """A plan made by hand is no measure of what a change brings; the page says what is."""
    assert world.handed_in
    page = asked_what_if(world, "Rådgivende")
    expect(page.get_by_text("trenger en plan som søket har laget")).to_be_visible(
        timeout=WORK_SECONDS * 1000
    )
    shoot(world.desk, page, f"size-{world.size}-uncompared")
    assert violations(page) == []
    page.get_by_role("link", name="Lag en plan").click()
    expect(page.get_by_role("button", name="Lag en plan")).to_be_visible()


def test_a_what_if_stands_side_by_side_with_the_round_as_it_is(world: World) -> None:
    assert world.searched
    path = f"/rounds/{world.round}/scenarios"
    [scenario] = world.planner.get(path)["items"]
    assert ended(world, f"/scenarios/{scenario['id']}") == "completed"
    page = world.page
    visit(world.desk, page, path, f"{world.size}-scenarios")
    sides = world.planner.get(f"{path}/comparison")["sides"]
    assert [side["scenario"] for side in sides] == [None, "Rådgivende"]
    table = page.get_by_role("region", name="Side om side")
    placed = table.get_by_role("row").nth(1).get_by_role("cell")
    assert placed.all_inner_texts() == [str(side["placed"]) for side in sides]
    expect(table.locator(".differs").first).to_be_visible()
    people = page.locator(".results details").last
    people.locator("summary").click()
    expect(people.locator("tbody tr").first).to_be_visible()
    assert violations(page) == []


@pytest.mark.skipif(not THOROUGH, reason="waits for a limit; a smaller round shows the page")
def test_how_many_posts_are_lacking_is_told_as_far_as_the_time_goes(world: World) -> None:
    page, path = world.page, f"/rounds/{world.round}/capacity"
    assert world.searched
    visit(world.desk, page, path, f"{world.size}-capacity-none")
    page.get_by_label("En andel får plass").check()
    page.get_by_label("Prosent", exact=True).fill("90")
    page.get_by_role("button", name="Undersøk kapasiteten").click()
    expect(page.get_by_text("Bestilt. Resultatet")).to_be_visible(timeout=PATIENCE)
    [study] = world.planner.get(f"/rounds/{world.round}/capacity-studies")["items"]
    state = ended(world, f"/capacity-studies/{study['id']}")
    visit(world.desk, page, path, f"{world.size}-capacity")
    if state == "completed":
        expect(page.get_by_role("link", name="Mål: 90 % får plass")).to_be_visible()
        expect(page.get_by_role("img", name="Når en plass til er verdt noe")).to_be_visible()
    else:
        expect(page.locator(".entry-name")).to_have_text("Mål: 90 % får plass")
        expect(page.get_by_text(f"på {SOLVE_SECONDS} sekunder")).to_be_visible()
    assert violations(page) == []


def test_whoever_is_looked_for_reads_why_before_everybody_is_explained(world: World) -> None:
    """Somebody without a place of whom there is little to tell: what else waits is long work."""
    plan = world.searched
    world.approve(plan)
    world.planner.post(f"/plans/{plan}/publish", {}, of=f"/plans/{plan}")
    without = world.planner.get(f"/plans/{plan}/outcomes?placed=false&limit=200")["items"]
    one = min(without, key=lambda each: len(each["reasons"]))
    who, town = one["candidate"], one["municipality"]
    path = f"/plans/{plan}/explanations/{who}"
    world.page.goto(path)
    heading = world.page.get_by_role("heading", name=f"Hvorfor: {who}")
    expect(heading).to_be_visible(timeout=PATIENCE)
    awaited(lambda: world.planner.get(path)["explanation"], WORK_SECONDS)
    of = {"municipality": town}
    readers = {
        "planner": world.page,
        "coordinator": world.signed_in("coordinator", **of),
        "candidate": world.signed_in("candidate", candidate=who, **of),
    }
    for role, page in readers.items():
        visit(world.desk, page, path, f"{world.size}-why-{role}")
        expect(page.get_by_role("heading", name=f"Hvorfor: {who}")).to_be_visible()
        assert violations(page) == []
        named = set(CANDIDATE.findall(page.locator("main").inner_text()))
        assert who in named
        if role == "coordinator":
            assert {each.partition("-")[0] for each in named} == {town}
        if role == "candidate":
            assert named == {who}
    for role in ("coordinator", "candidate"):
        readers[role].context.close()
