"""Documents and lists as they are kept, rewritten without what is to be forgotten."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from data.documents import write_document
from models.tables import Plan, Snapshot, Submission
from scheduler.canonical import digest, encode

ERASED = "slettet"
"""What stands for a text that was asked for by a rule, and is kept no longer."""

Change = Callable[[dict[str, Any]], None]
"""Changes what a list or a document says of one candidate."""


def nameless(candidate: dict[str, Any]) -> None:
    """Take the name away; no hash of a document counts it."""
    if candidate.get("name") is not None:
        candidate["name"] = None


def rewrite_list(row: Submission, change: Change) -> bool:
    """Change what a list says of its candidates; its receipt keeps the hash of what was sent."""
    list_ = json.loads(row.content)
    for candidate in list_["candidates"]:
        change(candidate)
    content = encode(list_).decode()
    changed = content != row.content
    row.content = content
    return changed


def rewrite_document(row: Snapshot, change: Change) -> bool:
    """Change what a frozen document says of its candidates; the hash beside it stays."""
    document = json.loads(row.content)
    for candidate in document["candidates"]:
        change(candidate)
    content = write_document(document).decode()
    changed = content != row.content
    row.content = content
    return changed


def rehash(row: Snapshot, plans: Iterable[Plan]) -> None:
    """Give a document the hash of what it says now, and plans that were made from it theirs."""
    row.hash = digest(json.loads(row.content))
    for plan in plans:
        if plan.snapshot == row.id:
            _attach(plan, row.hash)


def _attach(plan: Plan, round_hash: str) -> None:
    if plan.content is None:
        return
    document: dict[str, Any] = json.loads(plan.content) | {"round_hash": round_hash}
    document["plan_hash"] = _hash_of(document)
    plan.content, plan.hash = write_document(document).decode(), document["plan_hash"]


def _hash_of(plan: Mapping[str, Any]) -> str:
    return digest({key: plan[key] for key in plan if key not in ("engine", "plan_hash")})
