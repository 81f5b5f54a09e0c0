"""The audit: who did and saw what, and which rules were set aside."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlmodel import col

from api.schemas.audit import Entries, EntryAnswer, EntryFilter, Overrides
from api.schemas.fields import Handle
from api.web.admission import AdmittedRoute, Caller
from api.web.calls import found
from api.web.problems import answers
from models.store import sightings
from models.store.audit import About
from models.tables import AuditEntry, Round

router = APIRouter(route_class=AdmittedRoute, tags=["audit"])


@router.get("/audit", operation_id="list_audit", responses=answers())
def list_audit(call: Caller, asked: Annotated[EntryFilter, Query()]) -> Entries:
    """List who changed what, and who read what about candidates, in your rounds.

    What belongs to no round is listed for who keeps the municipality's record.
    """
    rows = sightings.entries(round_id=asked.round, actor=asked.actor, after=asked.after)
    with call.reading() as session:
        if asked.candidate is not None:
            rows = rows.where(sightings.about(session, asked.candidate, asked.municipality))
        elif asked.municipality is not None:
            rows = rows.where(col(AuditEntry.municipality) == asked.municipality)
        kept = list(session.exec(rows.limit(asked.limit + 1)))
        shown = [_entry(row) for row in kept[: asked.limit]]
    call.note_parts(*_parts(shown, asked.candidate))
    return Entries(items=shown, next=shown[-1].number if len(kept) > asked.limit else None)


@router.get("/rounds/{id}/overrides", operation_id="list_overrides", responses=answers("not-found"))
def list_overrides(call: Caller, id: Handle) -> Overrides:  # noqa: A002 - the address names it
    """Count how often rules of a round were set aside, and list each time with its reason."""
    with call.reading() as session:
        found(session.get(Round, id))
        rows = sightings.overrides(session, id)
        shown = [_entry(row) for row in rows]
        counts = dict(sightings.counted(rows))
    call.note(candidates=sorted({name for each in shown for name in each.candidates or ()}))
    return Overrides(counts=counts, items=shown)


def _parts(shown: list[EntryAnswer], asked: str | None) -> list[About]:
    """Return whom of which round entries tell of: those they name, and who was asked about."""
    named: dict[str, set[str]] = {}
    for each in shown:
        if each.round is not None:
            named.setdefault(each.round, {asked} if asked else set()).update(each.candidates or ())
    return [About(round=round_id, candidates=sorted(ids)) for round_id, ids in named.items()]


def _entry(row: AuditEntry) -> EntryAnswer:
    said = sightings.said(row)
    absent: dict[str, Any] = dict.fromkeys(EntryAnswer.model_fields)
    empty: dict[str, Any] = {"organisations": [], "named": {}}
    return EntryAnswer.model_validate(absent | empty | said | {"hash": row.hash})
