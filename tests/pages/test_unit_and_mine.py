"""A unit's leader and a candidate at their own pages, from a vacancy to an accepted offer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.api.running import awaited
from tests.pages.browsing import Desk, only_row, shoot, violations
from tests.pages.stays import led_to_the_end

UNIT = "hammerfest-medisin"
HER = {"municipality": "5601", "candidate": "5601-c1"}
"""Somebody to whom the sample's plan gives her second wish."""


@pytest.fixture(scope="module")
def planned(finnmark: Desk) -> str:
    """Publish the sample's plan, once everybody in it is explained; return its id."""

    site = finnmark.service.site
    with (
        finnmark.service.client(site.token("planner")) as planner,
        finnmark.service.client(site.token("approver")) as approver,
    ):
        [round_] = planner.get("/v1/rounds").json()["items"]
        path = f"/v1/rounds/{round_['id']}"
        tag = planner.get(path).headers["etag"]
        assert planner.post(f"{path}/lock", headers={"If-Match": tag}).is_success
        plan = str(planner.post(f"{path}/plans", json={"seconds": 30}).json()["id"])
        awaited(lambda: planner.get(f"/v1/plans/{plan}").json()["state"] == "completed" or None, 60)
        for who, what in ((approver, "approve"), (planner, "publish")):
            tag = who.get(f"/v1/plans/{plan}").headers["etag"]
            assert who.post(f"/v1/plans/{plan}/{what}", headers={"If-Match": tag}).is_success
        why = f"/v1/plans/{plan}/explanations"
        awaited(lambda: planner.get(why).json()["state"] == "completed" or None, 60)
    return plan


def leader(finnmark: Desk, **window: Any) -> Page:
    page = finnmark.signed_in("unit_leader", unit=UNIT, **window)
    page.get_by_role("link", name="Enheten").click()
    return page


def vacancy(page: Page, when: str) -> Any:
    return page.get_by_role("listitem").filter(has_text=when).filter(has=page.locator("svg"))


def test_a_leader_publishes_a_vacancy_changes_it_and_withdraws_it(finnmark: Desk) -> None:
    page = leader(finnmark)
    page.get_by_role("link", name="Meld inn ledig plass").click()
    page.get_by_label("Første dag").fill("2027-06-01")
    page.get_by_label("Siste dag").fill("2027-05-31")
    page.get_by_label("Antall stillinger").fill("2")
    page.get_by_label("Foreløpig").check()
    page.get_by_role("button", name="Meld inn plassen").click()
    expect(page.locator(".ds-error-summary")).to_be_focused()
    shoot(finnmark, page, "window-faults")
    assert violations(page) == []
    expect(page.get_by_label("Antall stillinger")).to_have_value("2")
    expect(page.get_by_label("Foreløpig")).to_be_checked()
    page.get_by_label("Siste dag").fill("2027-11-30")
    page.get_by_role("button", name="Meld inn plassen").click()
    expect(page.get_by_role("status")).to_have_text("Plassen er meldt inn.")
    made = vacancy(page, "1. juni 2027 – 30. nov. 2027")
    expect(made).to_contain_text("2 stillinger på 100 prosent.")
    expect(made).to_contain_text("Foreløpig")
    expect(made.locator("rect.tentative")).to_have_count(2)

    made.get_by_role("link", name="Endre").click()
    page.get_by_label("Siste dag").fill("2028-01-31")
    page.get_by_label("Bekreftet").check()
    page.get_by_role("button", name="Lagre endringen").click()
    changed = vacancy(page, "1. juni 2027 – 31. jan. 2028")
    expect(changed.locator("rect.open")).to_have_count(2)

    changed.get_by_role("link", name="Trekk tilbake").click()
    expect(page.get_by_text("1. juni 2027 – 31. jan. 2028. 2 stillinger")).to_be_visible()
    page.get_by_role("button", name="Trekk plassen tilbake").click()
    expect(page.get_by_role("status")).to_have_text("Plassen er trukket tilbake.")
    expect(vacancy(page, "1. juni 2027")).to_have_count(0)
    page.context.close()
    finnmark.forgive("422")


def test_a_vacancy_is_published_without_scripts(finnmark: Desk) -> None:
    page = leader(finnmark, scripts=False)
    page.get_by_role("link", name="Meld inn ledig plass").click()
    page.get_by_label("Første dag").fill("2029-02-01")
    page.get_by_label("Siste dag").fill("2029-07-31")
    page.get_by_role("button", name="Meld inn plassen").click()
    expect(page.get_by_role("status")).to_have_text("Plassen er meldt inn.")
    page.goto(f"/units/{UNIT}?from=2026-09")
    expect(page.get_by_text("1. feb. 2029")).to_have_count(0)
    page.get_by_role("link", name="Senere måneder").click()
    expect(vacancy(page, "1. feb. 2029 – 31. juli 2029")).to_be_visible()
    page.context.close()


