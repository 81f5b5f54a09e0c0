"""Malformed JSON documents: each fault with its code and place, all at once, no value repeated."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from data.documents import read_plan, read_round
from data.faults import fault_line, fault_record, pointer
from data.forms.drafts import MAX_FAULTS
from data.forms.json_text import MAX_ITEMS, MAX_MEBIBYTES
from data.forms.schema import plan_schema, round_schema
from scheduler.errors import Fault, InvalidPlan, InvalidRound
from tests.data.rounds import DOCUMENT, GONE, changed, encoded
from tests.data.test_documents import HANDMADE

SECRET = "secret-01017012345"
"""A value that must never be repeated."""


def faults_of(content: bytes) -> tuple[Fault, ...]:
    with pytest.raises(InvalidRound) as caught:
        read_round(content)
    return caught.value.faults


def found(content: bytes) -> list[tuple[str, str]]:
    """Code and JSON pointer of every fault; asserts that none repeats the secret."""
    faults = faults_of(content)
    assert all(fault.cell is None for fault in faults)
    assert_silent(faults)
    return [(fault.code, pointer(fault.place)) for fault in faults]


def assert_silent(faults: tuple[Fault, ...]) -> None:
    told = repr(faults) + str(InvalidRound(faults))
    for fault in faults:
        told += fault_line("nb", fault) + fault_line("en", fault)
        told += json.dumps(fault_record("nb", fault))
    assert SECRET not in told


LONG = "x" * 10_001
FORM: list[tuple[str, object, str]] = [
    ("/format", "rotations/round@2", "not-one-of"),
    ("/format", GONE, "missing"),
    ("/round", GONE, "missing"),
    ("/round", [SECRET], "not-object"),
    ("/round/id", GONE, "missing"),
    ("/round/id", 5, "not-text"),
    ("/round/id", "", "empty"),
    ("/round/decision_date", "2027-02-29", "not-date"),
    ("/round/decision_date", "20270115", "not-date"),
    ("/round/decision_date", "2027-1-5", "not-date"),
    ("/round/decision_date", "15.01.2027", "not-date"),
    ("/round/decision_date", "2027-01-15T00:00:00", "not-date"),
    ("/round/decision_date", "2027-01-15 ", "not-date"),
    ("/round/decision_date", "0000-01-01", "not-date"),
    ("/round/decision_date", "２027-01-15", "not-date"),
    ("/round/decision_date", 20270115, "not-date"),
    ("/round/decision_date", None, "not-date"),
    ("/policy", GONE, "missing"),
    ("/policy/name", "", "empty"),
    ("/policy/version", GONE, "missing"),
    ("/policy/version", -1, "out-of-range"),
    ("/policy/version", 10**9 + 1, "out-of-range"),
    ("/policy/lead", GONE, "missing"),
    ("/policy/lead/minimum_months", GONE, "missing"),
    ("/policy/lead/minimum_months", -1, "out-of-range"),
    ("/policy/lead/counts_from", SECRET, "not-one-of"),
    ("/policy/lead/by_trust", [], "not-object"),
    ("/policy/lead/by_trust/unn", 12, "not-object"),
    ("/policy/lead/by_trust/unn/minimum_months", "12", "not-whole-number"),
    ("/policy/start_days", "1", "not-list"),
    ("/policy/start_days", [1, 1], "repeated"),
    ("/policy/start_days/1", 0, "out-of-range"),
    ("/policy/start_days/1", 32, "out-of-range"),
    ("/policy/start_days/1", "1", "not-whole-number"),
    ("/policy/priority", None, "not-one-of"),
    ("/policy/priority", ["strict"], "not-one-of"),
    ("/policy/round_every_months", 0, "out-of-range"),
    ("/policy/tiers", GONE, "missing"),
    ("/policy/tiers", ["wish", "wish"], "repeated"),
    ("/policy/tiers/0", SECRET, "not-one-of"),
    ("/policy/tiers/0", {}, "not-one-of"),
    ("/policy/lottery_seed", 5, "not-text"),
    ("/policy/lottery_seed", "", "empty"),
    ("/units", {}, "not-list"),
    ("/units", None, "not-list"),
    ("/units/0", SECRET, "not-object"),
    ("/units/0/site", GONE, "missing"),
    ("/units/0/supervised_places", 1201, "out-of-range"),
    ("/units/0/supervised_places", 2.0, "not-whole-number"),
    ("/units/0/learning_goals", "ALM-055", "not-list"),
    ("/units/0/learning_goals", None, "not-list"),
    ("/units/0/learning_goals", ["a", "a"], "repeated"),
    ("/windows/0/positions", 0, "out-of-range"),
    ("/windows/0/positions", True, "not-whole-number"),
    ("/windows/0/positions", "6", "not-whole-number"),
    ("/windows/0/positions", 1.5, "not-whole-number"),
    ("/windows/0/positions", None, "not-whole-number"),
    ("/windows/0/positions", 2**63, "out-of-range"),
    ("/windows/0/positions", -(2**63) - 1, "out-of-range"),
    ("/windows/0/fte_percent", 0, "out-of-range"),
    ("/windows/0/fte_percent", 101, "out-of-range"),
    ("/windows/0/kind", "Locum", "not-one-of"),
    ("/windows/0/release_on", "", "not-date"),
    ("/municipalities/0/agreements", {}, "not-list"),
    ("/municipalities/0/agreements/0/signed_on", GONE, "missing"),
    ("/municipalities/0/max_away", -1, "out-of-range"),
    ("/candidates/0/name", 5, "not-text"),
    ("/candidates/0/name", "a\x00" + SECRET, "control-character"),
    ("/candidates/0/name", "a\nb", "control-character"),
    ("/candidates/0/name", "a\x9f", "control-character"),
    ("/candidates/0/name", "a\uffff", "control-character"),
    ("/candidates/0/name", "\ud800" + SECRET, "lone-surrogate"),
    ("/candidates/0/lead_waiver", LONG, "too-long"),
    ("/candidates/0/submitted_on", GONE, "missing"),
    ("/candidates/0/months_needed", 0, "out-of-range"),
    ("/candidates/0/min_fte_percent", -1, "out-of-range"),
    ("/candidates/0/min_fte_percent", 101, "out-of-range"),
    ("/candidates/0/has_supervisor", GONE, "missing"),
    ("/candidates/0/has_supervisor", "False", "not-true-or-false"),
    ("/candidates/0/has_supervisor", 1, "not-true-or-false"),
    ("/candidates/0/in_individual_plan", None, "not-true-or-false"),
    ("/candidates/0/unavailable/0/to", GONE, "missing"),
    ("/candidates/0/unavailable/0/from", "2027-13-01", "not-date"),
    ("/candidates/0/wishes", SECRET, "not-list"),
    ("/candidates/0/wishes/1/latest", SECRET, "not-date"),
    ("/candidates/0/wishes/1/target", ["med"], "not-text"),
    ("/priorities/0/order", "c1", "not-list"),
    ("/priorities/0/order/1", None, "not-text"),
    ("/commitments/0/state", "rejected", "not-one-of"),
    ("/commitments/0/start", GONE, "missing"),
]

UNKNOWN = [
    "",
    "/round",
    "/policy",
    "/policy/lead",
    "/policy/lead/by_trust/unn",
    "/units/0",
    "/windows/1",
    "/municipalities/0",
    "/municipalities/0/agreements/1",
    "/candidates/2",
    "/candidates/0/unavailable/0",
    "/candidates/0/wishes/0",
    "/priorities/1",
    "/commitments/0",
]

BEYOND_SCHEMA = {"２027-01-15", 2.0}
"""What JSON Schema cannot tell: 2.0 is an integer there."""


def ids(cases: list[tuple[str, object, str]]) -> list[str]:
    return [f"{place}-{code}-{n}" for n, (place, _, code) in enumerate(cases)]


@pytest.mark.parametrize(("place", "value", "code"), FORM, ids=ids(FORM))
def test_a_value_of_another_form(place: str, value: object, code: str) -> None:
    assert found(encoded(changed((place, value)))) == [(code, place)]


@pytest.mark.parametrize(("place", "value", "code"), FORM, ids=ids(FORM))
def test_the_schema_refuses_what_the_reader_refuses(place: str, value: object, code: str) -> None:
    validator = Draft202012Validator(round_schema(), format_checker=FormatChecker(["date"]))
    told_apart = not isinstance(value, float | str) or value not in BEYOND_SCHEMA
    if told_apart and code != "lone-surrogate":
        assert not validator.is_valid(changed((place, value)))


@pytest.mark.parametrize("place", UNKNOWN)
def test_an_unknown_key_at_every_level(place: str) -> None:
    document = changed((f"{place}/fødselsnummer", SECRET))
    assert found(encoded(document)) == [("unknown-key", f"{place}/fødselsnummer")]
    assert not Draft202012Validator(round_schema()).is_valid(document)


def test_an_unknown_key_is_cut_and_cleaned() -> None:
    [fault] = faults_of(encoded(changed(("/units/0/" + "k\x1b" * 100, 1))))
    assert fault.place == ("units", 0, "k\ufffd" * 20)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("/units/0/id", "a\u030a"),
        ("/windows/0/unit", "a\u030a"),
        ("/candidates/0/learning_goals/0", "a\u030a"),
        ("/priorities/0/order/0", "a\u030a"),
    ],
)
def test_an_id_is_composed(place: str, value: str) -> None:
    assert ("not-nfc", place) in found(encoded(changed((place, value))))


RELATION: list[tuple[list[tuple[str, object]], list[tuple[str, str]] | None]] = [
    ([("/units/2", DOCUMENT["units"][0])], [("id-repeated", "/units/2/id")]),
    ([("/windows/2", DOCUMENT["windows"][0])], [("id-repeated", "/windows/2/id")]),
    (
        [("/units/2", DOCUMENT["units"][1] | {"id": "u", "site": "hammerfest"})],
        [("site-in-two-trusts", "/units/2/trust")],
    ),
    ([("/units/1/site", "unn")], [("id-collides", "/units/1/site")]),
    ([("/windows/0/unit", SECRET)], [("id-unknown", "/windows/0/unit")]),
    ([("/windows/0/closes", "2027-08-01")], [("dates-reversed", "/windows/0/closes")]),
    ([("/candidates/0/unavailable/0/to", "2027-12-01")], None),
    ([("/candidates/0/wishes/0/latest", "2027-07-31")], None),
    ([("/candidates/0/wishes/0/target", SECRET)], None),
    ([("/candidates/2/municipality", SECRET)], [("id-unknown", "/candidates/2/municipality")]),
    ([("/priorities/0/order", ["c1"])], [("order-incomplete", "/priorities/0/order")]),
    ([("/priorities/0/order/2", "c1")], [("order-repeats", "/priorities/0/order/2")]),
    ([("/priorities/0/order/2", "c3")], [("order-foreigner", "/priorities/0/order/2")]),
    ([("/priorities/0/order/2", SECRET)], [("id-unknown", "/priorities/0/order/2")]),
    ([("/priorities/1/order/1", "NA")], [("order-foreigner", "/priorities/1/order/1")]),
    ([("/priorities/1/unit", None)], None),
    ([("/priorities/0/unit", SECRET)], None),
    ([("/priorities", [])], [("order-missing", "/municipalities/0")]),
    ([("/commitments/0/candidate", SECRET)], [("id-unknown", "/commitments/0/candidate")]),
    ([("/commitments/0/window", SECRET)], [("id-unknown", "/commitments/0/window")]),
    ([("/commitments/2", DOCUMENT["commitments"][0])], [("commitment-repeated", "/commitments/2")]),
    ([("/commitments/0/start", "9999-12-01")], [("end-beyond-calendar", "/commitments/0/start")]),
]
EXPECTED = {
    "/candidates/0/unavailable/0/to": [("dates-reversed", "/candidates/0/unavailable/0/to")],
    "/candidates/0/wishes/0/latest": [("dates-reversed", "/candidates/0/wishes/0/latest")],
    "/candidates/0/wishes/0/target": [("id-unknown", "/candidates/0/wishes/0/target")],
    "/priorities/1/unit": [
        ("order-repeated", "/priorities/1"),
        ("order-incomplete", "/priorities/1/order"),
    ],
    "/priorities/0/unit": [
        ("order-missing", "/municipalities/0"),
        ("id-unknown", "/priorities/0/unit"),
    ],
}


@pytest.mark.parametrize(("changes", "expected"), RELATION)
def test_a_broken_relation(
    changes: list[tuple[str, object]], expected: list[tuple[str, str]] | None
) -> None:
    assert found(encoded(changed(*changes))) == (expected or EXPECTED[changes[0][0]])


RAW: list[tuple[bytes, list[tuple[str, str]]]] = [
    (b"", [("not-json", "")]),
    (b"   ", [("not-json", "")]),
    (b'{"format": ', [("not-json", "")]),
    (b"{}{}", [("not-json", "")]),
    (b"{'format': 1}", [("not-json", "")]),
    (b"[]", [("not-object", "")]),
    (b"null", [("not-object", "")]),
    (b"NaN", [("not-object", "")]),
    (b'"secret-01017012345"', [("not-object", "")]),
    (b"\xff\xfe{\x00}\x00", [("not-utf-8", "")]),
    (b'{"a": "\xf8"}', [("not-utf-8", "")]),
    (b"[" * 100_000, [("too-deep", "")]),
    (b'{"a":' * 100_000, [("too-deep", "")]),
]


@pytest.mark.parametrize(("content", "expected"), RAW, ids=[str(n) for n in range(len(RAW))])
def test_content_that_is_no_document(content: bytes, expected: list[tuple[str, str]]) -> None:
    assert found(content) == expected


def test_a_nest_of_100_000_inside_a_good_document() -> None:
    content = encoded(DOCUMENT).replace(b'"version": 3', b'"version": ' + b"[" * 100_000)
    assert found(content) == [("too-deep", "")]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (b"NaN", "not-whole-number"),
        (b"Infinity", "not-whole-number"),
        (b"-Infinity", "not-whole-number"),
        (b"1e400", "not-whole-number"),
        (b"3e0", "not-whole-number"),
        (b"3.0", "not-whole-number"),
        (b"-0.0", "not-whole-number"),
        (b"9223372036854775808", "out-of-range"),
        (b"9" * 5000, "out-of-range"),
        (b"-" + b"9" * 5000, "out-of-range"),
    ],
)
def test_numbers_that_are_no_whole_numbers_of_ours(number: bytes, code: str) -> None:
    content = encoded(DOCUMENT).replace(b'"version": 3', b'"version": ' + number)
    assert found(content) == [(code, "/policy/version")]


@pytest.mark.parametrize("number", [b"NaN", b"1e400", b"9" * 5000])
def test_numbers_where_a_text_belongs(number: bytes) -> None:
    content = encoded(DOCUMENT).replace(b'"name": "finnmark"', b'"name": ' + number)
    assert found(content) == [("not-text", "/policy/name")]


def test_a_key_twice_is_a_fault_with_its_place_even_where_the_values_agree() -> None:
    content = encoded(DOCUMENT)
    content = content.replace(b'"id": "w2"', b'"id": "w2", "id": "w2"')
    content = content.replace(b'"version": 3', b'"version": 3, "version": "secret-01017012345"')
    assert found(content) == [
        ("key-repeated", "/policy/version"),
        ("key-repeated", "/windows/1/id"),
    ]


def test_a_key_with_half_a_character() -> None:
    assert found(encoded(changed(("/units/0/a\ud800", 1)))) == [
        ("lone-surrogate", "/units/0/a\ufffd")
    ]
    assert found(encoded(changed(("/policy/lead/by_trust/\udfff", {})))) == [
        ("lone-surrogate", "/policy/lead/by_trust/\ufffd")
    ]


def test_a_document_beyond_the_limit_is_not_parsed() -> None:
    assert found(b"{" + b" " * MAX_MEBIBYTES * 2**20) == [("too-large", "")]


def test_all_faults_at_once_in_document_order() -> None:
    document = changed(
        ("/commitments/0/window", "w9"),
        ("/candidates/0/wishes/1/earliest", "2027-02-30"),
        ("/candidates/0/gp_months", "24"),
        ("/candidates/1/wishes/0/target", "nowhere"),
        ("/windows/0/unit", "nowhere"),
        ("/windows/1/positions", 0),
        ("/policy/tiers/0", "best"),
        ("/round/id", ""),
        ("/extra", 1),
    )
    assert found(encoded(document)) == [
        ("empty", "/round/id"),
        ("not-one-of", "/policy/tiers/0"),
        ("id-unknown", "/windows/0/unit"),
        ("out-of-range", "/windows/1/positions"),
        ("not-whole-number", "/candidates/0/gp_months"),
        ("not-date", "/candidates/0/wishes/1/earliest"),
        ("id-unknown", "/candidates/1/wishes/0/target"),
        ("id-unknown", "/commitments/0/window"),
        ("unknown-key", "/extra"),
    ]


@pytest.mark.parametrize(
    "place",
    [
        *("/units/0/supervised_places", "/units/0/id", "/units/0/site", "/units/1/trust"),
        *("/windows/0/positions", "/windows/0/id"),
        *("/municipalities/0/id", "/municipalities/0/max_away"),
        *("/candidates/0/id", "/candidates/0/gp_months", "/candidates/0/municipality"),
        *("/priorities/0/municipality", "/priorities/0/order", "/priorities/0/order/0"),
        *("/units", "/windows", "/municipalities", "/candidates", "/priorities"),
        *("/units/0", "/windows/0", "/municipalities/0", "/candidates/0", "/priorities/0"),
        "/candidates/0/wishes",
    ],
)
def test_a_broken_record_causes_no_other_fault(place: str) -> None:
    """What refers to a broken record, or would be ranked by it, is not blamed."""
    assert [at for _, at in found(encoded(changed((place, 7.5))))] == [place]


def test_an_id_twice_is_told_even_of_broken_records() -> None:
    document = changed(("/units/0/site", 1), ("/units/2", {"id": "med"}))
    told = found(encoded(document))
    assert ("id-repeated", "/units/2/id") in told
    assert told[0] == ("not-text", "/units/0/site")


def test_the_figures_say_what_would_be_right() -> None:
    document = changed(("/windows/0/fte_percent", 101), ("/commitments/0/state", SECRET))
    window, commitment = faults_of(encoded(document))
    assert window.figures == {"minimum": 1, "maximum": 100}
    assert commitment.figures == {"allowed": ["accepted", "offered"]}
    assert fault_line("en", window) == (
        "/windows/0/fte_percent: This must be a whole number from 1 to 100. [out-of-range]"
    )


def test_a_flood_of_faults_ends() -> None:
    faults = faults_of(encoded(changed(("/units", [1] * 2 * MAX_FAULTS))))
    assert len(faults) == MAX_FAULTS + 1
    assert faults[-1].code == "more-faults"


def test_a_list_without_end() -> None:
    document = changed(("/candidates/0/wishes", [1] * (MAX_ITEMS + 1)))
    assert found(encoded(document)) == [("list-too-long", "")]


TIER = {"tier": "placed", "level": None, "value": 1, "bound": 1, "proven": True}


def account(**reason: object) -> dict[str, Any]:
    return {"unplaced": [{"candidate": "c2", "reasons": [{"code": "LEAD"} | reason]}]}


PLAN: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"format": "rotations/round@1"}, [("not-one-of", "/format")]),
    ({"round": 5}, [("not-text", "/round")]),
    ({"placements": None}, [("not-list", "/placements")]),
    (
        {"placements": [{}]},
        [("missing", f"/placements/0/{key}") for key in ("candidate", "window", "start")],
    ),
    ({"placements": [SECRET]}, [("not-object", "/placements/0")]),
    ({"status": "refused"}, [("not-one-of", "/status")]),
    ({"verified": "true"}, [("not-true-or-false", "/verified")]),
    ({"verified": None}, [("not-true-or-false", "/verified")]),
    ({"plan_hash": SECRET}, [("not-hash", "/plan_hash")]),
    ({"tiers": [TIER | {"tier": SECRET}]}, [("not-one-of", "/tiers/0/tier")]),
    (
        {"tiers": [TIER | {"level": 0, "bound": 10**19}]},
        [("out-of-range", "/tiers/0/level"), ("out-of-range", "/tiers/0/bound")],
    ),
    (account(months=1.5), [("not-figure", "/unplaced/0/reasons/0/months")]),
    (account(note={"x": SECRET}), [("not-figure", "/unplaced/0/reasons/0/note")]),
    (account(wish=0), [("out-of-range", "/unplaced/0/reasons/0/wish")]),
    ({"unplaced": [{"candidate": "c2"}]}, [("missing", "/unplaced/0/reasons")]),
    ({"name": SECRET}, [("unknown-key", "/name")]),
]


@pytest.mark.parametrize(("changes", "expected"), PLAN)
def test_a_malformed_plan(changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    with pytest.raises(InvalidPlan) as caught:
        read_plan(encoded(HANDMADE | changes))
    faults = caught.value.faults
    assert [(fault.code, pointer(fault.place)) for fault in faults] == expected
    assert_silent(faults)
    assert not Draft202012Validator(plan_schema()).is_valid(HANDMADE | changes)


def test_a_plan_with_a_key_twice() -> None:
    with pytest.raises(InvalidPlan) as caught:
        read_plan(b'{"format": "rotations/plan@1", "round": "r", "round": "s", "placements": []}')
    assert [(f.code, f.place) for f in caught.value.faults] == [("key-repeated", ("round",))]
