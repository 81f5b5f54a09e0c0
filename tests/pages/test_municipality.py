"""A coordinator's stories in a browser: ranking, handing in, a workbook, the result."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from data.sentences import LANGUAGES
from tests.pages.browsing import (
    NARROW,
    WIDE,
    Desk,
    dress,
    look,
    looks_again,
    overflows,
    shoot,
    violations,
)
from tests.pages.parties import Party, published
from tests.pages.ranking import cards, drag
from tests.pages.workbooks import filled, upload

ALTA = "5601"
NAMES = ("Ane Prøve", "Bjørn Utkast", "Cecilie Mal", "Dag Eksempel", "Elle Skisse")
WISH = {"target": "hammerfest-medisin", "earliest": "2027-08-01", "latest": "2027-12-01"}


@pytest.fixture
def alta(finnmark: Desk) -> Party:
    return Party(finnmark, "coordinator", municipality=ALTA)


@pytest.fixture
def round_(alta: Party) -> str:
    return str(alta.get("/rounds")["items"][0]["id"])


@pytest.fixture
def five(alta: Party, round_: str) -> list[str]:
    """Hand in a list of five, ranked as nobody wants it; return their ids, best first."""
    ids = [f"{ALTA}-c{number}" for number in range(1, 6)]
    [supervisor] = alta.get(f"/supervisors?municipality={ALTA}")["items"]
    candidates = [
        {
            "id": id_,
            "name": name,
            "supervisor": supervisor["id"] if id_ in ids[: supervisor["capacity"]] else None,
            "in_individual_plan": True,
            "lis1_completed_on": "2024-08-31",
            "wishes": [WISH],
        }
        for id_, name in zip(ids, NAMES, strict=True)
    ]
    list_ = {"candidates": candidates, "default_order": ids[::-1]}
    alta.put(f"/rounds/{round_}/municipalities/{ALTA}/requests", list_)
    return ids


@pytest.fixture
def page(finnmark: Desk) -> Iterator[Page]:
    opened = finnmark.signed_in("coordinator", municipality=ALTA)
    yield opened
    opened.context.close()


def order(alta: Party, round_: str) -> list[str]:
    held = alta.get(f"/rounds/{round_}/municipalities/{ALTA}/requests")["default_order"]
    return [str(each) for each in held]


def named(page: Page, name: str) -> Locator:
    return cards(page).filter(has_text=name)


def counted(page: Page) -> list[str]:
    """Return what will hold everything that a hand does at a page, each press, drag and key."""
    done: list[str] = []

    def told(kind: str) -> None:
        done.append(kind)

    page.expose_function("tellAction", told)
    page.add_init_script(
        """for (const kind of ["pointerup", "keydown"])
            addEventListener(kind, event => event.isTrusted && tellAction(kind), true);"""
    )
    return done


def test_from_signing_in_to_the_receipt_in_twelve_actions(
    finnmark: Desk, alta: Party, round_: str, five: list[str]
) -> None:
    """Nobody has trained her: she follows the one button on each page, and ranks five anew."""
    page = finnmark.open()
    done = counted(page)
    link = finnmark.link(role="coordinator", organisation="983974880", municipality=ALTA)
    page.goto(link)
    page.get_by_role("button", name="Logg inn").click()
    page.get_by_role("link", name="Kommunen").click()
    page.get_by_role("link", name="Ranger og lever listen").click()
    expect(cards(page)).to_have_count(5)
    best_first = [*NAMES]
    for name in reversed(best_first[1:]):
        drag(page, named(page, name), named(page, best_first[0]))
    expect(page.locator("[data-said]")).to_contain_text("er nå nummer")
    page.get_by_role("button", name="Se over før levering").click()
    page.get_by_role("button", name="Lever listen").click()
    expect(page.get_by_role("heading", name="Kvittering for liste nr.")).to_be_visible()
    opened, drags = 1, len(best_first) - 1
    assert opened + drags < opened + len(done) <= 12, done
    assert order(alta, round_) == five
    expect(page.get_by_role("main")).to_contain_text("sha256:")
    page.context.close()


def test_the_keyboard_ranks(page: Page, alta: Party, round_: str, five: list[str]) -> None:
    page.goto(f"/rounds/{round_}/lists/{ALTA}")
    handle = page.get_by_role("button", name="Flytt Ane Prøve: dra, eller bruk piltastene")
    handle.focus()
    page.keyboard.press("Home")
    expect(handle).to_be_focused()
    expect(page.locator("[data-said]")).to_have_text("Ane Prøve er nå nummer 1 av 5.")
    page.keyboard.press("ArrowDown")
    up = page.get_by_role("button", name="Flytt Cecilie Mal opp")
    up.focus()
    page.keyboard.press("Enter")
    expect(up).to_be_focused()
    expect(cards(page).nth(1).locator("[data-rank]").first).to_have_text("2")
    page.get_by_role("button", name="Se over før levering").last.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Lever listen").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Kvittering")).to_be_visible()
    a, b, c, d, e = five
    assert order(alta, round_) == [e, a, c, d, b]


def test_everything_can_be_sent_without_scripts(
    finnmark: Desk, alta: Party, round_: str, five: list[str]
) -> None:
    page = finnmark.signed_in("coordinator", municipality=ALTA, scripts=False)
    page.goto(f"/rounds/{round_}/lists/{ALTA}")
    page.get_by_role("button", name="Flytt Ane Prøve opp").click()
    expect(cards(page).nth(3)).to_contain_text("Ane Prøve")
    page.get_by_role("button", name="Legg til kandidat").click()
    card = cards(page).last
    card.get_by_label("Navn").fill("Frøydis Ny")
    card.get_by_role("checkbox", name="Står i individuell plan").check()
    card.get_by_role("button", name="Legg til ønske").click()
    card.get_by_label("Sted eller avdeling").fill("hammerfest: avdeling for medisin")
    card.get_by_label("Start tidligst").fill("2027-09-01")
    page.get_by_role("button", name="Se over før levering").last.click()
    expect(page.get_by_role("alert")).to_contain_text("Dette må fylles ut.")
    page.get_by_role("alert").get_by_role("link").click()
    latest = card.get_by_label("Start senest")
    assert latest.get_attribute("aria-invalid") == "true"
    expect(card.get_by_label("Navn")).to_have_value("Frøydis Ny")
    latest.fill("2027-12-01")
    page.get_by_role("button", name="Se over før levering").last.click()
    expect(page.get_by_role("main")).to_contain_text("Hammerfest: Avdeling for medisin")
    page.get_by_role("button", name="Lever listen").click()
    expect(page.get_by_role("heading", name="Kvittering")).to_be_visible()
    a, b, c, d, e = five
    assert order(alta, round_) == [e, d, c, a, b, f"{ALTA}-c6"]
    page.context.close()
    finnmark.forgive("422")


def test_what_was_typed_is_there_when_somebody_was_faster(
    finnmark: Desk, page: Page, alta: Party, round_: str, five: list[str]
) -> None:
    page.goto(f"/rounds/{round_}/lists/{ALTA}")
    page.get_by_role("button", name="Flytt Ane Prøve opp").click()
    page.get_by_role("button", name="Se over før levering").last.click()
    path = f"/rounds/{round_}/municipalities/{ALTA}/requests"
    held = alta.get(path)
    alta.put(path, held | {"candidates": held["candidates"][:1], "default_order": None})
    page.get_by_role("button", name="Lever listen").click()
    expect(page.get_by_role("alert")).to_contain_text("Noen har levert en ny liste")
    expect(cards(page)).to_have_count(5)
    page.get_by_role("button", name="Se over før levering").last.click()
    page.get_by_role("button", name="Lever listen").click()
    expect(page.get_by_role("heading", name="Kvittering")).to_be_visible()
    a, b, c, d, e = five
    assert order(alta, round_) == [e, d, c, a, b]
    finnmark.forgive("412")


def test_a_workbook_shows_its_faults_at_their_cells(
    finnmark: Desk, page: Page, alta: Party, round_: str, five: list[str]
) -> None:
    page.goto(f"/rounds/{round_}/lists/{ALTA}")
    content = filled(page, {"Kandidater!A3": 87, "Kandidater!G2": "to år", "Ønsker!D2": "i høst"})
    upload(page, content)
    expect(page.get_by_role("alert")).to_contain_text("Arbeidsboken har feil")
    sheet = page.get_by_role("region", name="Arket Kandidater")
    row = sheet.get_by_role("row").filter(has=page.get_by_role("rowheader", name="2", exact=True))
    wrong = row.locator(".wrong")
    expect(wrong).to_have_count(1)
    expect(wrong).to_contain_text("to år")
    expect(wrong).to_contain_text("Dette må være et helt tall")
    assert sheet.locator("thead th").nth(7).inner_text() == "Måneder i allmennpraksis"
    expect(page.get_by_role("region", name="Arket Ønsker").locator(".wrong")).to_have_count(1)
    look(finnmark, page, "upload", "nb")
    page.goto(f"/rounds/{round_}/lists/{ALTA}")
    upload(page, filled(page, {f"Kandidater!A{n}": 7 - n for n in range(2, 7)}))
    expect(page.get_by_role("status")).to_contain_text("Arbeidsboken er lest")
    expect(cards(page).first).to_contain_text("Ane Prøve")
    assert order(alta, round_) == five[::-1], "nothing has been handed in yet"
    finnmark.forgive("422")


def test_everybody_can_use_what_is_not_handed_in_yet(
    finnmark: Desk, page: Page, round_: str, five: list[str]
) -> None:
    for language in LANGUAGES:
        dress(page, width=WIDE, language=language, appearance="light")
        page.goto(f"/rounds/{round_}/lists/{ALTA}")
        cards(page).first.locator("summary").first.click()
        look(finnmark, page, f"list-open-{language}", language)
        page.locator("button[value=check]").last.click()
        page.wait_for_selector("input[name=draft]", state="attached")
        look(finnmark, page, f"review-{language}", language)


def test_the_result_is_told_with_reasons_and_offers_are_answered(
    finnmark: Desk, page: Page, alta: Party, round_: str, five: list[str]
) -> None:
    result = f"/rounds/{round_}/results/{ALTA}"
    page.goto(result)
    expect(page.get_by_role("main")).to_contain_text("Ingen plan er kunngjort ennå.")
    published(finnmark, round_)
    page.reload()
    outcomes = page.locator("article.outcome")
    expect(outcomes).to_have_count(5)
    placed = outcomes.filter(has_text="Tilbudet venter på svar")
    unplaced = outcomes.filter(has_text="Ingen plass")
    assert placed.count() >= 1
    assert placed.count() + unplaced.count() == 5
    expect(unplaced.first).to_contain_text("Ønske 1:")
    looks_again(finnmark, page, "result")
    placed.first.get_by_text("Ta imot plassen").click()
    placed.first.get_by_role("button", name="Ja, ta imot").click()
    expect(page.get_by_role("status")).to_have_text("Tilbudet er akseptert.")
    taken = page.get_by_role("article").filter(has_text="Tilbudet er akseptert").first
    expect(taken).to_be_visible()
    offers = alta.get(f"/offers?round={round_}&state=accepted")["items"]
    assert len(offers) == 1
    page.get_by_role("link", name="Kommunen").click()
    cover = page.get_by_role("region", name="Hvem er borte når")
    expect(cover.locator(".on").first).to_be_attached()
    shoot(finnmark, page, "cover")
    dress(page, width=NARROW, language="nb", appearance="dark")
    assert violations(page) == []
    assert overflows(page) <= 0
