"""The report: one safe, accessible page that names nobody and leaves nothing out."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise

import pytest

from data.exports.report import accounts, report
from data.sentences import LANGUAGES, Language, sentence, written_count
from data.wording import Wording
from scheduler.plans import Account, Plan, Reason, Status
from scheduler.rounds import Round
from tests.data.made_up_plans import (
    DECIDED,
    ENGINE,
    POLICY,
    REASONS,
    large_plan,
    large_round,
    small_plan,
    small_round,
)

VOID = {"meta", "link", "br", "hr", "img", "input", "wbr"}


@dataclass
class Element:
    name: str
    attributes: dict[str, str]
    parent: Element | None = None
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, name: str = "") -> list[Element]:
        found = [self] if name in {"", self.name} else []
        return found + [e for child in self.children for e in child.all(name)]

    def words(self) -> str:
        return self.text + "".join(child.words() for child in self.children)


class Page(HTMLParser):
    """Reads a page and insists that every element is closed by its own end."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.root = self.open = Element("#page", {})
        self.feed(html)
        self.close()
        assert self.open is self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"attribute twice on {tag}"
        element = Element(tag, {name: value or "" for name, value in attrs}, self.open)
        self.open.children.append(element)
        if tag not in VOID:
            self.open = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.name == tag, f"</{tag}> closes <{self.open.name}>"
        assert self.open.parent is not None
        self.open = self.open.parent

    def handle_data(self, data: str) -> None:
        self.open.text += data


@pytest.fixture(scope="module", params=["small-nb", "small-en", "large", "empty"])
def html(request: pytest.FixtureRequest) -> str:
    if request.param == "large":
        round_ = large_round()
        return report(round_, large_plan(round_))
    if request.param == "empty":
        return report(*empty())
    return report(small_round(), small_plan(), "en" if request.param.endswith("en") else "nb")


@pytest.fixture(scope="module")
def page(html: str) -> Element:
    return Page(html).root


def empty() -> tuple[Round, Plan]:
    round_ = Round(id="empty", decision_date=DECIDED, policy=POLICY)
    plan = replace(
        small_plan(), round_hash=round_.hash, placements=(), unplaced=(), passed_over=(), tiers=()
    )
    return round_, plan


def test_the_page_stands_alone(html: str, page: Element) -> None:
    assert "://" not in html
    assert "url(" not in html.replace("url(#hatch)", "")
    assert "@import" not in html
    for element in page.all():
        assert element.name not in {"script", "link", "iframe", "object", "embed", "img", "form"}
        for name, value in element.attributes.items():
            assert not name.startswith("on")
            assert name not in {"src", "srcset", "action", "xlink:href", "style"}
            assert name != "href" or value.startswith("#")


def test_the_page_forbids_itself_the_network(page: Element) -> None:
    policies = [m for m in page.all("meta") if "http-equiv" in m.attributes]
    assert [p.attributes["http-equiv"] for p in policies] == ["Content-Security-Policy"]
    assert policies[0].attributes["content"].startswith("default-src 'none';")


def test_every_id_is_there_once_and_every_reference_is_met(page: Element) -> None:
    ids = Counter(e.attributes["id"] for e in page.all() if "id" in e.attributes)
    assert max(ids.values()) == 1
    for element in page.all():
        for name in ("aria-labelledby", "aria-describedby"):
            for target in element.attributes.get(name, "").split():
                assert target in ids
        if element.attributes.get("href", "#") != "#":
            assert element.attributes["href"][1:] in ids


