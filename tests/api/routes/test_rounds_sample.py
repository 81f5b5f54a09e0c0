"""The Finnmark sample, collected over HTTP, is the sample."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import col, delete

from data.documents import read_round
from models.scope import EVERYTHING
from models.tables import Site, Unit
from scheduler.domain import GOALS
from tests.api.routes.collected import (
    Collecting,
    at,
    finnmark_document,
    opened,
    plant_supervisor,
    plant_window,
)
from tests.api.served import (
    FINNMARK,
    Served,
)


def test_the_finnmark_sample_collected_over_http_is_the_sample(served: Served) -> None:
    sample = finnmark_document()
    register(served, sample)
    round_ = collect(served, sample)
    locked = round_.move("lock")
    assert locked.status_code == 200, locked.text
    frozen = served.planner.get(f"{round_.path}/document")
    shipped = read_round(json.dumps(sample).encode())
    assert frozen.headers["etag"] == f'"{shipped.hash}"'
    assert read_round(frozen.content).hash == shipped.hash == locked.json()["hash"]


def register(served: Served, sample: dict[str, Any]) -> None:
    """Register what the service takes under the sample's ids, and plant the rest."""
    planner = served.planner
    with served.database.writing(EVERYTHING) as session:
        own = ("hammerfest-kirurgi", "hammerfest-medisin", "kirkenes-medisin")
        session.exec(delete(Unit).where(col(Unit.id).in_(own)))
        session.add(Site(id="sámi-klinihkka", name="Sámi klinihkka", organisation=FINNMARK))
    for site in {unit["site"] for unit in sample["units"]} - {"hammerfest", "kirkenes"}:
        form = {"name": site, "organisation": FINNMARK}
        if site.isascii():
            assert planner.put(f"/v1/sites/{site}", json=form, new=True).is_success
    for unit in sample["units"]:
        form = {key: value for key, value in unit.items() if key not in {"id", "trust"}}
        if unit["site"].isascii():
            answer = planner.put(f"/v1/units/{unit['id']}", json=form, new=True)
            assert answer.is_success, answer.text
        else:
            with served.database.writing(EVERYTHING) as session:
                goals = unit.get("learning_goals", list(GOALS))
                session.add(Unit(id=unit["id"], **form | {"learning_goals": goals}))
    for town in sample["municipalities"]:
        register_municipality(served, town)
    for window in sample["windows"]:
        days = {
            key: date.fromisoformat(value)
            for key, value in window.items()
            if key in {"opens", "closes", "release_on"} and value
        }
        plant_window(served, window["id"], **{**window, **days})


def register_municipality(served: Served, town: dict[str, Any]) -> None:
    planner, address = served.planner, f"/v1/municipalities/{town['id']}"
    known = planner.get(address)
    state: dict[str, Any] = {"tag": known.headers["etag"]} if known.is_success else {"new": True}
    form = {
        "name": town["name"],
        "organisation": FINNMARK,
        "registered_on": town.get("registered_on"),
        "max_away": town.get("max_away"),
    }
    assert planner.put(address, json=form, **state).is_success
    for agreement in town["agreements"]:
        path = f"{address}/agreements/{FINNMARK}/{agreement['signed_on']}"
        known = planner.get(path)
        state = {"tag": known.headers["etag"]} if known.is_success else {"new": True}
        sent = {"ends_on": agreement.get("ends_on")}
        assert planner.put(path, json=sent, **state).is_success, path


def collect(served: Served, sample: dict[str, Any]) -> Collecting:
    """Collect the sample's lists, standings and commitments over HTTP."""
    policy = sample["policy"] | {"organisation": FINNMARK, "valid_from": "2026-01-01"}
    at(served, datetime(2026, 8, 20, 9, 0, tzinfo=UTC))
    made = served.planner.post("/v1/policies", json=policy)
    assert made.status_code == 201, made.text
    round_ = opened(
        served,
        label=sample["round"]["id"],
        name=sample["round"]["name"],
        decision_date=sample["round"]["decision_date"],
        policy=made.json()["id"],
        participants=[town["id"] for town in sample["municipalities"]],
    )
    early, last = sorted({each["submitted_on"] for each in sample["candidates"]})
    first_in = {c["municipality"] for c in sample["candidates"] if c["submitted_on"] == early}
    for day, towns in ((early, first_in), (last, {t["id"] for t in sample["municipalities"]})):
        at(served, datetime.fromisoformat(f"{day}T09:00:00+00:00"))
        for town in sorted(towns):
            hand_in_sample(round_, sample, town, day)
    for each in sample["candidates"]:
        judge(round_, each)
    assert round_.hold(sample["commitments"]).status_code == 200
    return round_


def hand_in_sample(round_: Collecting, sample: dict[str, Any], town: str, day: str) -> None:
    """Hand in a municipality's list of those whom it asked for by that day."""
    others = {"municipality", "submitted_on", "has_supervisor", "rounds_waited", "lead_waiver"}
    own = [
        each
        for each in sample["candidates"]
        if each["municipality"] == town and each["submitted_on"] <= day
    ]
    supervisor = plant_supervisor(round_.served, town) if own else None
    orders = [each for each in sample["priorities"] if each["municipality"] == town]
    default = [each["order"] for each in orders if each.get("unit") is None]
    list_ = {
        "candidates": [
            {key: value for key, value in each.items() if key not in others}
            | {"supervisor": supervisor if each["has_supervisor"] else None}
            for each in own
        ],
        "default_order": default[0] if default and own else None,
        "orders": [
            {"unit": each["unit"], "order": each["order"]}
            for each in orders
            if each.get("unit") is not None and own
        ],
    }
    answer = round_.hand_in(list_, town)
    assert answer.is_success, answer.text


def judge(round_: Collecting, of: dict[str, Any]) -> None:
    """Say what the planner knows of a candidate, where there is anything to say."""
    form = {key: of.get(key) for key in ("rounds_waited", "lead_waiver") if key in of}
    if form:
        address = f"{round_.path}/candidates/{of['id']}/standing"
        sent = {"rounds_waited": 0} | form
        answer = round_.served.planner.put(address, json=sent, tag='"1"')
        assert answer.status_code == 200, answer.text
