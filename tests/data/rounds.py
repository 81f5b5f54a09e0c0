"""A small round document that uses every field, and ways to damage it. Its people are made up."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from data.documents import read_round
from scheduler.rounds import Round

DOCUMENT: dict[str, Any] = {
    "format": "rotations/round@1",
    "round": {"id": "2027-Q1", "name": "Finnmark, vinter", "decision_date": "2027-01-15"},
    "policy": {
        "name": "finnmark",
        "version": 3,
        "lead": {
            "minimum_months": 6,
            "target_months": 9,
            "counts_from": "decision",
            "by_trust": {"unn": {"minimum_months": 12, "target_months": None}},
        },
        "start_days": [1, 15],
        "priority": "placement",
        "round_every_months": 3,
        "tiers": ["placed", "kept", "wish", "lottery"],
        "lottery_seed": "=2027",
        "parts": {"divisions": [[3, 4], [4, 3], [7]], "longest_gap_months": 0},
    },
    "units": [
        {
            "id": "med",
            "name": "Avdeling for medisin",
            "site": "hammerfest",
            "trust": "finnmark",
            "supervised_places": 0,
            "learning_goals": [],
        },
        {"id": "kir", "site": "tromso", "trust": "unn"},
    ],
    "windows": [
        {
            "id": "w1",
            "unit": "med",
            "opens": "2027-08-01",
            "closes": "2028-08-01",
            "positions": 2,
            "kind": "earmarked",
            "fte_percent": 80,
            "min_gp_months": 36,
            "release_on": "2027-05-01",
        },
        {"id": "w2", "unit": "kir", "opens": "2027-08-01", "closes": "2028-08-01", "positions": 1},
    ],
    "municipalities": [
        {
            "id": "0301",
            "name": "-Ápir",
            "registered_on": "2019-03-01",
            "agreements": [
                {"trust": "finnmark", "signed_on": "2021-05-01", "ends_on": "2030-01-01"},
                {"trust": "unn", "signed_on": "2021-05-01"},
            ],
            "max_away": 2,
        },
        {"id": "5601"},
    ],
    "candidates": [
        {
            "id": "c1",
            "name": "Kari Eksempel; «Æøå» č đ ŋ 😀",
            "municipality": "0301",
            "submitted_on": "2026-12-01",
            "months_needed": 7,
            "learning_goals": ["ALM-055", 'a, "b"'],
            "lis1_completed_on": "2024-08-31",
            "gp_months": 24,
            "has_supervisor": True,
            "in_individual_plan": False,
            "min_fte_percent": 0,
            "available_from": "2027-06-01",
            "unavailable": [{"from": "2027-12-01", "to": "2028-03-01"}],
            "complete_by": "2029-06-30",
            "rounds_waited": 1,
            "lead_waiver": "'=avtalt",
            "wishes": [
                {"target": "med", "earliest": "2027-08-01", "latest": "2028-01-01"},
                {
                    "target": "unn",
                    "earliest": "2027-08-01",
                    "latest": "2028-01-01",
                    "ideal": "2027-09-01",
                },
            ],
        },
        {
            "id": "NA",
            "name": "Ola Oppdiktet",
            "municipality": "0301",
            "submitted_on": "2026-12-01",
            "has_supervisor": False,
            "in_individual_plan": True,
            "wishes": [{"target": "hammerfest", "earliest": "2027-08-01", "latest": "2028-01-01"}],
        },
        {
            "id": "c3",
            "municipality": "5601",
            "submitted_on": "2026-12-01",
            "has_supervisor": True,
            "in_individual_plan": True,
        },
    ],
    "priorities": [
        {"municipality": "0301", "unit": None, "order": ["NA", "c1"]},
        {"municipality": "0301", "unit": "kir", "order": ["c1"]},
        {"municipality": "5601", "unit": "kir", "order": []},
    ],
    "commitments": [
        {
            "candidate": "c3",
            "window": "w2",
            "start": "2027-03-01",
            "state": "accepted",
            "months": 3,
        },
        {"candidate": "NA", "window": "w1", "start": "2027-09-01", "state": "offered"},
    ],
}

NAMES = {"c1": DOCUMENT["candidates"][0]["name"], "NA": "Ola Oppdiktet", "c3": None}

GONE = object()
"""The value of a field that `changed` takes away."""


def changed(*changes: tuple[str, object]) -> dict[str, Any]:
    """Return the document with the values at these JSON pointers put in, added or taken away."""
    document = deepcopy(DOCUMENT)
    for pointer, value in changes:
        *way, last = (int(s) if s.isdigit() else s for s in pointer.split("/")[1:])
        holder: Any = document
        for step in way:
            holder = holder[step]
        if value is GONE:
            del holder[last]
        elif isinstance(holder, list) and last == len(holder):
            holder.append(value)
        else:
            holder[last] = value
    return document


def encoded(document: object) -> bytes:
    return json.dumps(document).encode()


def full_round() -> Round:
    return read_round(encoded(DOCUMENT))