def test_headings_stand_in_order(page: Element) -> None:
    levels = [int(e.name[1]) for e in page.all() if re.fullmatch("h[1-6]", e.name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_landmarks_are_there_once(page: Element) -> None:
    for name in ("header", "nav", "main", "footer"):
        assert len(page.all(name)) == 1
    skip = page.all("a")[0]
    assert skip.attributes["href"] == "#" + page.all("main")[0].attributes["id"]


def test_tables_have_captions_and_scopes(page: Element) -> None:
    for table in page.all("table"):
        assert table.all("caption")[0].words().strip()
        assert {th.attributes.get("scope") for th in table.all("th")} <= {"col", "row"}
        assert len({len(row.all("td")) + len(row.all("th")) for row in table.all("tr")}) == 1


def test_drawings_are_named_or_hidden(page: Element) -> None:
    for svg in page.all("svg"):
        hidden = [e for e in _line(svg) if e.attributes.get("aria-hidden") == "true"]
        if not hidden:
            assert svg.attributes["role"] == "img"
            title, desc = svg.attributes["aria-labelledby"].split()
            named = {e.attributes["id"]: e.words() for e in svg.all() if "id" in e.attributes}
            assert named[title].strip()
            assert named[desc].strip()


def test_what_scrolls_can_be_reached_by_keyboard_and_has_a_name(page: Element) -> None:
    for element in page.all():
        if "scroll" in element.attributes.get("class", "").split():
            assert element.attributes["tabindex"] == "0"
            assert element.attributes["role"] == "region"
            assert element.attributes["aria-label"]


def test_no_bar_stands_outside_its_drawing(page: Element) -> None:
    for svg in page.all("svg"):
        if "viewbox" not in svg.attributes or "preserveaspectratio" in svg.attributes:
            continue
        _, _, width, height = map(float, svg.attributes["viewbox"].split())
        for rect in svg.all("rect"):
            box = {name: float(rect.attributes.get(name, 0)) for name in ("x", "y")}
            assert box["x"] >= 0
            assert box["y"] >= 0
            assert box["x"] + float(rect.attributes["width"]) <= width + 0.01
            assert box["y"] + float(rect.attributes["height"]) <= height + 0.01


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_is_declared_and_spoken(language: Language) -> None:
    html = report(small_round(), small_plan(), language)
    assert f'<html lang="{language}">' in html
    assert sentence(language, "report.section-unplaced") in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_rules_set_aside_are_counted_where_they_are_known(language: Language) -> None:
    def told(overrides: dict[str, int] | None) -> Page:
        return Page(report(small_round(), small_plan(), language, overrides))

    [section] = [e for e in told({"late-list": 1234}).root.all("section") if _is_of(e)]
    [kind] = [e.words() for e in section.all("th") if e.attributes.get("scope") == "row"]
    assert kind == sentence(language, "overrides.late-list")
    assert [e.words() for e in section.all("td")] == [written_count(language, 1234)]
    [section] = [e for e in told({}).root.all("section") if _is_of(e)]
    assert sentence(language, "report.overrides-none") in section.words()
    unknown = told(None).root
    assert not any(map(_is_of, unknown.all("section")))
    assert "#overrides" not in [e.attributes.get("href") for e in unknown.all("a")]


def _is_of(section: Element) -> bool:
    return section.attributes["aria-labelledby"] == "overrides"


def test_bokmal_is_the_default() -> None:
    assert report(small_round(), small_plan()) == report(small_round(), small_plan(), "nb")


def test_the_same_plan_gives_the_same_page() -> None:
    assert report(small_round(), small_plan()) == report(small_round(), small_plan())


def test_names_of_candidates_never_reach_the_page() -> None:
    html = report(small_round(), small_plan())
    names = {part for c in small_round().candidates for part in (c.name or "").split()}
    assert names
    assert not {name for name in names if name in html}


def test_every_candidate_and_every_placement_is_on_the_page() -> None:
    root = Page(report(small_round(), small_plan())).root
    bars = [e for e in root.all("g") if e.attributes.get("class", "").startswith("bar ")]
    told = [title.words() for bar in bars for title in bar.all("title")]
    assert sorted(t.split(" ")[0] for t in told) == sorted(
        p.candidate for p in small_plan().placements
    )
    accounts_ = [h.words().split()[0] for a in root.all("article") for h in a.all("h3")]
    assert accounts_ == ["c10", "c11", "c12", "c4", "c5", "c7"]


def test_the_table_behind_the_timeline_has_the_same_facts() -> None:
    root = Page(report(small_round(), small_plan())).root
    table = next(t for t in root.all("table") if "hvert vindu" in t.all("caption")[0].words())
    rows = [[cell.words() for cell in r.children] for r in table.all("tbody")[0].all("tr")]
    titles = [t.words() for g in root.all("g") for t in g.all("title") if g.children[0] is t]
    assert len(rows) == len(titles)
    assert rows[0][:6] == ["DPS Vest-Finnmark", "alta", "w8", "c5, 3. ønske", "1", "1. sep. 2027"]
    assert rows[0][6] == "29. feb. 2028"
    assert ["Ortopedi og kirurgi", "kirkenes", "w6", "ledig", "2"] in [row[:5] for row in rows]


def test_key_figures_are_counted_rightly() -> None:
    root = Page(report(small_round(), small_plan())).root
    cards = [e for e in root.all("div") if e.attributes.get("class", "").startswith("card")]
    figures = {c.all("dt")[0].words(): c.all("dd")[0].words() for c in cards}
    assert figures == {
        "Fikk plass": "8",
        "Uten plass": "3",
        "Fikk sitt første ønske": "63\xa0%",
        "Kritiske frister nådd": "1 av 2",
        "Tilbud som står": "1 av 1",
        "Status": "Beste plan funnet",
    }


def test_hashes_and_versions_are_given_for_checking() -> None:
    html = report(small_round(), small_plan())
    assert small_plan().hash in html
    assert small_round().hash in html
    assert "rotations verify" in html
    assert ENGINE.ortools in html


def test_every_reason_of_the_plan_is_told() -> None:
    told = " ".join(Page(report(small_round(), small_plan(), "nb")).root.words().split())
    words = Wording(small_round(), "nb")
    for reason in REASONS:
        assert words.reason(reason) in told


def test_an_unverified_plan_says_so_first() -> None:
    warning = sentence("nb", "report.proposal-unverified")
    assert warning not in report(small_round(), small_plan(verified=True))
    html = report(small_round(), small_plan(verified=False))
    assert html.index(warning) < html.index("<main")
    assert sentence("nb", "report.verified-no") in html


def test_a_proven_plan_and_a_stopped_one_read_differently() -> None:
    stopped = report(small_round(), small_plan(Status.FEASIBLE))
    proven = report(small_round(), small_plan(Status.OPTIMAL))
    told = sentence("nb", "report.status-told-optimal")
    assert told in proven
    assert told not in stopped


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "</title>"]
)
def test_text_from_files_is_harmless(text: str) -> None:
    round_ = small_round()
    round_ = round_.replace(
        name=text,
        units=tuple(replace(u, name=text) for u in round_.units),
        municipalities=tuple(replace(m, name=text) for m in round_.municipalities),
        policy=replace(round_.policy, name=text),
    )
    html = report(round_, small_plan())
    root = Page(html).root
    assert not root.all("script")
    assert not root.all("img")
    assert text in root.all("h1")[0].words()


