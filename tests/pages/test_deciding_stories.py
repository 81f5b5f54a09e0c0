"""The planner's decisions as people make them: Chromium, a worker, and the Finnmark sample."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.api.routes.planned import finnmark, finnmark_plan
from tests.api.served import ALTA
from tests.pages.browsing import Desk, looks_again, only_row, overflows, shoot, violations
from tests.pages.moving import kept, taken_out


@dataclass(frozen=True)
class Planned:
    """The sample's round, locked and planned by a worker."""

    desk: Desk
    planner: httpx2.Client
    round: str
    plan: str

    def done(self, path: str) -> Any:
        """Return what an address of the interface says once it is completed."""
        until = time.monotonic() + 60
        while (found := self.planner.get(path).raise_for_status().json())["state"] != "completed":
            assert found["state"] in ("queued", "running"), found
            assert time.monotonic() < until
            time.sleep(0.1)
        return found


@pytest.fixture(scope="module")
def planned(finnmark: Desk) -> Iterator[Planned]:
    service = finnmark.service
    with service.client(service.site.token("planner")) as planner:
        [row] = planner.get("/v1/rounds").json()["items"]
        path = f"/v1/rounds/{row['id']}"
        tag = {"If-Match": planner.get(path).headers["etag"]}
        planner.post(f"{path}/lock", headers=tag).raise_for_status()
        plan = planner.post(f"{path}/plans").raise_for_status().json()["id"]
        found = Planned(finnmark, planner, row["id"], plan)
        found.done(f"/v1/plans/{plan}")
        planner.post(f"/v1/plans/{plan}/explanations").raise_for_status()
        yield found


def test_a_placement_is_moved_by_hand(planned: Planned) -> None:
    """Try a seat that is held, see what breaks, choose another, and save it with a reason."""
    page = planned.desk.signed_in("planner")
    page.goto(f"/plans/{planned.plan}/move")
    page.get_by_label("Kandidat").select_option("5601-c3")
    page.get_by_role("button", name="Vis mulighetene").click()
    held = page.locator(".start.held input").first
    held.check()
    page.get_by_role("button", name="Prøv denne plassen").click()
    expect(page.get_by_text("Kan ikke lagres")).to_be_visible()
    expect(page.get_by_text("Et vindu har aldri flere kandidater")).to_be_visible()
    expect(page.get_by_role("button", name="Lagre planen")).to_have_count(0)
    broken = page.url
    page.get_by_role("link", name="Angre 5601-c3").click()
    expect(page.get_by_text("Slik blir planen")).to_have_count(0)
    taken_out(page, "5601-c2")
    tried = page.url
    kept(page, "Kandidaten har trukket seg")
    overrides = planned.planner.get(f"/v1/rounds/{planned.round}/overrides").json()
    assert overrides["counts"] == {"plan-by-hand": 1}
    assert overrides["items"][0]["reason"] == "Kandidaten har trukket seg"
    planned.desk.forgive("404")  # the plan's own page is another area's
    page.goto(broken)
    assert violations(page) == []
    shoot(planned.desk, page, "move-broken")
    page.goto(tried)
    looks_again(planned.desk, page, "move-kept")
    page.context.close()
    an_auditor_finds_who_did_it(planned)


def an_auditor_finds_who_did_it(planned: Planned) -> None:
    page = planned.desk.signed_in("auditor")
    page.goto("/audit")
    page.get_by_label("Hva", exact=True).select_option("move_placements")
    page.get_by_label("Slags").select_option("change")
    who, what = "Planlegger, Finnmarkssykehuset", "Flyttet plasseringer for hånd"
    override, reason = "En plan satt sammen for hånd", "Kandidaten har trukket seg"
    only_row(page, "Søk", who, what, override, reason)
    looks_again(planned.desk, page, "audit")
    page.context.close()


def test_why_somebody_has_what_she_has(planned: Planned) -> None:
    unplaced = next(a.candidate for a in finnmark_plan().unplaced if a.candidate.startswith(ALTA))
    planned.done(f"/v1/plans/{planned.plan}/explanations")
    page = planned.desk.signed_in("approver")
    path = f"/plans/{planned.plan}/explanations/{unplaced}"
    page.goto(path)
    looks_again(planned.desk, page, "why")
    expect(page.get_by_role("heading", name=f"Hvorfor: {unplaced}")).to_be_visible()
    expect(page.get_by_text("Dette ville alene ha hjulpet")).to_be_visible()
    page.context.close()


