"""Every fault of a list is told at once, in the places of what was sent."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from models.scope import EVERYTHING
from models.tables import Standing, Submission, Unit
from tests.api.routes.collected import (
    candidate,
    list_of,
    opened,
    plant_supervisor,
    plant_window,
    wish,
)
from tests.api.routes.said import MISSING, faults, problem
from tests.api.served import ALTA, VADSO, Served

LIST = list_of(candidate(f"{ALTA}-1", name="Kari Eksempel"), candidate(f"{ALTA}-2"))


FAULTY: dict[str, Any] = {
    "candidates": [
        candidate("5607-1"),
        candidate("5601-2", submitted_on="2026-01-01", rounds_waited=9, lead_waiver="Meg først"),
        candidate("5601-3", wishes=[wish("nowhere"), wish(latest="2027-01-01")]),
        candidate("5601-3", supervisor="nobody", unavailable=[{"from": "2027-01-02"}]),
        candidate("5601-5", months_needed=0, unavailable=[
            {"from": "2027-02-01", "to": "2027-01-01", "reason": "nobody's business"},
        ]),
        {"id": "5601 Kari", "wishes": "none"},
        "5601-7",
    ],
    "default_order": ["5601-2", "5601-2", "5607-9", 7],
    "orders": [
        {"unit": "hammerfest-medisin", "order": ["5601-2"]},
        {"unit": "nowhere", "order": []},
        {"order": []},
        {"unit": "hammerfest-medisin", "order": ["5601-2"]},
    ],
    "late_reason": "Beklager",
    "policy": {},
}  # fmt: skip

FAULTS = [
    ("not-own-id", "/candidates/0/id"),
    ("unknown-key", "/candidates/1/lead_waiver"),
    ("unknown-key", "/candidates/1/rounds_waited"),
    ("unknown-key", "/candidates/1/submitted_on"),
    ("id-repeated", "/candidates/2/id"),
    ("id-unknown", "/candidates/2/wishes/0/target"),
    ("dates-reversed", "/candidates/2/wishes/1/latest"),
    ("not-known", "/candidates/3/supervisor"),
    ("missing", "/candidates/3/unavailable/0/to"),
    ("out-of-range", "/candidates/4/months_needed"),
    ("unknown-key", "/candidates/4/unavailable/0/reason"),
    ("not-own-id", "/candidates/5/id"),
    ("not-slug", "/candidates/5/id"),
    ("missing", "/candidates/5/in_individual_plan"),
    ("missing", "/candidates/5/supervisor"),
    ("not-list", "/candidates/5/wishes"),
    ("not-object", "/candidates/6"),
    ("not-text", "/default_order/3"),
    ("not-asked", "/late_reason"),
    ("order-incomplete", "/orders/0/order"),
    ("id-unknown", "/orders/1/unit"),
    ("missing", "/orders/2/unit"),
    ("order-repeated", "/orders/3"),
    ("order-incomplete", "/orders/3/order"),
    ("unknown-key", "/policy"),
]


def test_every_fault_of_a_list_is_told_at_once_in_its_own_places(embedded: Served) -> None:
    round_, coordinator = opened(embedded), embedded.coordinator()
    answer = coordinator.put(round_.requests(), json=FAULTY, new=True)
    assert problem(answer) == (422, "invalid")
    assert faults(answer) == sorted(FAULTS, key=lambda f: f[::-1])
    assert "Meg først" not in answer.text
    tried = round_.dry_run(FAULTY)
    assert (tried.status_code, tried.json()["faults"]) == (200, answer.json()["faults"])
    assert (tried.json()["warnings"], tried.json()["wishes"]) == ([], [])
    with embedded.database.reading(EVERYTHING) as session:
        assert session.exec(select(Submission)).all() == []
        assert session.exec(select(Standing)).all() == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"default_order": None}, [("order-missing", "/default_order")]),
        ({"default_order": [f"{ALTA}-1"]}, [("order-incomplete", "/default_order")]),
        ({"default_order": [f"{ALTA}-1", f"{ALTA}-1", f"{ALTA}-2"]},
         [("order-repeats", "/default_order/1")]),
        ({"default_order": [f"{ALTA}-1", f"{VADSO}-1", f"{ALTA}-2"]},
         [("id-unknown", "/default_order/1")]),
        ({"default_order": "first"}, [("not-list", "/default_order")]),
        ({"orders": [{"unit": "kirkenes-medisin", "order": [f"{ALTA}-1"]}]},
         [("order-foreigner", "/orders/0/order/0")]),
        ({"orders": {}}, [("not-list", "/orders")]),
        ({"candidates": None}, [("not-list", "/candidates")]),
        ({"candidates": [candidate(f"{ALTA}-{n}") for n in range(301)]},
         [("too-many", "/candidates")]),
        ({"candidates": [candidate(f"{ALTA}-1", wishes=[wish()] * 21), candidate(f"{ALTA}-2")]},
         [("too-many", "/candidates/0/wishes")]),
    ],
)  # fmt: skip
def test_orders_and_sizes_are_held_against_the_list_itself(
    embedded: Served, change: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    round_ = opened(embedded)
    assert faults(round_.hand_in(LIST | change)) == expected


@pytest.mark.parametrize("body", [[], "list", 7])
def test_a_list_is_an_object(embedded: Served, body: Any) -> None:
    answer = opened(embedded).hand_in(body)
    assert faults(answer) == [("not-object", "")]


def test_a_national_identity_number_is_refused_wherever_it_stands(embedded: Served) -> None:
    answer = opened(embedded).hand_in(list_of(candidate(name="Kari 01017012345")))
    assert faults(answer) == [("national-identity-number", "/candidates/0/name")]
    assert "01017012345" not in answer.text


def test_wishes_that_ask_for_too_much_are_not_tried_out(embedded: Served) -> None:
    plant_window(embedded, opens=date(2028, 1, 1), closes=date(2060, 1, 1))
    everything = [wish("finnmark", latest="2060-01-01")] * 20
    list_ = list_of(*(candidate(f"{ALTA}-{n}", wishes=everything) for n in range(2)))
    answer = opened(embedded).hand_in(list_)
    assert faults(answer) == [("list-too-wide", "/candidates")]


def test_a_supervisor_is_the_municipalitys_own_and_has_room(embedded: Served) -> None:
    round_ = opened(embedded)
    full = plant_supervisor(embedded, capacity=1)
    others = plant_supervisor(embedded, VADSO)
    list_ = list_of(
        candidate(f"{ALTA}-1", supervisor=full),
        candidate(f"{ALTA}-2", supervisor=full),
        candidate(f"{ALTA}-3", supervisor=others),
        candidate(f"{ALTA}-4", supervisor=MISSING),
    )
    answer = round_.hand_in(list_)
    assert faults(answer) == [
        ("supervisor-full", "/candidates/1/supervisor"),
        ("not-known", "/candidates/2/supervisor"),
        ("not-known", "/candidates/3/supervisor"),
    ]
    told = {each["code"]: each["figures"] for each in answer.json()["faults"]}
    assert told["supervisor-full"] == {"capacity": 1}


def test_faults_of_the_register_are_not_the_municipalitys(embedded: Served) -> None:
    round_ = opened(embedded)
    with embedded.database.writing(EVERYTHING) as session:
        session.add(Unit(id="kirkenes", name="Kirkenes", site="hammerfest", learning_goals=[]))
    answer = round_.hand_in(LIST)
    assert problem(answer) == (422, "round-invalid")
    assert "faults" not in answer.json()
