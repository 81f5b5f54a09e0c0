"""A browser in front of a running service: Debian's Chromium, driven as a person would."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, Literal, get_args
from zlib import crc32

from playwright.sync_api import Browser, Page, expect, sync_playwright

from api.clock import utc_now
from api.shell.local_tokens import make_link
from data.sentences import LANGUAGES, Language
from models.database import Database, embedded_url
from tests.api.running import Running, Site, running
from tests.api.served import FINNMARK
from tests.databases import THOROUGH

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
WIDE, NARROW = 1280, 320
"""Widths in pixels: a screen, and the same screen at 400 %."""

AXE = Path(__file__).parents[2] / "api/pages/assets/node_modules/axe-core/axe.min.js"
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

OF_COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that colours decide alone."""

OF_OURS = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of a form that a page of ours has sent."""

Appearance = Literal["light", "dark"]
Look = tuple[Appearance, int]

EVERY_LOOK: tuple[Look, ...] = tuple(product(get_args(Appearance), (WIDE, NARROW)))
USUAL: Look = ("light", WIDE)
UNUSUAL: Look = ("dark", NARROW)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS])
        yield browser
        browser.close()


@dataclass
class Desk:
    """A running service, and people who look at it.

    Attributes
    ----------
    shots
        Where pictures go: the folder ROTATIONS_SHOTS; None = nobody looks.
    """

    service: Running
    browser: Browser
    shots: Path | None
    faults: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.service.url

    def open(
        self,
        *,
        width: int = WIDE,
        language: str = "nb",
        appearance: Appearance = "light",
        scripts: bool = True,
    ) -> Page:
        """Return a new window of somebody who is not signed in; its faults go to `faults`."""
        context = self.browser.new_context(
            base_url=self.url,
            viewport={"width": width, "height": 900},
            locale=language,
            color_scheme=appearance,
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._heard)
        return page

    def signed_in(
        self,
        role: str,
        organisation: str = FINNMARK,
        *,
        unit: str | None = None,
        municipality: str | None = None,
        candidate: str | None = None,
        **window: Any,
    ) -> Page:
        """Return a window of who has this one right, on the front page: that is quickly done."""
        page = self.open(**window)
        asked = {"role": role, "organisation": organisation, "unit": unit}
        named = {"municipality": municipality, "candidate": candidate}
        link = self.link(**asked, **named)
        answer = page.context.request.post(link, headers=OF_OURS, max_redirects=0)
        assert answer.status == 303, answer.text()
        page.goto("/")
        return page

    def signs_in(self, role: str, organisation: str) -> Page:
        """Return a window of who has followed a link and pressed its button."""
        page = self.open()
        page.goto(self.link(role=role, organisation=organisation))
        page.get_by_role("button", name="Logg inn").click()
        page.wait_for_url(f"{self.url}/")
        return page

    def link(self, **asked: str | None) -> str:
        """Make a link that signs somebody new in."""
        database = Database(embedded_url(self.service.site.data))
        try:
            return self.url + make_link(database, asked, utc_now())
        finally:
            database.close()

    def forgive(self, part: str) -> None:
        """Leave out of account what was expected: a page that is not there is told of as well."""
        self.faults[:] = [each for each in self.faults if part not in each]

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(message.text)


@contextmanager
def desk(browser: Browser, folder: Path, *words: str, **settings: str) -> Iterator[Desk]:
    """Serve a folder with `rotations serve`, these options and settings, and look at it."""
    wanted = os.environ.get("ROTATIONS_SHOTS")
    shots = Path(wanted) if wanted else None
    if shots is not None:
        shots.mkdir(parents=True, exist_ok=True)
    environment = {f"ROTATIONS_{name.upper()}": value for name, value in settings.items()}
    with running(Site(folder, environment), *words) as service:
        yield Desk(service, browser, shots)


def violations(page: Page, rules: Sequence[str] = LEVELS) -> list[str]:
    """Return what axe-core finds wrong with a page as it stands: rule, and where."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """async rules => {
            const options = { runOnly: rules, resultTypes: ["violations"] };
            const { violations } = await axe.run(document, options);
            return violations.flatMap(each => each.nodes.map(
                node => `${each.id}: ${node.target.join(" ")}: ${node.any.map(x => x.message)}`));
        }""",
        list(rules),
    )
    return [str(each) for each in found]


def standing(page: Page) -> str:
    """Return what is on a page, and where each part of it stands."""
    return str(
        page.evaluate(
            """() => document.body.outerHTML + Array.from(document.querySelectorAll("*"), each => {
                const { x, y, width, height } = each.getBoundingClientRect();
                return [x, y, width, height].map(Math.round).join();
            }).join(" ")"""
        )
    )


def overflows(page: Page) -> int:
    """Return by how many pixels a page is wider than its window."""
    asked = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(asked))


def dress(page: Page, *, width: int, language: str, appearance: Appearance) -> None:
    """Show what comes next at another width, in another language and in light or dark."""
    page.set_viewport_size({"width": width, "height": 900})
    url = page.url.split("/", 3)
    page.context.add_cookies(
        [{"name": "language", "value": language, "url": f"{url[0]}//{url[2]}"}]
    )
    page.emulate_media(color_scheme=appearance)


def only_row(page: Page, button: str, *said: str) -> None:
    """Press the button of a search, which is to leave one row that says this."""
    page.get_by_role("button", name=button).click()
    row = page.locator("tbody tr")
    expect(row).to_have_count(1)
    for each in said:
        expect(row).to_contain_text(each)


def shoot(desk_: Desk, page: Page, name: str) -> None:
    """Take a picture of a whole page, where somebody wants to look at it."""
    if desk_.shots is not None:
        page.screenshot(path=desk_.shots / f"{name}.png", full_page=True)


def looks(desk: Desk, page: Page, name: str) -> None:
    """Look at a page in every language, and leave it in bokmål on a light screen.

    Where nobody has asked for thorough runs it is bokmål and one of the others, by the page's name:
    all pages together are looked at in all of them.
    """
    others = [each for each in LANGUAGES if each != "nb"]
    other = others[crc32(name.encode()) % len(others)]
    for language in (*(others if THOROUGH else (other,)), "nb"):
        dress(page, width=WIDE, language=language, appearance="light")
        page.reload()
        look(desk, page, f"{name}-{language}", language)


def looks_again(desk: Desk, page: Page, name: str) -> None:
    """Look in the middle of a story at a page that is looked at in other languages elsewhere.

    That is in `test_every_page`. Where somebody has asked for it, all languages are tried here too.
    """
    if THOROUGH:
        looks(desk, page, name)
    else:
        look(desk, page, f"{name}-nb", "nb")


def look(desk: Desk, page: Page, name: str, language: Language) -> None:
    """Look at a page as it stands, in a language, light and dark, on a screen and at 400 %.

    Where nobody has asked for thorough runs, bokmål is looked at in the light on a screen, any
    other language in the dark at 400 %.
    """
    usual, width = USUAL if language == "nb" else UNUSUAL
    for size in (WIDE, NARROW) if THOROUGH else (width,):
        dress(page, width=size, language=language, appearance=usual)
        shoot(desk, page, f"{name}-{usual}-{size}")
        assert violations(page) == [], (name, usual, size)
        if THOROUGH:
            other_way(desk, page, name, language, size)
    dress(page, width=NARROW, language=language, appearance="light")
    assert overflows(page) <= 0, name
    dress(page, width=WIDE, language=language, appearance="light")


def other_way(desk: Desk, page: Page, name: str, language: Language, width: int) -> None:
    """Look at what has been looked at in one appearance in the other.

    Where everything is the same and stands where it stood, only colours can be wrong.
    """
    before = standing(page)
    other: Appearance = "light" if language != "nb" else "dark"
    dress(page, width=width, language=language, appearance=other)
    shoot(desk, page, f"{name}-{other}-{width}")
    rules = OF_COLOURS if standing(page) == before else LEVELS
    assert violations(page, rules) == [], (name, other, width)
