"""Moves by hand: where somebody could go, what it costs, and the plan that comes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from data.documents import write_plan
from models.scope import EVERYTHING
from models.store import sightings
from tests.api.routes.planned import Locked, finnmark, finnmark_plan, locked
from tests.api.served import BERGEN, Served
from tests.builders import Doc


@pytest.fixture
def round_(embedded: Served) -> Locked:
    return locked(embedded, finnmark())


@pytest.fixture
def plan(round_: Locked) -> str:
    return round_.plan(finnmark_plan())


def moves(served: Served, plan: str, *made: Doc, reason: str | None = None, **query: Any) -> Any:
    body = {"moves": list(made)} | ({"reason": reason} if reason else {})
    return served.planner.post(f"/v1/plans/{plan}/moves", json=body, params=query)


def seats(served: Served, plan: str, candidate: str) -> Any:
    return served.planner.get(f"/v1/plans/{plan}/candidates/{candidate}/seats").json()


def placed() -> dict[str, Any]:
    return {p.candidate: p for p in finnmark_plan().placements}


def someone_free() -> str:
    """Return somebody whose place may be taken from her."""
    return next(c for c in sorted(placed()) if c not in finnmark().accepted)


def test_every_seat_a_rule_allows_is_listed_and_says_who_holds_it(
    embedded: Served, plan: str
) -> None:
    taken = 0
    for candidate in finnmark().candidate:
        told = seats(embedded, plan, candidate)
        own = placed().get(candidate)
        assert (told["placement"] is None) == (own is None)
        for window in told["windows"]:
            for start in window["starts"]:
                move = {"candidate": candidate, "window": window["window"], "start": start["start"]}
                broken = moves(embedded, plan, move, dry_run=True).json()["broken"]
                limits = {"POSITIONS", "SUPERVISED", "AWAY"} & {each["rule"] for each in broken}
                assert bool(limits) == (start["held"] is not None)
                taken += bool(limits)
    assert taken > 10


def test_trying_saves_nothing_and_tells_the_price(
    embedded: Served, round_: Locked, plan: str
) -> None:
    candidate = someone_free()
    told = moves(embedded, plan, {"candidate": candidate}, dry_run=True).json()
    [change] = told["changes"]
    assert (change["candidate"], change["difference"]) == (candidate, "lost")
    worse = {(t["tier"], t["level"]): t for t in told["tiers"] if t["outcome"] == "worse"}
    assert worse["placed", None]["before"] == worse["placed", None]["after"] + 1
    assert told["verified"] == (not told["broken"])
    assert len(embedded.planner.get(round_.address).json()["items"]) == 1


def test_a_rule_that_breaks_is_named_and_nothing_is_kept(
    embedded: Served, round_: Locked, plan: str
) -> None:
    one = placed()[someone_free()]
    stays = finnmark_plan().placements
    other = next(p for p in stays if p.window != one.window and p.candidate != one.candidate)
    move = {"candidate": other.candidate, "window": one.window, "start": str(one.start)}
    told = moves(embedded, plan, move, dry_run=True).json()
    assert told["verified"] is False
    rules = {each["rule"] for each in told["broken"]}
    answer = moves(embedded, plan, move, reason="Ønsket av kommunen")
    assert answer.status_code == 422
    faults = answer.json()["faults"]
    assert {fault["code"] for fault in faults} == rules
    assert {fault["place"] for fault in faults} == {"/moves"}
    assert all(fault["sentence"] for fault in faults)
    assert len(embedded.planner.get(round_.address).json()["items"]) == 1


def keepable(served: Served, plan: str) -> Doc:
    """Return a move that breaks no rule."""
    for candidate in sorted(finnmark().candidate):
        move = {"candidate": candidate}
        if candidate in placed() and moves(served, plan, move, dry_run=True).json()["verified"]:
            return move
    raise AssertionError("nobody can be taken out")


def test_a_move_with_a_reason_is_a_plan_of_its_own_and_counts_as_an_override(
    embedded: Served, round_: Locked, plan: str
) -> None:
    move = keepable(embedded, plan)
    unsaid = moves(embedded, plan, move)
    assert [fault["place"] for fault in unsaid.json()["faults"]] == ["/reason"]
    made = moves(embedded, plan, move, reason="Trukket seg")
    assert made.status_code == 201
    assert (made.json()["origin"], made.json()["status"]) == ("hand", "feasible")
    diff = embedded.planner.get(f"{made.headers['location']}/diff", params={"against": plan}).json()
    assert [each["candidate"] for each in diff["changes"]] == [move["candidate"]]
    tried = moves(embedded, plan, move, dry_run=True).json()
    assert [t["after"] for t in tried["tiers"]] == [t["after"] for t in diff["tiers"]]
    before = embedded.planner.get(f"/v1/plans/{plan}/document").content
    assert before == write_plan(finnmark_plan()), "the plan it comes from stays"
    with embedded.database.reading(EVERYTHING) as session:
        [entry] = sightings.overrides(session, round_.id)
    said = json.loads(entry.content)
    assert (said["operation"], said["override"]) == ("move_placements", "plan-by-hand")
    assert said["candidates"] == [move["candidate"]]
    listed = embedded.planner.get(f"/v1/rounds/{round_.id}/overrides").json()
    assert listed["counts"] == {"plan-by-hand": 1}
    assert listed["items"][0]["reason"] == "Trukket seg"


def test_a_move_is_refused_where_the_round_has_gone_on(
    embedded: Served, round_: Locked, plan: str
) -> None:
    move = keepable(embedded, plan)
    round_.refreeze()
    answer = moves(embedded, plan, move, reason="Trukket seg")
    assert answer.json()["code"] == "plan-outdated"
    round_.unlock("open")
    answer = moves(embedded, plan, move, reason="Trukket seg")
    assert answer.json()["code"] == "round-not-locked"


def test_what_is_not_known_is_told_at_its_place(embedded: Served, plan: str) -> None:
    wrong: list[Doc] = [
        {"candidate": "nobody"},
        {"candidate": someone_free(), "window": "nowhere", "start": "2027-08-01"},
        {"candidate": someone_free(), "start": "2027-08-01"},
    ]
    answer = moves(embedded, plan, *wrong, dry_run=True)
    told = {(fault["place"], fault["code"]) for fault in answer.json()["faults"]}
    assert told == {
        ("/moves/0/candidate", "not-known"),
        ("/moves/1/window", "not-known"),
        ("/moves/2/window", "missing"),
    }
    person = embedded.planner.get(f"/v1/plans/{plan}/candidates/nobody/seats")
    assert person.status_code == 404


def test_nobody_else_moves_or_looks(embedded: Served, round_: Locked) -> None:
    plan = round_.plan(finnmark_plan(), published=True)
    candidate = someone_free()
    address = f"/v1/plans/{plan}/candidates/{candidate}/seats"
    coordinator, elsewhere = embedded.coordinator(), embedded.as_("planner", BERGEN)
    assert [who.get(address).status_code for who in (coordinator, elsewhere)] == [403, 404]
    body = {"moves": [{"candidate": candidate}]}
    path = f"/v1/plans/{plan}/moves?dry_run=true"
    assert elsewhere.post(path, json=body).status_code == 404
    assert embedded.as_("approver").post(path, json=body).status_code == 403
