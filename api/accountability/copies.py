"""A copy of all that is kept about one candidate, for herself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from models.store.personal import Held, entry_of, record_of, values
from models.tables import Study

_OWN_LISTS = ("placements", "unplaced", "passed_over")
"""Parts of a plan that are told candidate by candidate."""


def copy_of(rows: Held, studies: Iterable[Study]) -> dict[str, Any]:
    """Return what is kept about a candidate as plain values, table by table.

    Parameters
    ----------
    studies
        What-ifs of her rounds; told is what they ask and say about her.
    """
    her = rows.candidate
    tables: dict[str, Sequence[Any]] = {
        field.name: getattr(rows, field.name)
        for field in fields(rows)
        if field.name in ("standings", "commitments", "offers", "placements", "steps", "rights")
    }
    return {
        "municipality": rows.municipality,
        "candidate": her,
        "lists": [values(row, "content") | {"entry": entry_of(row, her)} for row in rows.lists],
        "documents": [
            values(row, "content") | {"record": record_of(row, rows.municipality, her)}
            for row in rows.documents
        ],
        "plans": [
            {"plan": row.id, "round": row.round, "published_at": values(row)["published_at"]}
            | _outcome(json.loads(row.content), her)
            for row in rows.plans
            if row.content is not None
        ],
        "explanations": [
            {"study": row.study, "explanation": json.loads(row.content)} for row in rows.explained
        ],
        **{name: [values(row) for row in part] for name, part in tables.items()},
        "studies": [found for row in studies if (found := _studied(row, her))],
        "sessions": [values(row, "id") for row in rows.sessions],
        "answers": len(rows.answers),
        "notices": [values(row) for row in rows.notices],
    }


def _studied(row: Study, candidate: str) -> dict[str, Any] | None:
    """Return what a what-if asks and says about a candidate; None where that is nothing."""
    parts = (json.loads(part) for part in (row.asked, row.content) if part is not None)
    found = [each for part in parts for each in _about(part, candidate)]
    return {"study": row.id, "kind": row.kind, "name": row.name, "about": found} if found else None


def _about(value: Any, candidate: str) -> Iterator[dict[str, Any]]:
    """Yield the records that name a candidate, each as a whole, the innermost alone."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = [each for part in inner for each in _about(part, candidate)]
    yield from found
    if isinstance(value, dict) and not found and candidate in _ids(value):
        yield value


def _ids(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts of a record, and of lists of texts in it."""
    for value in record.values():
        yield from (
            each
            for each in [value, *(value if isinstance(value, list) else ())]
            if isinstance(each, str)
        )


def _outcome(plan: Mapping[str, Any], candidate: str) -> dict[str, Any]:
    """Return what a plan says of a candidate."""
    return {
        part: [each for each in plan.get(part, ()) if each["candidate"] == candidate]
        for part in _OWN_LISTS
    }