def test_ids_from_files_are_harmless() -> None:
    nasty = '"><script>'
    round_ = small_round()
    first = replace(round_.candidates[0], id=nasty)
    order = [
        replace(p, order=tuple(nasty if c == "c1" else c for c in p.order))
        for p in round_.priorities
    ]
    round_ = round_.replace(candidates=(first, *round_.candidates[1:]), priorities=tuple(order))
    plan = small_plan()
    placed = tuple(
        replace(p, candidate=nasty) if p.candidate == "c1" else p for p in plan.placements
    )
    root = Page(report(round_, replace(plan, placements=placed))).root
    assert not root.all("script")
    assert f"{nasty}, 1. ønske" in root.words()


def test_sami_letters_and_long_names_come_through() -> None:
    name = "Kárášjoga ja Guovdageainnu dearvvašvuođaguovddáš čđŋšŧž ÁČĐŊŠŦŽ " * 4
    round_ = small_round()
    round_ = round_.replace(units=tuple(replace(u, name=name) for u in round_.units))
    html = report(round_, small_plan())
    assert html.encode().decode() == html
    assert name.strip() in html


def test_windows_told_the_same_are_put_together() -> None:
    words = Wording(small_round(), "nb")
    figures = {"rule": "POSITIONS", "colleagues": [], "others": 2}
    reasons = tuple(
        Reason("HELD", 3, figures | {"window": w.id, "unit": w.unit})
        for w in small_round().windows[:3]
    )
    wish = accounts(words, [Account("c10", reasons)], {})[0].wishes[0]
    assert len(wish.places) == 1
    assert wish.places[0].place.count("vindu") == 3
    assert len(wish.places[0].reasons) == 1


