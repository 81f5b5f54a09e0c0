"""From a form to the changes of a scenario: the common ones by their fields, any other as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from api.pages.deciding.naming import Record
from api.pages.typed import whole

KINDS = ("seats", "closed", "without", "another", "priority", "json")
"""What a scenario can change; each has a box to tick and fields of its own."""

Sent = Mapping[str, Any]
Change = dict[str, Any]
Said = Callable[..., str]


def changes_in(
    form: Sent, document: Record, text: Said
) -> tuple[list[Change], list[str], list[Record]]:
    """Return the changes that a form asks for, the field that each comes from, and faults.

    Parameters
    ----------
    document
        The round as it is.
    text
        Words a key of the catalogue.
    """
    changes: list[Change] = []
    places: list[str] = []
    faults: list[Record] = []
    for kind in KINDS:
        if not form.get(f"/{kind}"):
            continue
        found = _MAKERS[kind](form, document)
        if found is None:
            sentence = text(f"pages_deciding.change-{kind}-wrong")
            faults.append({"place": _field(kind), "code": "not-read", "sentence": sentence})
            continue
        changes += found
        places += [_field(kind)] * len(found)
    if not changes and not faults:
        sentence = text("pages_deciding.change-none")
        faults.append({"place": "/changes", "code": "missing", "sentence": sentence})
    return changes, places, faults


def fields_of(place: str, places: Sequence[str]) -> str:
    """Return the field that a fault of a scenario belongs to; the place itself, where none does."""
    step, *rest = place.lstrip("/").split("/")
    if step == "changes" and rest and rest[0].isdecimal() and int(rest[0]) < len(places):
        return places[int(rest[0])]
    return place


def _field(kind: str) -> str:
    """Return the field of a kind of change at which its faults are told."""
    return {"seats": "/seats/positions", "another": "/another/id"}.get(kind, f"/{kind}/what")


def _seats(form: Sent, _: Record) -> list[Change] | None:
    window, positions = form.get("/seats/window"), whole(str(form.get("/seats/positions", "")))
    if not window or not isinstance(positions, int):
        return None
    return [_change("change", "windows", window, {"positions": positions})]


def _closed(form: Sent, _: Record) -> list[Change] | None:
    window = form.get("/closed/what")
    return [_change("remove", "windows", window)] if window else None


def _without(form: Sent, _: Record) -> list[Change] | None:
    candidate = form.get("/without/what")
    return [_change("remove", "candidates", candidate)] if candidate else None


def _another(form: Sent, document: Record) -> list[Change] | None:
    """Return somebody more, who is like somebody of the round but for her id and name."""
    like, id_ = form.get("/another/like"), str(form.get("/another/id", "")).strip()
    found = next((each for each in document["candidates"] if each["id"] == like), None)
    if found is None or not id_:
        return None
    record = deepcopy(dict(found)) | {"id": id_}
    record.pop("name", None)
    return [{"action": "add", "record": "candidates", "fields": record}]


def _priority(form: Sent, _: Record) -> list[Change] | None:
    mode = form.get("/priority/what")
    fields = {"priority": mode}
    return [{"action": "change", "record": "policy", "fields": fields}] if mode else None


def _json(form: Sent, _: Record) -> list[Change] | None:
    """Return changes that are written as JSON: a list of them, one alone, or a whole scenario."""
    try:
        found = json.loads(str(form.get("/json/what", "")))
    except (ValueError, RecursionError):
        return None
    if isinstance(found, dict):
        found = found.get("changes", [found])
    return found if isinstance(found, list) and found else None


def _change(action: str, record: str, id_: object, fields: Record | None = None) -> Change:
    change = {"action": action, "record": record, "id": id_}
    return change if fields is None else change | {"fields": dict(fields)}


_MAKERS: Mapping[str, Callable[[Sent, Record], list[Change] | None]] = {
    "seats": _seats,
    "closed": _closed,
    "without": _without,
    "another": _another,
    "priority": _priority,
    "json": _json,
}
