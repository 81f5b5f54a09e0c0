"""Causes and remedies in words: every code has some, and every figure stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from data.explaining import Explaining
from data.files import load_round
from data.sentences import LANGUAGES, Language, catalogue, written_date
from data.wording import Wording
from scheduler import causes, remedies
from scheduler.changes import KINDS
from scheduler.explain import explanations
from scheduler.explained import WishExplained
from scheduler.planner import plan_round
from scheduler.plans import Reason
from scheduler.rounds import Round

SAMPLE = Path(str(files("data"))) / "samples" / "finnmark" / "round.json"
WHO = "5605-c2"
AT = {
    "window": "kirkenes-kirurgi-1",
    "unit": "kirkenes-kirurgi-ortopedi-fode-gyn",
    "start": "2027-09-01",
}
LOST = {"tier": "rank", "level": 1, "value": 8, "forced": 7}

CAUSES = [
    Reason("FULL", 1, {"rule": "POSITIONS", "subject": "w-1", "holders": ["5605-c1"]}),
    Reason(
        "FULL",
        1,
        {"rule": "SUPERVISED", "subject": "kirkenes-kirurgi-ortopedi-fode-gyn", "holders": []},
    ),
    Reason(
        "FULL",
        1,
        {"rule": "SUPERVISED", "subject": "alta-psykisk-helsevern", "holders": ["5601-c1"]},
    ),
    Reason("FULL", 1, {"rule": "AWAY", "subject": "5605", "holders": []}),
    Reason("FULL", 1, {"rule": "AWAY", "subject": "5605", "holders": ["5605-c1"]}),
    Reason("PRIORITY", 1, AT | {"colleagues": ["5605-c1"]}),
    Reason("TIER", 1, AT | LOST | {"losers": [], "units": []}),
    Reason("TIER", 1, AT | LOST | {"losers": ["5605-c1"], "units": []}),
    Reason(
        "TIER",
        1,
        AT | LOST | {"losers": ["5605-c1", "5601-c1"], "units": ["alta-psykisk-helsevern"]},
    ),
    Reason("LOTTERY", 1, AT),
    Reason("OPEN", 1, AT),
    Reason("UNDECIDED", 1),
]
REMEDIES = [
    Reason("WAIVER", 1),
    Reason("LATER", 1, {"days": 91, "latest": "2028-03-01"}),
    Reason("EARLIER", 1, {"days": 1, "earliest": "2027-07-31"}),
    Reason("SHORTER", 1, {"months": 5}),
    Reason("EXPERIENCE", 1, {"months": 26}),
    Reason("FTE", 1, {"percent": 40}),
    Reason("AVAILABLE", 1),
    Reason("LIS1", 1, {"by": "2027-08-01"}),
    Reason("SUPERVISOR", 1),
    Reason("IN_PLAN", 1),
    Reason("REGISTERED", 1, {"by": "2028-03-01"}),
    Reason("AGREEMENT", 1, {"trust": "2027-01-01", "by": "2027-08-01"}),
    Reason("PLACE", 1, {"rule": "POSITIONS", "subject": "w-1"}),
    Reason("PLACE", 1, {"rule": "SUPERVISED", "subject": "alta-psykisk-helsevern"}),
    Reason("PLACE", 1, {"rule": "AWAY", "subject": "5605"}),
]


@pytest.fixture(scope="module")
def sample() -> Round:
    return load_round(SAMPLE)


def codes(module: ModuleType) -> set[str]:
    """Return the codes that stand in a module's table."""
    return set(re.findall(r"^([A-Z_1]+)  ", module.__doc__ or "", re.MULTILINE))