def test_a_leader_sees_who_comes(finnmark: Desk, planned: str) -> None:
    page = leader(finnmark)
    row = vacancy(page, "1. aug. 2027 – 31. jan. 2028")
    expect(row).to_contain_text("5601-c2 er tilbudt plass 1. aug. 2027 – 31. jan. 2028.")
    expect(row.locator("rect.offered")).to_have_count(1)
    expect(row.locator("svg text")).to_have_text("5601-c2")
    cells = page.get_by_role("row", name="5601-c2").get_by_role("cell")
    assert cells.all_inner_texts()[:4] == ["Alta", "1. aug. 2027", "31. jan. 2028", "Tilbudt"]
    expect(page.get_by_role("paragraph").filter(has_text="På det meste 1 på én dag")).to_have_text(
        "På det meste 1 på én dag, av 2 plasser med veileder."
    )
    page.get_by_text("Tallene som tabell").click()
    months = page.get_by_role("region", name="Tallene som tabell").get_by_role("row")
    expect(months).to_have_count(25)
    said = {
        row.get_by_role("rowheader").inner_text(): row.get_by_role("cell").all_inner_texts()
        for row in months.all()[1:]
    }
    assert said["juli 2027"] == ["0", "0"]
    assert said["aug 2027"] == said["jan 2028"] == ["0", "1"]
    assert said["feb 2028"] == ["0", "0"]
    page.context.close()


def test_a_candidate_sees_why_and_accepts(finnmark: Desk, planned: str) -> None:
    page = finnmark.signed_in("candidate", **HER)
    page.get_by_role("link", name="Min plass").click()
    offer = page.get_by_role("region", name="Du har et tilbud")
    expect(offer).to_contain_text("Avdeling for akuttmedisin, Hammerfest")
    expect(offer).to_contain_text("1. nov. 2027 – 30. apr. 2028 · ditt ønske nummer 2")
    expect(offer).to_contain_text(re.compile(r"Svar senest \d+\. \w+\.? 20\d\d\."))
    round_ = page.get_by_role("region", name="Finnmark, vinteren 2027")
    expect(round_).to_contain_text("Start tidligst 1. aug. 2027, senest 1. des. 2027.")
    wish = round_.get_by_role("listitem").filter(has_text="Det som sto i veien")
    expect(wish).to_contain_text("Ønske 1: Avdeling for medisin")
    expect(wish).to_contain_text("som kommunen har satt høyere")
    expect(wish).to_contain_text("Et ønske om start senest 1. mars 2028")
    expect(page.get_by_text("5601-c2")).to_have_count(0)
    calendar = page.request.get(f"/my/plans/{planned}.ics")
    assert calendar.headers["content-type"].startswith("text/calendar")
    assert calendar.text().count("BEGIN:VEVENT") == 1
    assert "DTSTART;VALUE=DATE:20271101" in calendar.text()

    offer.get_by_role("link", name="Takk ja").click()
    expect(page.get_by_role("heading", name="Takke ja til plassen?")).to_be_visible()
    page.get_by_role("link", name="Ikke svar nå").click()
    offer.get_by_role("link", name="Takk ja").click()
    page.get_by_role("button", name="Ja, jeg tar plassen").click()
    expect(page.get_by_role("status")).to_have_text("Du har takket ja. Plassen er din.")
    place = page.get_by_role("region", name="Plassen din")
    expect(place).to_contain_text("Avtalt")
    expect(place).to_contain_text("Avdeling for akuttmedisin, Hammerfest")
    expect(page.get_by_role("heading", name="Du har et tilbud")).to_have_count(0)
    shoot(finnmark, page, "my-accepted")
    assert violations(page) == []

    page.context.close()
    her_unit_sees_it_through(finnmark)


def her_unit_sees_it_through(finnmark: Desk) -> None:
    unit, her = "hammerfest-akuttmedisin", HER["candidate"]
    there = finnmark.signed_in("unit_leader", unit=unit)
    there.goto(f"/units/{unit}")
    there.get_by_role("row", name=her).get_by_role("link").click()
    expect(there.get_by_role("link", name="Bekreft at oppholdet har begynt")).to_be_visible()
    shoot(finnmark, there, "placement")
    assert violations(there) == []
    there.context.close()
    led_to_the_end(finnmark, unit, her)


def test_a_candidate_without_a_place_is_told_why(finnmark: Desk, planned: str) -> None:
    page = finnmark.signed_in("candidate", municipality="5601", candidate="5601-c3")
    page.goto("/my")
    expect(page.get_by_text("Du fikk ikke plass i denne runden.")).to_be_visible()
    expect(page.get_by_role("heading", name="Ønskene dine")).to_be_visible()
    expect(page.get_by_text("Det som ville hjulpet")).to_be_visible()
    page.context.close()


def test_vacancies_are_chosen(finnmark: Desk) -> None:
    page = finnmark.signed_in("candidate", **HER)
    page.get_by_role("link", name="Ledige plasser").click()
    page.get_by_label("Sted").select_option("Kirkenes")
    page.get_by_label("Slags plass").select_option("Øremerket stilling for ALIS")
    only_row(page, "Vis plasser", "1. sep. 2027", "2 stillinger på 100 prosent.")
    feed = page.request.get(str(page.get_by_role("link", name="Nyhetsstrøm").get_attribute("href")))
    assert feed.headers["content-type"].startswith("application/atom+xml")
    assert feed.text().count("<entry>") == 1
    page.get_by_label("Til og med").fill("2027-08-31")
    page.get_by_role("button", name="Vis plasser").click()
    expect(page.get_by_text("Ingen ledige plasser passer med valget.")).to_be_visible()
    page.context.close()