def test_who_has_no_reasons_is_listed_all_the_same() -> None:
    plan = replace(small_plan(), unplaced=(Account("c12", ()),))
    assert sentence("nb", "report.account-no-reasons") in report(small_round(), plan)


def test_a_large_plan_keeps_every_placement_and_folds_its_accounts() -> None:
    round_ = large_round()
    root = Page(report(round_, large_plan(round_))).root
    bars = [e for e in root.all("g") if e.attributes.get("class", "").startswith("bar ")]
    assert sum(bool(bar.all("title")) for bar in bars) == 300
    assert len(root.all("article")) == 60
    assert all(article.all("details") for article in root.all("article"))


@pytest.mark.parametrize("year", [1, 1900, 9998])
def test_far_away_days_do_not_break_the_page(year: int) -> None:
    round_, plan = small_round(), small_plan()
    far = tuple(
        replace(p, start=date(year, 3, 1), end=date(year + 1, 9, 1)) if p.candidate == "c8" else p
        for p in plan.placements
    )
    root = Page(report(round_, replace(plan, placements=far))).root
    assert sentence("nb", "report.bar-accepted") in root.words()
    assert max(float(svg.attributes.get("width", 0)) for svg in root.all("svg")) < 4000


PAIRS = (
    ("ink", "paper", 4.5),
    ("ink", "ground", 4.5),
    ("muted", "paper", 4.5),
    ("muted", "ground", 4.5),
    ("accent", "paper", 4.5),
    ("ink", "accent-soft", 4.5),
    ("ink", "warn-soft", 4.5),
    ("warn", "warn-soft", 4.5),
    ("good", "good-soft", 4.5),
    ("on-class1", "class1", 4.5),
    ("on-class2", "class2", 4.5),
    ("on-class3", "class3", 4.5),
    ("on-accepted", "accepted", 4.5),
    ("ink", "free", 4.5),
    ("edge", "paper", 3),
    ("class1", "paper", 3),
    ("class1", "free", 3),
    ("accepted-edge", "paper", 3),
    ("demand", "paper", 3),
    ("demand", "free", 3),
    ("warn", "free", 3),
    ("accent", "ground", 3),
)


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_colours_contrast_as_wcag_asks(scheme: str, front: str, back: str, least: float) -> None:
    css = (files("data.exports") / "templates" / "report.css").read_text(encoding="utf-8")
    blocks = [
        dict(re.findall(r"--([\w-]+): (#\w{6})", b)) for b in re.findall(r":root \{[^}]*", css)
    ]
    colours = dict(zip(("light", "dark", "print"), blocks, strict=True))[scheme]
    light, dark = sorted((_luminance(colours[name]) for name in (front, back)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= least


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _line(element: Element) -> list[Element]:
    return [element, *(_line(element.parent) if element.parent else [])]