def told(words: Wording) -> list[str]:
    by = Explaining(words, WHO)
    return [*by.causes(CAUSES), *map(by.remedy, REMEDIES)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("family", "module", "examples"), [("causes", causes, CAUSES), ("remedies", remedies, REMEDIES)]
)
def test_every_code_has_words_and_no_words_lack_a_code(
    language: Language, family: str, module: ModuleType, examples: list[Reason]
) -> None:
    keys = [key.removeprefix(f"{family}.") for key in catalogue(language) if key.startswith(family)]
    worded = {key.split("-")[0] for key in keys if key[0].isupper()}
    assert worded == codes(module) == {example.code for example in examples}
    assert family == "causes" or worded == KINDS.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_becomes_filled_sentences_of_its_own(sample: Round, language: Language) -> None:
    said = told(Wording(sample, language))
    assert len({*said}) == len(CAUSES) + len(REMEDIES)
    for each in said:
        assert each.endswith(".")
        assert not re.search(r"[{}\[\]]|None|\.\.", each)


def test_colleagues_go_by_id_and_others_by_number(sample: Round) -> None:
    said = list(Explaining(Wording(sample, "nb"), WHO).causes(CAUSES))
    assert "5605-c1 og 1 kandidat fra en annen kommune" in said[8]
    assert "1 kandidat fra en annen kommune" in said[2]
    assert "5601-c1" not in "".join(said)


def test_what_follows_the_order_is_told_as_besides_it(sample: Round) -> None:
    words = Explaining(Wording(sample, "en"), WHO)
    priority, tier = CAUSES[5], CAUSES[6]
    (alone,) = words.causes([tier])
    _, besides = words.causes([priority, tier])
    assert "order did not bind" in besides
    assert "order did not bind" not in alone


def test_an_id_that_looks_like_a_date_stays_as_it_is(sample: Round) -> None:
    words = Wording(sample, "nb", {"2027-01-01": "Foretaket i nord"})
    named = Explaining(words, WHO).remedy(REMEDIES[11])
    assert "Foretaket i nord" in named
    said = Explaining(Wording(sample, "nb"), WHO).remedy(REMEDIES[11])
    assert "2027-01-01 senest 1. aug. 2027" in said


@pytest.fixture(scope="module")
def explained(sample: Round) -> list[tuple[str, WishExplained]]:
    """Better wishes of candidates who were passed over for an offer, an order and waiting."""
    who = {"5605-c2", "5612-c1", "5632-c1"}
    found = explanations(sample, plan_round(sample), who)
    return [(each.candidate, wish) for each in found for wish in each.wishes]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sample_s_sentences_hold_every_figure(
    sample: Round, explained: list[tuple[str, WishExplained]], language: Language
) -> None:
    words, seen = Wording(sample, language), set()
    for candidate, wish in explained:
        by = Explaining(words, candidate)
        said = [*by.causes(wish.causes), *map(by.remedy, wish.remedies)]
        for reason, each in zip((*wish.causes, *wish.remedies), said, strict=True):
            seen.add(reason.code)
            missing = [figure for figure in _shown(words, reason) if figure not in each]
            assert not missing, (reason, each)
    assert {"PRIORITY", "TIER", "LATER", "SHORTER", "PLACE", "FTE"} <= seen


def _shown(words: Wording, reason: Reason) -> Iterator[str]:
    """Yield what a sentence must hold of a reason's figures."""
    figures: dict[str, Any] = dict(reason.figures)
    for name in ("value", "forced"):
        if name in figures:
            yield words.tier_value(figures["tier"], figures[name])
    if "tier" in figures:
        yield words.tier(figures["tier"], figures["level"])
    yield from (str(figures[name]) for name in ("days", "months", "percent") if name in figures)
    for name in ("start", "latest", "earliest", "by"):
        if name in figures:
            yield written_date(words.language, date.fromisoformat(figures[name]))
    yield from (words.unit(unit) for unit in figures.get("units", []))
    yield from figures.get("colleagues", [])
    if "window" in figures:
        yield figures["window"]


def test_who_loses_by_a_wish_is_nobody_who_need_not(
    explained: list[tuple[str, WishExplained]],
) -> None:
    """Each of these seats is held by one person, so that granting it costs no more than one."""
    losing = [
        cause.figures["losers"]
        for _, wish in explained
        for cause in wish.causes
        if cause.code == "TIER"
    ]
    assert [len(losers) for losers in losing] == [1, 1, 1]
