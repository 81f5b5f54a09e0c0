"""Round and plan documents: what is read, what is written, and the schemas beside them."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from data.documents import read_plan, read_round, write_plan, write_round
from data.forms.schema import (
    costs_schema,
    forecast_schema,
    plan_schema,
    round_schema,
    scenario_schema,
    schema_text,
)
from scheduler.domain import GOALS, TIERS
from scheduler.errors import InvalidPlan, InvalidRound
from scheduler.plans import Account, Engine, Placement, Plan, Reason, Status, TierResult
from tests.data.rounds import DOCUMENT, GONE, changed, encoded, full_round

PLAN = Plan(
    round_id="2027-Q1",
    round_hash="sha256:" + "a" * 64,
    status=Status.OPTIMAL,
    placements=(Placement("c1", "w1", "med", date(2027, 8, 1), date(2028, 2, 1), 1),),
    unplaced=(
        Account("c2", (Reason("HELD", 1, {"window": "w1", "colleagues": ["c1"], "others": 0}),)),
    ),
    passed_over=(Account("c1", (Reason("REGISTERED", 2, {"registered_on": None}),)),),
    tiers=(TierResult("placed", None, 1, 1, proven=True), TierResult("rank", 1, 1, 1, proven=True)),
    engine=Engine("0.1.0", "9.15.6755"),
    verified=True,
)
HANDMADE = {
    "format": "rotations/plan@1",
    "round": "2027-Q1",
    "placements": [{"candidate": "c1", "window": "w1", "start": "2027-08-01"}],
}


def test_a_round_comes_back_from_its_document() -> None:
    round_ = full_round()
    again = read_round(write_round(round_))
    assert again.document == round_.document
    assert again.hash == round_.hash


def test_every_field_of_the_document_reaches_the_round() -> None:
    document = full_round().document
    assert document["policy"] == DOCUMENT["policy"]
    assert document["candidates"][1] == DOCUMENT["candidates"][0] | {
        "wishes": [{"ideal": None} | wish for wish in DOCUMENT["candidates"][0]["wishes"]]
    }
    assert document["units"][1] == DOCUMENT["units"][0]
    assert document["windows"][0] == DOCUMENT["windows"][0]


def test_what_is_absent_is_the_default_of_the_model() -> None:
    round_ = full_round()
    candidate, window = round_.candidate["c3"], round_.window["w2"]
    assert (candidate.months_needed, candidate.min_fte_percent) == (6, 50)
    assert (candidate.gp_months, candidate.rounds_waited) == (0, 0)
    assert round_.unit["kir"].learning_goals == GOALS
    assert candidate.learning_goals == ()
    assert (candidate.wishes, candidate.unavailable, candidate.lead_waiver) == ((), (), None)
    assert (window.kind, window.fte_percent, window.min_gp_months) == ("locum", 100, 0)
    assert round_.unit["kir"].supervised_places is None
    assert round_.municipality["5601"].agreements == ()
    assert read_round(encoded(changed(("/policy/priority", GONE)))).policy.priority == "strict"
    assert not read_round(encoded(changed(("/policy/lead/by_trust", GONE)))).policy.lead.by_trust


def test_zero_is_zero_and_an_empty_list_is_empty() -> None:
    round_ = full_round()
    assert round_.unit["med"].supervised_places == 0
    assert round_.unit["med"].learning_goals == ()


def test_the_written_bytes_are_indented_utf_8_and_the_same_each_time() -> None:
    content = write_round(full_round())
    assert content == write_round(read_round(content))
    assert "č đ ŋ 😀" in content.decode()
    assert content.startswith(b'{\n  "format"')
    assert content.endswith(b"}\n")


def test_the_order_of_keys_and_lists_does_not_matter() -> None:
    document = {key: DOCUMENT[key] for key in reversed(DOCUMENT)}
    document["candidates"] = document["candidates"][::-1]
    assert read_round(encoded(document)).hash == full_round().hash


def test_a_byte_order_mark_is_tolerated() -> None:
    assert read_round(b"\xef\xbb\xbf" + encoded(DOCUMENT)).hash == full_round().hash


def test_texts_other_than_ids_come_out_composed() -> None:
    name = normalize("NFD", "Kåre Prøve")
    round_ = read_round(encoded(changed(("/candidates/0/name", name))))
    assert round_.candidate["c1"].name == "Kåre Prøve"


@pytest.mark.parametrize("blank", ["", "  ", None])
def test_a_blank_waiver_or_name_is_none(blank: str | None) -> None:
    document = changed(("/candidates/0/lead_waiver", blank), ("/candidates/0/name", blank))
    candidate = read_round(encoded(document)).candidate["c1"]
    assert candidate.lead_waiver is None
    assert candidate.name is None


@pytest.mark.parametrize(
    ("pointer", "values"),
    [
        ("/windows/0/positions", (1, 1200)),
        ("/windows/0/fte_percent", (1, 100)),
        ("/candidates/0/months_needed", (1, 1200)),
        ("/candidates/0/min_fte_percent", (0, 100)),
        ("/candidates/0/gp_months", (0, 1200)),
        ("/policy/version", (0, 10**9)),
        ("/policy/round_every_months", (1, 1200)),
        ("/policy/start_days", ([], [31, 1])),
        ("/policy/tiers", ([], list(TIERS))),
    ],
)
def test_the_ends_of_every_range_are_within_it(pointer: str, values: tuple[object, ...]) -> None:
    for value in values:
        read_round(encoded(changed((pointer, value), ("/commitments", []))))


def test_a_plan_comes_back_from_its_document() -> None:
    assert read_plan(write_plan(PLAN)) == PLAN.document


def test_a_plan_made_by_hand_may_leave_out_every_claim() -> None:
    assert read_plan(encoded(HANDMADE)) == HANDMADE


def test_null_where_the_plan_may_say_null_stays() -> None:
    placement = HANDMADE["placements"][0] | {"class": None}  # type: ignore[operator]
    document = HANDMADE | {"placements": [placement]}
    assert read_plan(encoded(document)) == document


SCHEMAS = {
    "round-1.json": round_schema(),
    "plan-1.json": plan_schema(),
    "scenario-1.json": scenario_schema(),
    "costs-1.json": costs_schema(),
    "forecast-1.json": forecast_schema(),
}


@pytest.mark.parametrize(("file", "schema"), SCHEMAS.items())
def test_the_shipped_schema_is_the_one_of_the_forms(file: str, schema: dict[str, object]) -> None:
    shipped = (files("data") / "schemas" / file).read_text(encoding="utf-8")
    assert shipped == schema_text(schema)
    Draft202012Validator.check_schema(schema)


def test_every_field_has_a_description_and_an_example() -> None:
    for schema in SCHEMAS.values():
        for name, form in schema["$defs"].items():
            for field, content in form["properties"].items():
                assert content.get("description"), (name, field)
                assert "examples" in content, (name, field)


def test_good_documents_validate_against_the_schemas() -> None:
    for document in (DOCUMENT, full_round().document):
        Draft202012Validator(round_schema()).validate(document)
    for plan in (HANDMADE, PLAN.document):
        Draft202012Validator(plan_schema()).validate(plan)


def test_the_examples_of_the_schema_are_well_formed() -> None:
    root = round_schema()
    for form in root["$defs"].values():
        for field in form["properties"].values():
            validator = Draft202012Validator(field | {"$defs": root["$defs"]})
            for example in field["examples"]:
                validator.validate(example)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
POINTERS = st.sampled_from(
    [
        *(f"/{key}" for key in DOCUMENT),
        *(f"/policy/{key}" for key in DOCUMENT["policy"]),
        *(f"/{name}/0" for name in ("units", "windows", "municipalities", "candidates")),
        *(f"/candidates/0/{key}" for key in DOCUMENT["candidates"][0]),
        *(f"/windows/0/{key}" for key in DOCUMENT["windows"][0]),
        "/policy/lead/by_trust/unn",
        "/candidates/0/wishes/0/target",
        "/priorities/0/order/0",
        "/priorities/0/order",
        "/commitments/0/start",
        "/unknown",
    ]
)


@given(st.binary(max_size=200))
@settings(max_examples=150, deadline=None)
def test_random_bytes_raise_nothing_else(content: bytes) -> None:
    with pytest.raises(InvalidRound):
        read_round(content)
    with pytest.raises(InvalidPlan):
        read_plan(content)


@given(ANYTHING)
@settings(max_examples=150, deadline=None)
def test_random_json_raises_nothing_else(document: object) -> None:
    with pytest.raises(InvalidRound):
        read_round(encoded(document))
    with pytest.raises(InvalidPlan):
        read_plan(encoded(document))


@given(POINTERS, ANYTHING)
@settings(max_examples=300, deadline=None)
def test_random_damage_to_a_good_round_raises_nothing_else(pointer: str, value: object) -> None:
    try:
        round_ = read_round(encoded(changed((pointer, value))))
    except InvalidRound as error:
        told = error.faults
    else:
        told = ()
        assert read_round(write_round(round_)).hash == round_.hash
    assert len(set(map(repr, told))) == len(told)


def test_a_document_is_plain_json() -> None:
    assert json.loads(write_round(full_round())) == full_round().document
