"""What municipalities do until a round is locked, at every size: join, rank, and hand in.

What the sample, 120 and 1,000 candidates have in common is told once. The largest city of the
largest round has 130 candidates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from api.clock import utc_now
from tests.databases import THOROUGH
from tests.pages.browsing import Desk, desk, shoot, violations
from tests.pages.ranking import cards, drag
from tests.pages.sized import NUMBERS, World, collect, visit
from tests.pages.workbooks import filled, upload

SIZES = ("finnmark", "nord", "national") if THOROUGH else ("finnmark", "nord")

FAR = 12
"""How many places down somebody is dragged, where a list is that long: out of the window."""


@pytest.fixture(scope="module")
def served(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("handing-in")
    with desk(browser, folder, "--sample", "finnmark") as opened:
        collect(opened, *(size for size in SIZES if size in NUMBERS))
        yield opened
        assert opened.faults == []


@pytest.fixture(scope="module", params=SIZES)
def world(request: pytest.FixtureRequest, served: Desk) -> Iterator[World]:
    found = World.of(served, request.param)
    yield found
    found.page.context.close()


def lists(world: World) -> list[dict[str, Any]]:
    """Return how far each municipality of the round is."""
    found: list[dict[str, Any]] = world.planner.get(f"/rounds/{world.round}/readiness")["lists"]
    return found


def test_a_municipality_joins_registers_and_signs(world: World) -> None:
    """It is invited late: until it has handed in, and is registered, both sides read so."""
    invited = [each["municipality"] for each in lists(world)]
    new = f"{invited[0][:2]}99"
    record = {"name": "Nykommune", "organisation": world.organisation}
    world.planner.put(f"/municipalities/{new}", record)
    change = {"participants": [*invited, new], "reason": "Kommunen er kommet til"}
    path = f"/rounds/{world.round}"
    world.planner.patch(path, change)
    coordinator = world.signed_in("coordinator", municipality=new)
    visit(world.desk, coordinator, f"/municipalities/{new}", f"{world.size}-joining")
    status = coordinator.get_by_role("region", name="Registrering og avtaler")
    expect(status).to_contain_text("Kommunen er ikke registrert for utdanning")
    expect(status.get_by_text("I orden")).to_have_count(0)
    expect(coordinator.get_by_text("Ingen liste er levert.")).to_be_visible()
    visit(world.desk, world.page, "/rounds", f"{world.size}-rounds")
    world.page.get_by_role("link", name=world.planner.get(path)["name"]).click()
    visit(world.desk, world.page, path, f"{world.size}-missing")
    expect(world.page.get_by_text(f"{len(invited)} av {len(invited) + 1}")).to_be_visible()
    missing = world.page.get_by_role("row", name="Nykommune")
    expect(missing).to_contain_text("Mangler")

    world.planner.put(f"/municipalities/{new}", record | {"registered_on": "2026-01-01"})
    trust = own_trust(world)
    world.planner.put(f"/municipalities/{new}/agreements/{trust['number']}/2026-02-01", {})
    coordinator.reload()
    expect(status).to_contain_text("Registrert for utdanning fra 1. jan. 2026")
    signed = status.get_by_role("listitem").filter(has_text="I orden")
    expect(signed).to_have_count(1)
    expect(signed).to_contain_text(trust["name"])
    assert violations(coordinator) == []
    coordinator.context.close()


def largest(world: World) -> tuple[str, int]:
    """Return the municipality with the longest list, and how many are on that."""
    found = max(lists(world), key=lambda each: int(each["candidates"]))
    return found["municipality"], found["candidates"]


def own_trust(world: World) -> dict[str, Any]:
    """Return a trust of the region's, or the planner's own."""
    found: list[dict[str, Any]] = world.planner.get("/organisations?limit=200")["items"]
    own = (each for each in found if world.organisation in (each["number"], each["parent"]))
    return next(each for each in own if each["trust"])


def test_a_workbook_shows_its_faults_at_their_cells(world: World) -> None:
    number, many = largest(world)
    page = world.signed_in("coordinator", municipality=number)
    path = f"/rounds/{world.round}/lists/{number}"
    visit(world.desk, page, path, f"{world.size}-list")
    expect(cards(page)).to_have_count(many)
    upload(page, filled(page, {"Kandidater!G2": "to år"}))
    wrong = page.get_by_role("region", name="Arket Kandidater").locator(".wrong")
    expect(wrong).to_have_count(1)
    expect(wrong).to_contain_text("to år")
    world.desk.forgive("422")
    page.goto(path)
    upload(page, filled(page, {}))
    expect(page.get_by_role("status")).to_contain_text("Arbeidsboken er lest")
    expect(cards(page)).to_have_count(many)
    page.context.close()


def test_a_list_is_ranked_by_pointer_and_keys_and_the_planner_reads_what_is_odd(
    world: World,
) -> None:
    """The round before had her list the other way round, and most people wished otherwise."""
    number, many = largest(world)
    coordinator = world.party("coordinator", municipality=number)
    path = f"/rounds/{world.round}/municipalities/{number}/requests"
    first, *rest = list[str](coordinator.get(path)["default_order"])
    down = min(FAR, many - 2)
    dragged = [*rest[:down], first, *rest[down:]]
    wanted = [dragged[-1], *dragged[:-1]]
    held_before(world, number, wanted[::-1])

    page = world.signed_in("coordinator", municipality=number)
    page.goto(f"/rounds/{world.round}/lists/{number}")
    drag(page, page.locator("#candidate-0"), page.locator(f"#candidate-{down}"))
    goes_first(page, many)
    page.get_by_role("button", name="Se over før levering").last.click()
    page.get_by_role("button", name="Lever listen").click()
    expect(page.get_by_role("heading", name="Kvittering for liste nr. 2")).to_be_visible()
    shoot(world.desk, page, f"size-{world.size}-receipt")
    assert coordinator.get(path)["default_order"] == wanted
    page.context.close()
    odd(world, many)


def goes_first(page: Page, many: int) -> None:
    """Put whoever is last first, with one key."""
    last = cards(page).last.locator("[data-handle]").first
    name = str(last.get_attribute("aria-label"))
    last.focus()
    page.keyboard.press("Home")
    moved = cards(page).first.locator("[data-handle]").first
    expect(moved).to_be_focused()
    assert moved.get_attribute("aria-label") == name
    expect(page.locator("[data-said]")).to_contain_text(f"er nå nummer 1 av {many}")


def held_before(world: World, municipality: str, order: Sequence[str]) -> None:
    """Have the municipality hand in for an earlier round: other wishes, in this order."""
    now = world.planner.get(f"/rounds/{world.round}")
    decided = date.fromisoformat(now["decision_date"]) - timedelta(days=1)
    form = {name: now[name] for name in ("organisation", "policy")} | {
        "label": "før",
        "decision_date": str(decided),
        "deadline": (utc_now() + timedelta(days=1)).isoformat(),
        "participants": [municipality],
    }
    path = f"/rounds/{world.planner.post('/rounds', form)['id']}"
    world.planner.post(f"{path}/open", of=path)
    where = f"/municipalities/{municipality}/requests"
    coordinator = world.party("coordinator", municipality=municipality)
    list_ = coordinator.get(f"/rounds/{world.round}{where}")
    for each in list_["candidates"]:
        each["wishes"] = each["wishes"][:1] * (len(each["wishes"]) != 1)
    coordinator.put(f"{path}{where}", list_ | {"default_order": [*order], "orders": []})


def odd(world: World, many: int) -> None:
    """Read as the planner what a municipality is to be asked, and which window nobody can use."""
    page = world.page
    visit(world.desk, page, f"/rounds/{world.round}", f"{world.size}-odd")
    more = page.get_by_text("merknader til")
    if more.count():
        more.click()
    for said in (
        "Rekkefølgen er den fra runde før, snudd.",
        f"{many} av {many} kandidater er nye, borte eller har andre ønsker enn i runde før.",
        "Ingen kandidat kan bruke vinduet",
    ):
        expect(page.get_by_text(said).first).to_be_visible()
    assert violations(page) == []
