"""The frame of every page, and those that are nobody's in particular, as people see them."""

from __future__ import annotations

from playwright.sync_api import expect

from api.pages.figures import Series, bars, lines, stacked
from api.pages.rendering import environment, text
from data.sentences import LANGUAGES, review_notice
from tests.pages.browsing import (
    EVERY_LOOK,
    WIDE,
    Desk,
    dress,
    look,
    overflows,
    shoot,
    violations,
)

MONTHS = ("aug.", "sep.", "okt.", "nov.", "des.", "jan.", "feb.", "mars", "apr.", "mai", "juni")

SHOWN = """
{% from "macros/forms.html" import input, textarea, select, checkbox, radios, summary %}
{% from "macros/figures.html" import figure %}
{% from "macros/rounds.html" import state_tag %}
<h1 class="ds-heading" data-size="lg">Alt på én side</h1>
{{ summary(t, faults, places=["/name", "/kind"]) }}
<p>
  {% for state in ("draft", "open", "locked", "closed") %}{{ state_tag(t, state) }} {% endfor %}
</p>
<form method="post" action="/">
  {{ input("/name", "Navn", value="Ána <b>", faults=faults, hint="Slik det står i listen.") }}
  {{ textarea("/reason", "Grunn", faults=faults) }}
  {{ select("/kind", "Slag", [("a", "Det ene"), ("b", "Det andre")], value="b", faults=faults) }}
  {{ checkbox("/sure", "Jeg er sikker", hint="Kan ikke gjøres om.") }}
  {{ radios("/way", "Vei", [("x", "Den ene"), ("y", "Den andre")], value="y", faults=faults) }}
  <div class="buttons">
    <button class="ds-button" type="submit">Send</button>
    <button class="ds-button" data-variant="secondary" type="button">Avbryt</button>
  </div>
</form>
{% for drawing in drawings %}{{ figure(t, drawing) }}{% endfor %}
"""


def test_a_page_is_in_its_readers_language(finnmark: Desk) -> None:
    """Also the one that says that nothing is there."""
    page = finnmark.signed_in("planner")
    for language in LANGUAGES:
        dress(page, width=WIDE, language=language, appearance="light")
        page.goto("/nowhere")
        assert page.locator("html").get_attribute("lang") == language
        shown = page.locator(".review").count()
        assert shown == bool(review_notice(language)), "a machine's texts say so"
        look(finnmark, page, f"nowhere-{language}", language)
    page.context.close()
    finnmark.forgive("404")


def test_forms_and_figures_are_for_everybody(finnmark: Desk) -> None:
    """Every macro at once, with a fault at its field."""
    fault = {"place": "/name", "code": "x", "sentence": "Navnet er for langt, høyst 80 tegn."}
    drawings = [
        bars("supply", "Plasser og kandidater", "Flest i august.", "Måned", MONTHS, SUPPLY),
        lines("wait", "Ventetid", "Faller gjennom året.", "Måned", MONTHS, SUPPLY),
        stacked("wishes", "Ønsker", "De fleste fikk det første.", "Kommune", TOWNS, WISHES),
    ]
    content = environment().from_string(SHOWN)
    html = content.render(t=lambda key: text("nb", key), faults=[fault], drawings=drawings)
    page = finnmark.signed_in("planner")
    page.goto("/accessibility")
    page.evaluate("html => { document.querySelector('main').innerHTML = html }", html)
    for appearance, width in EVERY_LOOK:
        dress(page, width=width, language="nb", appearance=appearance)
        shoot(finnmark, page, f"parts-{appearance}-{width}")
        assert violations(page) == []
        assert overflows(page) <= 0
    page.get_by_role("link", name="Navnet er for langt").click()
    field = page.get_by_label("Navn")
    expect(field).to_be_focused()
    expect(field).to_have_value("Ána <b>")
    assert field.get_attribute("aria-invalid") == "true"
    expect(page.get_by_role("img", name="Plasser og kandidater")).to_be_visible()
    page.locator("summary").first.click()
    row = page.get_by_role("row", name="des.").first
    assert row.get_by_role("cell").all_inner_texts() == ["7", "–"]
    page.context.close()


SUPPLY = (
    Series("Plasser", (12, 14, 9, 8, 7, 7, 10, 11, 12, 6, 3)),
    Series("Kandidater", (10, 13, 11, 8, None, 6, 10, 12, 9, 7, 0)),
)
TOWNS = ("Alta", "Guovdageaidnu – Kautokeino kommune", "Vadsø")
WISHES = tuple(
    Series(f"{number}. ønske", values)
    for number, values in enumerate(((4, 1, 2), (2, 0, 1), (1, 1, 0), (0, 2, 1), (1, 0, 0)), 1)
)


def test_the_keyboard_comes_first(finnmark: Desk) -> None:
    page = finnmark.signed_in("planner")
    page.goto("/rounds")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Hopp til innholdet")
    expect(skip).to_be_focused()
    expect(skip).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("region", name="Runder")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Finnmark, vinteren 2027")).to_be_focused()
    page.context.close()


def test_everything_is_there_without_scripts(finnmark: Desk) -> None:
    page = finnmark.signed_in("coordinator", municipality="5601", scripts=False)
    expect(page.get_by_text("Koordinator, Alta")).to_be_visible()
    expect(page.get_by_role("heading", name="Koordinator")).to_be_visible()
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="What you can do here")).to_be_visible()
    page.get_by_role("link", name="Rounds", exact=True).click()
    expect(page.get_by_role("rowheader", name="Finnmark, vinteren 2027")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Deadline for lists")).to_be_visible()
    page.get_by_role("link", name="Dark", exact=True).click()
    assert page.locator("html").get_attribute("data-color-scheme") == "dark"
    page.goto("/")
    assert page.locator("html").get_attribute("data-color-scheme") == "dark"
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You have signed out.")).to_be_visible()
    page.goto("/rounds")
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    page.context.close()


def test_a_page_is_light_and_fetches_nothing_from_elsewhere(finnmark: Desk) -> None:
    page = finnmark.signed_in("planner")
    cdp = page.context.new_cdp_session(page)
    cdp.send("Network.enable")
    cdp.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[int] = []
    asked: list[str] = []
    cdp.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/rounds", wait_until="networkidle")
    assert len(asked) >= 5
    assert all(address.startswith(finnmark.url) for address in asked)
    assert 10_000 < sum(sizes) < 100_000
    assert page.evaluate("() => htmx.config.includeIndicatorCSS") is False
    page.context.close()


def test_a_part_of_a_page_never_becomes_another_page(finnmark: Desk) -> None:
    """A script may ask for parts only where that leads on as a whole."""
    page = finnmark.signed_in("planner")
    page.goto("/rounds")
    page.evaluate(
        """() => {
            const made = '<button hx-post="/sign-out" hx-target="#main">Ut</button>';
            document.querySelector("main").innerHTML = made;
            htmx.process(document.querySelector("main"));
        }"""
    )
    page.get_by_role("button", name="Ut", exact=True).click()
    expect(page.get_by_text("Du er logget ut.")).to_be_visible()
    assert page.url == f"{finnmark.url}/sign-in?done=signed-out"
    page.context.close()
