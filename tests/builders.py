"""Round documents by hand: a valid one with sensible defaults, altered by whoever needs another.

All people and vacancies are made up.
"""

from __future__ import annotations

import json
from typing import Any

from data.documents import read_round
from scheduler.planner import plan_round
from scheduler.plans import Plan
from scheduler.rounds import Round

Doc = dict[str, Any]

ALL_TIERS = ["kept", "deadline", "placed", "waiting", "rank", "wish", "spread", "lead", "start"]


def policy(**changes: Any) -> Doc:
    """Six months' notice, starts on the first of a month, every tier."""
    return {
        "name": "test",
        "version": 1,
        "lead": {"minimum_months": 6, "target_months": 9, "counts_from": "decision"},
        "start_days": [1],
        "round_every_months": 3,
        "tiers": [*ALL_TIERS],
        "lottery_seed": "frø",
    } | changes


def unit(id_: str = "u", **changes: Any) -> Doc:
    """A department of site s, trust t, that supervises any number."""
    return {"id": id_, "site": "s", "trust": "t"} | changes


def window(id_: str = "w", **changes: Any) -> Doc:
    """One position in unit u for the six months from August 2027."""
    return {
        "id": id_,
        "unit": "u",
        "opens": "2027-08-01",
        "closes": "2028-02-01",
        "positions": 1,
    } | changes


def municipality(id_: str = "m", **changes: Any) -> Doc:
    """A registered municipality with an agreement with trust t."""
    return {
        "id": id_,
        "registered_on": "2019-03-01",
        "agreements": [{"trust": "t", "signed_on": "2021-05-01"}],
    } | changes


def wish(target: str = "u", **changes: Any) -> Doc:
    """A wish to start any time from August 2027 to August 2028."""
    return {"target": target, "earliest": "2027-08-01", "latest": "2028-08-01"} | changes


def candidate(id_: str = "c", **changes: Any) -> Doc:
    """A candidate of municipality m who meets every condition and wishes unit u."""
    return {
        "id": id_,
        "municipality": "m",
        "submitted_on": "2026-12-01",
        "has_supervisor": True,
        "in_individual_plan": True,
        "learning_goals": ["ALM-055", "ALM-085"],
        "lis1_completed_on": "2024-08-31",
        "wishes": [wish()],
    } | changes


def order(*candidates: str, municipality: str = "m", unit: str | None = None) -> Doc:
    """A municipality's order, first = highest."""
    return {"municipality": municipality, "unit": unit, "order": list(candidates)}


def round_doc(**changes: Any) -> Doc:
    """A round of one candidate, one window, one municipality, decided on 15 January 2027."""
    return {
        "format": "rotations/round@1",
        "round": {"id": "test", "decision_date": "2027-01-15"},
        "policy": policy(),
        "units": [unit()],
        "windows": [window()],
        "municipalities": [municipality()],
        "candidates": [candidate()],
        "priorities": [],
        "commitments": [],
    } | changes


def round_of(doc: Doc) -> Round:
    """Read a document the way the program does."""
    return read_round(json.dumps(doc, ensure_ascii=False).encode())


def plan_of(doc: Doc) -> Plan:
    """Plan a document."""
    return plan_round(round_of(doc))


def placed(plan: Plan) -> dict[str, tuple[str, str]]:
    """Window and start by candidate."""
    return {p.candidate: (p.window, str(p.start)) for p in plan.placements}
