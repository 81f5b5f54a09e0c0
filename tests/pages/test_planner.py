"""The planner's story in a browser: a round is made ready, locked, planned, looked at, compared."""

from __future__ import annotations

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.pages.browsing import Desk, looks_again, violations

PATIENCE = 90_000
"""Milliseconds for a search on a busy machine."""


@pytest.fixture(scope="module")
def desk(finnmark: Desk) -> Page:
    """Return a planner's window on an open round; each test goes on where the last ended."""
    page = finnmark.signed_in("planner")
    page.get_by_role("link", name="Finnmark, vinteren 2027").click()
    return page


def test_a_round_is_seen_to_be_ready_and_is_locked(finnmark: Desk, desk: Page) -> None:
    expect(desk.get_by_role("heading", name="Er runden klar?")).to_be_visible()
    expect(desk.get_by_text("18 av 18")).to_be_visible()
    expect(desk.get_by_text("Ingen vinduer i runden kan ta imot 5618-c1.")).to_be_visible()
    expect(desk.get_by_role("img", name="Plasser og kandidater, måned for måned")).to_be_visible()
    looks_again(finnmark, desk, "planner-open")
    desk.get_by_role("button", name="Lås runden").click()
    expect(desk.get_by_text("Runden er låst.")).to_be_visible()
    desk.locator("summary", has_text="Åpne runden igjen").click()
    expect(desk.get_by_label("Begrunnelse").first).to_be_visible()


def test_a_plan_is_made_before_ones_eyes(finnmark: Desk, desk: Page) -> None:
    desk.get_by_role("link", name="Lag en plan").click()
    looks_again(finnmark, desk, "planner-plans")
    desk.get_by_role("button", name="Lag en plan").click()
    expect(desk.get_by_role("status")).to_be_visible()
    assert violations(desk) == []
    # The page comes to the timeline by itself.
    expect(desk.locator("table.timeline").first).to_be_visible(timeout=PATIENCE)
    expect(desk.get_by_text("Bevist best")).to_be_visible()


def test_the_timeline_is_read_by_eye_by_ear_and_by_keys(finnmark: Desk, desk: Page) -> None:
    expect(desk.get_by_text("9 av 17")).to_be_visible()
    table = desk.get_by_role("table", name="Kirkenes")
    cell = table.get_by_role("link", name="5605-c1, Sør-Varanger, Ny i planen, 1. ønske")
    expect(cell).to_be_visible()
    cell.focus()
    desk.keyboard.press("ArrowRight")
    expect(table.get_by_role("link", name="5603-c2")).to_be_focused()
    desk.keyboard.press("ArrowDown")
    expect(table.get_by_role("link", name="5634-c1")).to_be_focused()
    desk.keyboard.press("ArrowUp")
    desk.keyboard.press("ArrowLeft")
    expect(cell).to_be_focused()
    desk.keyboard.press("Escape")
    desk.get_by_label("Kommune").select_option(label="Alta")
    desk.get_by_role("button", name="Vis", exact=True).click()
    expect(desk.locator("table.timeline a")).to_have_count(2)
    desk.get_by_role("link", name="Uker").click()
    expect(desk.locator("table.timeline a")).to_have_count(2)
    expect(desk.get_by_role("columnheader", name="aug 2027").first).to_be_visible()
    desk.get_by_role("navigation", name="Om planen").get_by_role("link", name="Tidslinje").click()
    looks_again(finnmark, desk, "planner-timeline")


def test_how_good_it_is_and_why_not_better(finnmark: Desk, desk: Page) -> None:
    desk.get_by_role("link", name="Hvor god er planen").click()
    for name in ("Hvor mye av hvert hensyn", "Hvilket ønske", "De som må vente"):
        expect(desk.get_by_role("img", name=name)).to_be_visible()
    expect(desk.get_by_role("row", name="Flest mulig får plass 9 kandidater")).to_be_visible()
    looks_again(finnmark, desk, "planner-proof")
    desk.get_by_role("link", name="Kandidater og grunner").click()
    expect(desk.get_by_role("heading", name="5618-c1")).to_be_visible()
    looks_again(finnmark, desk, "planner-people")


def test_a_plan_stands_beside_another(finnmark: Desk, desk: Page) -> None:
    expect(desk.get_by_text("Bevist best")).to_be_visible()
    without(finnmark, desk.url.split("/")[4], "5601-c1")
    desk.get_by_role("link", name="Planer", exact=True).click()
    expect(desk.get_by_role("row")).to_have_count(3)
    assert violations(desk) == []
    desk.get_by_role("row", name="Mennesker").get_by_role("link").click()
    desk.get_by_role("link", name="Sammenlign").click()
    row = desk.get_by_role("row", name="5601-c1 Alta mister plassen")
    expect(row).to_be_visible()
    expect(desk.get_by_role("row", name="9 kandidater 8 kandidater")).to_be_visible()
    looks_again(finnmark, desk, "planner-compare")


def without(finnmark: Desk, id_: str, candidate: str) -> None:
    """Hand in a plan made by hand: this one, but for a candidate."""
    head = {"Authorization": f"Bearer {finnmark.service.site.token('planner')}"}
    with httpx2.Client(base_url=finnmark.url, headers=head, timeout=60) as client:
        plan = client.get(f"/v1/plans/{id_}/document").json()
        round_ = client.get(f"/v1/plans/{id_}").json()["round"]
        kept = [each for each in plan["placements"] if each["candidate"] != candidate]
        names = ("candidate", "window", "start")
        sent = {
            "format": plan["format"],
            "round": plan["round"],
            "placements": [{name: each[name] for name in names} for each in kept],
        }
        made = client.post(f"/v1/rounds/{round_}/plans/hand", json=sent)
        assert made.status_code == 201, made.text


def test_all_of_it_is_there_without_scripts(finnmark: Desk) -> None:
    page = finnmark.signed_in("planner", scripts=False)
    page.get_by_role("link", name="Finnmark, vinteren 2027").click()
    page.get_by_role("link", name="Plan fra").first.click()
    page.get_by_label("Tilstand").select_option("free")
    page.get_by_role("button", name="Vis", exact=True).click()
    expect(page.locator("td.free").first).to_be_visible()
    with page.expect_download() as handed:
        page.get_by_role("link", name="Planen som Excel-arbeidsbok").click()
    assert handed.value.suggested_filename == "plan.xlsx"
    page.context.close()


def test_a_coordinator_finds_her_list(finnmark: Desk) -> None:
    page = finnmark.signed_in("coordinator", municipality="5601")
    page.get_by_role("link", name="Finnmark, vinteren 2027").click()
    expect(page.get_by_role("link", name="Listen til Alta")).to_be_visible()
    expect(page.get_by_text("Neste steg")).to_have_count(0)
    assert violations(page) == []
    page.context.close()