def test_what_if(planned: Planned) -> None:
    """Ask with the form, watch it come without loading the page, and read it side by side."""
    page = planned.desk.signed_in("planner")
    path = f"/rounds/{planned.round}/scenarios"
    page.goto(path)
    page.get_by_label("Navn").fill("Rådgivende, og én til")
    page.get_by_label("Hvor strengt kommunenes rekkefølge binder").check()
    page.get_by_label("Rekkefølgen", exact=True).select_option("advisory")
    page.get_by_label("En kandidat mer").check()
    page.get_by_label("Lik", exact=True).select_option("5601-c1")
    page.get_by_label("Ny id").fill("5601-c9")
    page.get_by_role("button", name="Planlegg scenarioet").click()
    expect(page.get_by_text("Bestilt. Resultatet")).to_be_visible()
    page.get_by_label("Navn").fill("skrevet mens det regnes")
    expect(page.get_by_role("heading", name="Side om side")).to_be_visible(timeout=60_000)
    expect(page.get_by_label("Navn")).to_have_value("skrevet mens det regnes")
    expect(page.get_by_role("img", name="Hvilket ønske som blir oppfylt")).to_be_visible()
    page.goto(path)
    looks_again(planned.desk, page, "scenarios")
    page.locator(".results summary").last.click()
    expect(page.locator(".results details[open] tbody tr").first).to_be_visible()
    with page.expect_download() as file:
        page.get_by_role("link", name="Last ned som Excel").click()
    assert file.value.suggested_filename == "scenarios.xlsx"
    page.context.close()


def test_how_many_posts(planned: Planned) -> None:
    page = planned.desk.signed_in("planner")
    path = f"/rounds/{planned.round}/capacity"
    page.goto(path)
    page.get_by_label("En andel får plass").check()
    page.get_by_label("Prosent", exact=True).fill("70")
    page.get_by_role("button", name="Undersøk kapasiteten").click()
    expect(page.get_by_text("Bestilt. Resultatet")).to_be_visible()
    price = page.get_by_role("button", name="Undersøk hva rekkefølgen koster")
    price.click()
    expect(price).to_have_count(0)
    [study] = planned.planner.get(f"/v1{path.removesuffix('capacity')}capacity-studies").json()[
        "items"
    ]
    planned.done(f"/v1/capacity-studies/{study['id']}")
    planned.done(f"/v1/rounds/{planned.round}/price-of-priority")
    page.goto(path)
    looks_again(planned.desk, page, "capacity")
    expect(page.get_by_role("img", name="Når en plass til er verdt noe")).to_be_visible()
    expect(page.get_by_role("link", name="Mål: 70 % får plass")).to_be_visible()
    expect(page.get_by_text("Streng rekkefølge koster")).to_be_visible()
    with page.expect_download() as file:
        page.get_by_role("link", name="Last ned som Excel").click()
    assert file.value.suggested_filename == "capacity.xlsx"
    look_ahead(planned, page, path)
    page.context.close()


def look_ahead(planned: Planned, page: Page, path: str) -> None:
    """Ask for a year ahead, and read what it takes as a figure and as a table."""
    page.get_by_label("År fremover", exact=True).fill("1")
    page.get_by_label("Trekninger", exact=True).fill("1")
    page.get_by_role("group", name="Framskriving 1").get_by_label("Navn").fill("mange")
    page.get_by_label("Nye hvert år").first.fill("4")
    page.get_by_role("button", name="Undersøk årene fremover").click()
    name = "1 år fremover: alle begynner innen 12 måneder"
    expect(page.locator(".entry-name", has_text=name)).to_be_visible()
    [study] = [
        each
        for each in planned.planner.get(
            f"/v1{path.removesuffix('capacity')}capacity-studies"
        ).json()["items"]
        if each["asked"]["forecast"]
    ]
    planned.done(f"/v1/capacity-studies/{study['id']}")
    page.goto(path)
    expect(page.get_by_role("heading", name="Framskriving: mange")).to_be_visible()
    expect(page.get_by_role("img", name="Øremerkede stillinger hvert år")).to_be_visible()
    expect(page.get_by_role("region", name="Ventetid etter ankomstår: mange")).to_be_visible()
    assert violations(page) == []
    assert overflows(page) <= 0
    shoot(planned.desk, page, "years")


def test_two_people_release_a_plan(planned: Planned) -> None:
    """One approves, without scripts; another types the round's label and publishes."""
    path = f"/plans/{planned.plan}/release"
    approver = planned.desk.signed_in("approver", scripts=False)
    approver.goto(path)
    approver.get_by_role("button", name="Godkjenn planen").click()
    expect(approver.get_by_text("Planen er godkjent.").first).to_be_visible()
    approver.context.close()
    page = planned.desk.signed_in("planner")
    page.goto(path)
    page.get_by_role("button", name="Regn ut prisen").click()
    planned.done(f"/v1/rounds/{planned.round}/price-of-keeping")
    page.goto(path)
    looks_again(planned.desk, page, "release")
    expect(page.get_by_text("Å holde tilbudene koster")).to_be_visible()
    page.get_by_label("Skriv rundens navn").fill("noe annet")
    page.get_by_role("button", name="Kunngjør planen").click()
    expect(page.get_by_role("alert")).to_be_focused()
    planned.desk.forgive("422")
    page.get_by_label("Skriv rundens navn").fill(finnmark().id)
    page.get_by_role("button", name="Kunngjør planen").click()
    expect(page.get_by_text("tilbudene er gitt")).to_be_visible()
    assert violations(page) == []
    shoot(planned.desk, page, "published")
    page.context.close()


def test_what_was_done_before(planned: Planned) -> None:
    page = planned.desk.signed_in("auditor")
    page.goto("/audit")
    first = page.locator("tbody th").first.inner_text()
    page.get_by_role("link", name="Eldre").click()
    expect(page.locator("tbody th").first).not_to_have_text(first)
    page.context.close()
