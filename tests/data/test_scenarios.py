"""Scenarios: what is changed, what follows, what is refused, and that nothing else happens."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from data.documents import read_round, write_plan, write_round
from data.scenarios import changed_round, read_scenario
from scheduler.conflicts import conflicts
from scheduler.errors import InvalidScenario
from scheduler.planner import plan_round
from scheduler.rounds import Round
from tests.builders import Doc, candidate, order, policy, round_doc, round_of, unit, window, wish
from tests.small_rounds import small_round

DOCS = Path(__file__).parents[2] / "docs"

ROUNDS = 14
"""How many small rounds are changed and planned."""


def change(action: str, record: str, fields: Doc | None = None, **key: Any) -> Doc:
    return {"action": action, "record": record, **key} | (
        {} if fields is None else {"fields": fields}
    )


def scenario(*changes: Doc) -> bytes:
    return json.dumps(
        {"format": "rotations/scenario@1", "name": "what if", "changes": changes}
    ).encode()


def changed(round_: Round, *changes: Doc) -> Round:
    return changed_round(round_, read_scenario(scenario(*changes)))


def faults(round_: Round, *changes: Doc) -> set[tuple[str, str]]:
    """Return code and place of everything that is refused."""
    with pytest.raises(InvalidScenario) as refused:
        changed(round_, *changes)
    return {(fault.code, "/".join(map(str, fault.place))) for fault in refused.value.faults}


def ranked(round_: Round) -> dict[tuple[str, str | None], tuple[str, ...]]:
    return {(p.municipality, p.unit): p.order for p in round_.priorities}


@pytest.fixture
def three() -> Round:
    """Three colleagues, of whom two wish unit v, for which there is an order; one holds a seat."""
    both = [wish("u"), wish("v")]
    return round_of(
        round_doc(
            units=[unit("u"), unit("v", site="sv")],
            windows=[window("w"), window("x", unit="v")],
            candidates=[candidate("a", wishes=both), candidate("b", wishes=both), candidate("c")],
            priorities=[order("c", "b", "a"), order("b", "a", unit="v")],
            commitments=[
                {"candidate": "b", "window": "x", "start": "2027-08-01", "state": "offered"}
            ],
        )
    )


# -- what a changed round is -----------------------------------------------------------------------


def by_hand(doc: Doc, r: Random) -> tuple[Doc, list[Doc]]:
    """Change a document in every way that fits, and say the same as a scenario."""
    doc, changes = deepcopy(doc), []
    first = doc["windows"][0]
    first["positions"] += 1
    changes.append(change("change", "windows", {"positions": first["positions"]}, id=first["id"]))
    doc["windows"].append(first | {"id": "new", "positions": 1})
    changes.append(change("add", "windows", doc["windows"][-1]))
    doc["policy"]["lottery_seed"] = doc["policy"]["priority"] = "advisory"
    both = {"lottery_seed": "advisory", "priority": "advisory"}
    changes.append(change("change", "policy", both))
    doc["round"]["decision_date"] = "2026-12-15"
    changes.append(change("change", "round", {"decision_date": "2026-12-15"}))
    gone = r.choice(doc["candidates"])
    doc["candidates"].remove(gone)
    doc["commitments"] = [c for c in doc["commitments"] if c["candidate"] != gone["id"]]
    for each in doc["priorities"]:
        each["order"] = [c for c in each["order"] if c != gone["id"]]
    changes.append(change("remove", "candidates", id=gone["id"]))
    return doc, changes


def test_a_scenario_is_the_round_changed_by_hand_and_planned_as_such() -> None:
    """What is planned is a function of the changed document alone, byte for byte."""
    planned = 0
    for seed in range(ROUNDS):
        doc = small_round(seed)
        round_ = read_round(json.dumps(doc).encode())
        before = write_round(round_)
        fresh, changes = by_hand(doc, Random(seed))
        found = changed(round_, *changes)
        assert found.id == round_.id
        assert found.hash == read_round(json.dumps(fresh).encode()).hash != round_.hash
        assert write_round(round_) == before
        if not conflicts(found):
            again = read_round(write_round(found))
            assert write_plan(plan_round(found)) == write_plan(plan_round(again))
            planned += 1
    assert planned > ROUNDS // 2


def test_the_example_of_the_page_fits_the_round_of_the_model_page() -> None:
    found = changed_round(
        round_of(shown("model.md", "round.json")),
        read_scenario(json.dumps(shown("formats.md", "scenario.json")).encode()),
    )
    assert found.window["w1"].positions == 2
    assert ranked(found) == {
        ("5601", None): ("c1", "c2"),
        ("5601", "hammerfest-medisin"): ("c1", "c2"),
    }


def shown(page: str, name: str) -> Any:
    """Return what a block of JSON on a page holds."""
    content = (DOCS / page).read_text(encoding="utf-8")
    _, _, after = content.partition(f"<!-- {name} -->\n```json\n")
    return json.loads(after.partition("```")[0])


def test_without_changes_the_round_is_the_same(three: Round) -> None:
    assert changed(three).hash == three.hash


# -- orders follow the people ----------------------------------------------------------------------


def test_whoever_is_removed_leaves_orders_and_gives_up_her_seat(three: Round) -> None:
    found = changed(three, change("remove", "candidates", id="b"))
    assert ranked(found) == {("m", None): ("c", "a"), ("m", "v"): ("a",)}
    assert found.commitments == ()


def test_whoever_is_added_stands_last(three: Round) -> None:
    added = [candidate(name, wishes=[wish("sv")]) for name in ("aa", "A")]
    found = changed(three, *(change("add", "candidates", each) for each in added))
    assert ranked(found) == {
        ("m", None): ("c", "b", "a", "aa", "A"),
        ("m", "v"): ("b", "a", "aa", "A"),
    }


def test_whoever_wishes_otherwise_leaves_and_joins_the_orders_of_units(three: Round) -> None:
    found = changed(
        three,
        change("change", "candidates", {"wishes": [wish("v")]}, id="c"),
        change("change", "candidates", {"wishes": [wish("u")]}, id="b"),
    )
    assert ranked(found) == {("m", None): ("c", "b", "a"), ("m", "v"): ("a", "c")}


def test_an_order_that_the_scenario_gives_stands_as_it_is_given(three: Round) -> None:
    new = change("add", "candidates", candidate("d"))
    given = change("change", "priorities", {"order": ["d", "a", "b", "c"]}, municipality="m")
    assert ranked(changed(three, new, given))["m", None] == ("d", "a", "b", "c")
    short = change("change", "priorities", {"order": ["a", "b", "c"]}, municipality="m")
    assert faults(three, new, short) == {("order-incomplete", "changes/1/fields/order")}


def test_a_second_candidate_makes_an_order() -> None:
    found = changed(round_of(round_doc()), change("add", "candidates", candidate("b")))
    assert ranked(found) == {("m", None): ("c", "b")}


def test_an_order_that_is_taken_away_is_missed(three: Round) -> None:
    gone = change("remove", "priorities", municipality="m")
    assert faults(three, gone) == {("order-missing", "changes/0")}


def test_a_seat_is_named_by_its_holder(three: Round) -> None:
    kept = changed(three, change("change", "commitments", {"state": "accepted"}, candidate="b"))
    assert [c.state for c in kept.commitments] == ["accepted"]
    assert changed(three, change("remove", "commitments", candidate="b")).commitments == ()


# -- what is refused -------------------------------------------------------------------------------


def test_offers_lapse_in_a_window_that_is_removed(three: Round) -> None:
    assert changed(three, change("remove", "windows", id="x")).commitments == ()


def test_every_fault_is_told_at_once_where_it_comes_from(three: Round) -> None:
    accepted = tuple(replace(held, state="accepted") for held in three.commitments)
    assert faults(
        three.replace(commitments=accepted),
        change("change", "policy", {"start_days": [32]}),
        change("add", "windows", window("w")),
        change("remove", "windows", id="x"),
        change("remove", "units", id="u"),
        change("change", "candidates", {"wishes": [wish("nowhere")], "gp_months": "6"}, id="a"),
        change("change", "municipalities", {"max_away": 1}, id="unheard-of"),
        change("add", "candidates", {"id": ["a"], "municipality": {}, "wishes": [1]}),
    ) == {
        ("out-of-range", "changes/0/fields/start_days/0"),
        ("id-repeated", "changes/1/fields/id"),
        ("id-unknown", "changes/1/fields/unit"),
        ("id-unknown", "changes/2"),
        ("id-unknown", "changes/3"),
        ("not-whole-number", "changes/4/fields/gp_months"),
        ("id-unknown", "changes/5/id"),
        ("not-text", "changes/6/fields/id"),
        ("not-text", "changes/6/fields/municipality"),
        ("not-object", "changes/6/fields/wishes/0"),
        *(("missing", f"changes/6/fields/{name}") for name in UNGIVEN),
    }


UNGIVEN = ("submitted_on", "has_supervisor", "in_individual_plan")


@pytest.mark.parametrize(
    ("wrong", "code", "place"),
    [
        (change("add", "policy", policy()), "not-one-of", "action"),
        (change("move", "windows", {}), "not-one-of", "action"),
        (change("add", "people", {}), "not-one-of", "record"),
        (change("add", "windows"), "missing", "fields"),
        (change("add", "windows", window(), id="w"), "not-asked", "id"),
        (change("change", "windows", {"positions": 2}), "missing", "id"),
        (change("change", "windows", {"id": "y"}, id="w"), "not-asked", "fields/id"),
        (change("change", "round", {"id": "other"}), "not-asked", "fields/id"),
        (change("remove", "windows", {}, id="w"), "not-asked", "fields"),
        (change("remove", "commitments", id="b"), "missing", "candidate"),
        (change("remove", "priorities", unit="v"), "missing", "municipality"),
        (change("remove", "windows", id="w", why="?"), "unknown-key", "why"),
    ],
)
def test_a_change_of_the_wrong_form_is_refused(wrong: Doc, code: str, place: str) -> None:
    with pytest.raises(InvalidScenario) as refused:
        read_scenario(scenario(wrong))
    assert (code, ("changes", 0, *place.split("/"))) in {
        (fault.code, fault.place) for fault in refused.value.faults
    }


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not-json"),
        (b"[]", "not-object"),
        (b'{"format": "rotations/round@1"}', "not-one-of"),
        (b'{"name": "a", "name": "b"}', "key-repeated"),
        (b"\xff", "not-utf-8"),
    ],
)
def test_what_is_no_scenario_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(InvalidScenario) as refused:
        read_scenario(content)
    assert code in {fault.code for fault in refused.value.faults}
