"""The catalogue is complete in every language, and fills its sentences rightly."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from string import Formatter
from typing import get_args

import pytest
from babel import Locale

from data import sentences
from data.sentences import (
    LANGUAGES,
    Language,
    Verbatim,
    catalogue,
    counted,
    sentence,
    written_date,
    written_decimal,
)
from data.wording import Wording, conflict_sentence
from models.store.audit import Override
from scheduler.admission import ADMISSION
from scheduler.domain import TIERS, Candidate, Municipality, PriorityMode, Unit, Window
from scheduler.errors import Conflict
from scheduler.plans import Reason, Status, TierResult
from tests.data.made_up_plans import REASONS, small_plan, small_round

PLAN_RULES = {"ONE", "POSITIONS", "SUPERVISED", "AWAY", "ACCEPTED", "PRIORITY"}
OUTCOMES = {
    "NO_WISH",
    "NO_WINDOW",
    "OPENS_LATE",
    "FIT",
    "NO_START_DAY",
    "HELD",
    "PRIORITY",
    "TIER",
    "CHAIN",
    "OPEN",
}

CONFLICTS = (
    Conflict("ONE", "c1", ("c1",), {"active": 2, "limit": 1}),
    Conflict("POSITIONS", "w1", ("c1", "c2"), {"day": "2027-08-01", "active": 2, "limit": 1}),
    Conflict("SUPERVISED", "u1", ("c1", "c2"), {"day": "2027-08-01", "active": 2, "limit": 1}),
    Conflict("AWAY", "5601", ("c1", "c2"), {"day": "2027-08-01", "active": 2, "limit": 1}),
)


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest) -> Wording:
    return Wording(small_round(), request.param)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_texts_with_the_same_placeholders(language: Language) -> None:
    first, texts = catalogue(LANGUAGES[0]), catalogue(language)
    assert texts.keys() == first.keys()
    assert {k: placeholders(t) for k, t in texts.items()} == {
        k: placeholders(t) for k, t in first.items()
    }
    assert [
        k for k, t in texts.items() if not t or (t != t.strip() and k != "report.separator")
    ] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_count_has_a_noun_for_each_number_of_the_language(language: Language) -> None:
    dual = "two" in Locale.parse(language).plural_form.rules
    for key, text in catalogue(language).items():
        for _, _, spec, _ in Formatter().parse(text):
            assert not spec or spec.count("|") in ({1, 2} if dual else {1}), key


def test_whatever_changes_after_the_lock_is_named() -> None:
    """By the page that tells why a plan cannot be released; names decide nothing."""
    named = {each.name for kind in (Unit, Window, Municipality, Candidate) for each in fields(kind)}
    named |= {"window", "start", "months", "state"}  # of a seat that is held
    texts = catalogue("nb")
    prefix = "pages_deciding.field-"
    assert {k.removeprefix(prefix) for k in texts if k.startswith(prefix)} == named - {"id", "name"}


def test_the_examples_cover_every_reason_code() -> None:
    assert {reason.code for reason in REASONS} == OUTCOMES | (ADMISSION.keys() - {"WISH"})


@pytest.mark.parametrize("reason", REASONS, ids=lambda r: r.code)
def test_every_reason_becomes_one_filled_sentence(words: Wording, reason: Reason) -> None:
    said = words.placed_reason(reason)
    assert said.endswith(".")
    assert "{" not in said
    assert "None" not in said
    assert "[" not in said


def test_every_variant_of_a_reason_is_used_by_the_examples(words: Wording) -> None:
    said = {words.reason(reason) for reason in REASONS}
    assert len(said) == len(REASONS)


def test_sentences_of_reasons_give_their_figures() -> None:
    words = Wording(small_round(), "nb")
    fit, lead = REASONS[3], REASONS[5]
    assert words.reason(fit) == "Vinduet stenger 17 dager for tidlig."
    assert words.reason(lead) == "5 måneder til start 15. juni 2027, 6 kreves."
    assert words.placed_reason(fit).startswith("Avdeling for kirurgi, vindu w2: ")
    english = Wording(small_round(), "en")
    assert english.reason(REASONS[2]) == "The window opens 1 day after the last wished start date."


def test_a_period_is_told_to_its_last_day() -> None:
    available = next(reason for reason in REASONS if reason.code == "AVAILABLE")
    said = Wording(small_round(), "nb").reason(available)
    assert "29. feb. 2028" in said
    assert "1. mars" not in said


def test_units_of_the_same_name_are_told_apart_by_their_site() -> None:
    words = Wording(small_round(), "nb")
    assert words.unit("hammerfest-medisin") == "Avdeling for medisin (hammerfest)"
    assert words.unit("kirkenes-medisin") == "Avdeling for medisin (kirkenes)"
    assert words.unit("alta-dps") == "DPS Vest-Finnmark"


def test_places_go_by_their_names_where_these_are_known() -> None:
    plain = Wording(small_round(), "nb")
    named = Wording(
        small_round(), "nb", {"hammerfest": "Hammerfest", "finnmark": "Foretaket i nord"}
    )
    agreement = next(reason for reason in REASONS if reason.code == "AGREEMENT")
    assert "ingen avtale med finnmark som" in plain.reason(agreement)
    assert "ingen avtale med Foretaket i nord som" in named.reason(agreement)
    assert named.unit("hammerfest-medisin") == "Avdeling for medisin (Hammerfest)"
    assert (plain.target("finnmark"), named.target("finnmark")) == (
        "finnmark",
        "Foretaket i nord",
    )


def test_holders_of_other_municipalities_are_a_count() -> None:
    words = Wording(small_round(), "nb")
    held = [words.reason(reason) for reason in REASONS if reason.code == "HELD"]
    assert "c1, som kommunen har satt høyere, og 1 annen kandidat" in held[0]
    assert "3 andre kandidater" in held[1]
    assert "c1, c2, som kommunen har satt høyere" in held[2]
    assert "ingen plasser er satt av" in held[3]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_has_a_sentence(language: Language) -> None:
    texts = catalogue(language)
    rules = {key.removeprefix("rules.") for key in texts if key.startswith("rules.")}
    assert rules == ADMISSION.keys() | PLAN_RULES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_set_aside_has_its_words(language: Language) -> None:
    texts = catalogue(language)
    kinds = {key.removeprefix("overrides.") for key in texts if key.startswith("overrides.")}
    assert kinds == {*get_args(Override)}


@pytest.mark.parametrize("tier", TIERS)
def test_every_tier_has_a_name_a_meaning_a_value_and_a_proof(words: Wording, tier: str) -> None:
    results = [TierResult(tier, None, 1, bound, bound == 1) for bound in (1, 2)]
    told = [words.tier(tier, None), words.tier_meaning(tier), words.tier_value(tier, 1)]
    told += [words.proof(result) for result in results]
    assert all(told)
    assert told[-1] != told[-2]


def test_the_last_rank_stands_for_everyone_beyond() -> None:
    words = Wording(small_round(), "nb")
    assert words.tier("rank", 4) == "Kommunens rekkefølge: nummer 4"
    assert words.tier("rank", 5) == "Kommunens rekkefølge: nummer 5 og utover"
    assert words.tier("wish", 5) == "De minst heldige først: 5. ønske eller lavere"


def test_the_proof_of_a_minimised_tier_says_lower() -> None:
    words = Wording(small_round(), "en")
    start = TierResult("start", None, 1214, 1, False)
    assert words.proof(start) == (
        "Not proven. With the same figures higher up, another plan could at best have gone "
        "down to 1 day."
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("conflict", CONFLICTS, ids=lambda c: c.rule)
def test_every_conflict_is_told(language: Language, conflict: Conflict) -> None:
    said = conflict_sentence(language, conflict)
    assert conflict.subject in said
    assert "{" not in said
    assert conflict.rule == "ONE" or all(c in said for c in conflict.candidates)


def test_a_conflict_goes_by_names_where_the_round_has_them(words: Wording) -> None:
    """But for people: they go by their ids everywhere."""
    round_ = words.round
    window, town = round_.windows[0], round_.municipalities[0]
    figures = {"day": "2027-08-01", "active": 2, "limit": 1}
    for rule, subject, name in (
        ("POSITIONS", window.id, f"{window.id} ({words.unit(window.unit)})"),
        ("SUPERVISED", window.unit, words.unit(window.unit)),
        ("AWAY", town.id, words.municipality(town.id)),
        ("ONE", "c1", "c1"),
    ):
        assert name in words.conflict(Conflict(rule, subject, ("c1", "c2"), figures))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_status_and_priority_mode_is_told(language: Language) -> None:
    for status in Status:
        assert sentence(language, f"report.status-told-{status}")
    for mode in get_args(PriorityMode):
        assert sentence(language, f"report.fact-priority-{mode}")


@pytest.mark.parametrize(
    ("language", "nouns", "said"),
    [
        ("nb", "dag|dager", "0 dager, 1 dag, 2 dager, 3 dager, 1\xa0214 dager"),
        ("nn", "dag|dagar", "0 dagar, 1 dag, 2 dagar, 3 dagar, 1\xa0214 dagar"),
        ("en", "day|days", "0 days, 1 day, 2 days, 3 days, 1,214 days"),
        ("se", "beaivi|beaivvi", "0 beaivvi, 1 beaivi, 2 beaivvi, 3 beaivvi, 1\xa0214 beaivvi"),
        ("se", "mun|moai|mii", "0 mii, 1 mun, 2 moai, 3 mii, 1\xa0214 mii"),
    ],
)
def test_counts_take_the_right_noun(language: Language, nouns: str, said: str) -> None:
    told = (counted(language, count, *nouns.split("|")) for count in (0, 1, 2, 3, 1214))
    assert ", ".join(told) == said


def test_numbers_have_the_decimal_sign_of_the_language() -> None:
    assert [written_decimal(each, 100 / 3, 3) for each in LANGUAGES] == [
        *("33,333", "33,333", "33,333"),
        "33.333",
    ]
    assert {written_decimal(each, 50.0, 3) for each in LANGUAGES} == {"50"}


def test_a_text_may_have_a_noun_for_two(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {"come": "{count:mun|moai|mii} boahtit."}
    monkeypatch.setattr(sentences, "family", lambda *_: texts)
    told = [sentence("se", "we.come", {"count": count}) for count in (1, 2, 3)]
    assert told == ["1 mun boahtit.", "2 moai boahtit.", "3 mii boahtit."]


@pytest.mark.parametrize(
    "text",
    ["20270801", "2027-W01-1", "2027-13-01", "2027-8-1", "2027-08-01T00:00", "\uff12027-08-01"],
)
def test_only_strict_dates_are_taken_for_dates(text: str) -> None:
    figures = {"target": text}
    assert sentence("nb", "reasons.NO_WINDOW", figures).endswith(f" {text}.")


def test_iso_dates_are_written_as_people_do() -> None:
    figures = {"release_on": "2027-08-01"}
    written = {"nb": "1. aug. 2027", "nn": "1. aug. 2027", "se": "1.8.2027", "en": "1 Aug 2027"}
    for language in LANGUAGES:
        assert written[language] in sentence(language, "reasons.RELEASED", figures)
    eve = [written_date(language, date(2027, 12, 24), year=False) for language in LANGUAGES]
    assert eve == ["24. des.", "24. des.", "24.12.", "24 Dec"]


def test_an_id_that_looks_like_a_date_stays_as_it_is() -> None:
    figures = {"target": Verbatim("2027-08-01")}
    assert sentence("nb", "reasons.NO_WINDOW", figures).endswith(" 2027-08-01.")
    reason = Reason("PRIORITY", 1, {"colleagues": ["2027-08-01"]})
    assert "2027-08-01" in Wording(small_round(), "nb").reason(reason)


def test_a_brace_in_a_value_is_harmless() -> None:
    figures = {"target": "{unit.__class__}"}
    assert "{unit.__class__}" in sentence("nb", "reasons.NO_WINDOW", figures)


def test_what_the_catalogue_lacks_is_an_error() -> None:
    with pytest.raises(KeyError):
        sentence("nb", "reasons.UNKNOWN")
    with pytest.raises(KeyError):
        sentence("nb", "reasons.FIT", {})


def test_wording_names_no_candidate(words: Wording) -> None:
    plan = small_plan()
    told = [
        words.placed_reason(reason)
        for account in (*plan.unplaced, *plan.passed_over)
        for reason in account.reasons
    ]
    names = [candidate.name for candidate in words.round.candidates if candidate.name]
    assert not [name for name in names for said in told if name in said]
