"""The audit: who did and saw what, and which rules were set aside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col

from api.calendar import end_of_day
from api.identity.principal import Principal
from api.rights import ADMINISTRATOR, AUDITOR, RIGHTS
from api.schemas.audit import ActingAnswer, Entries, EntryAnswer, EntryFilter, Overrides
from api.schemas.fields import Handle
from api.web.admission import AdmittedRoute, Caller
from api.web.calls import found
from api.web.problems import answers
from models.store import sightings
from models.store.audit import About
from models.store.grants import rights_ever
from models.store.reasons import reasons_of
from models.tables import AuditEntry, Grant, Round

router = APIRouter(route_class=AdmittedRoute, tags=["audit"])

_ADMINISTERED = sorted(name for name, roles in RIGHTS.items() if ADMINISTRATOR in roles)
"""What an administrator may do."""

_FIRST, _LAST = date(2000, 1, 1), date(2999, 12, 31)
"""Days beyond which nothing is asked for: the calendar ends."""


@router.get("/audit", operation_id="list_audit", responses=answers())
def list_audit(call: Caller, asked: Annotated[EntryFilter, Query()]) -> Entries:
    """List who changed what, and who read what about candidates.

    As an auditor you see what your organisation answers for: its rounds, the municipalities whose
    record it keeps, its units, policies, webhooks and rights. As its administrator you see changes
    of what belongs to no round and no municipality, and of what you may change yourself.
    """
    rows = sightings.narrowed(
        sightings.entries(round_id=asked.round, after=asked.after, newest_first=asked.newest_first),
        actor=asked.actor,
        operation=asked.operation,
        action=asked.action,
        since=_end(asked.since, before=1),
        until=_end(asked.until),
    )
    with call.reading() as session:
        rows = rows.where(_overseen(call.principal))
        if asked.candidate is not None:
            rows = rows.where(sightings.about(session, asked.candidate, asked.municipality))
        elif asked.municipality is not None:
            rows = rows.where(col(AuditEntry.municipality) == asked.municipality)
        kept = list(session.exec(rows.limit(asked.limit + 1)))
        shown = _shown(session, kept[: asked.limit])
    call.note_parts(*_parts(shown, asked.candidate))
    return Entries(items=shown, next=shown[-1].number if len(kept) > asked.limit else None)


@router.get("/rounds/{id}/overrides", operation_id="list_overrides", responses=answers("not-found"))
def list_overrides(call: Caller, id: Handle) -> Overrides:  # noqa: A002 - the address names it
    """Count how often rules of a round were set aside, and list each time with its reason."""
    with call.reading() as session:
        found(session.get(Round, id))
        rows = sightings.overrides(session, id)
        shown = _shown(session, rows)
        counts = dict(sightings.counted(rows))
    call.note(candidates=sorted({name for each in shown for name in each.candidates or ()}))
    return Overrides(counts=counts, items=shown)


def _end(day: date | None, *, before: int = 0) -> datetime | None:
    """Return the end of a day, or of so many days before; no entry is of another age than ours."""
    if day is None:
        return None
    return end_of_day(min(max(day, _FIRST), _LAST) - timedelta(days=before))


def _overseen(principal: Principal) -> ColumnElement[bool]:
    """Condition: the caller's rights include an entry."""
    audited, administered = (principal.scope({role}) for role in (AUDITOR, ADMINISTRATOR))
    is_change = col(AuditEntry.round).is_(None) & (col(AuditEntry.action) == "change")
    of_nobody = col(AuditEntry.municipality).is_(None)
    hers = is_change & or_(of_nobody, col(AuditEntry.operation).in_(_ADMINISTERED))
    return or_(
        audited.owns_organisation(AuditEntry.organisation),
        administered.owns_organisation(AuditEntry.organisation) & hers,
    )


def _parts(shown: list[EntryAnswer], asked: str | None) -> list[About]:
    """Return whom of which round entries tell of: those they name, and who was asked about."""
    named: dict[str | None, set[str]] = {}
    for each in shown:
        named.setdefault(each.round, {asked} if asked else set()).update(each.candidates or ())
    return [About(round=round_id, candidates=sorted(ids)) for round_id, ids in named.items()]


def _shown(session: Session, rows: Sequence[AuditEntry]) -> list[EntryAnswer]:
    """Return entries as they are answered, with their reasons in words."""
    reasons = reasons_of(session, rows)
    rights = rights_ever(session, {row.actor for row in rows})
    return [_entry(row, reasons.get(row.number), rights.get(row.actor, ())) for row in rows]


def _entry(row: AuditEntry, reason: str | None, rights: Sequence[Grant]) -> EntryAnswer:
    absent: dict[str, Any] = dict.fromkeys(EntryAnswer.model_fields)
    empty: dict[str, Any] = {"named": {}, "hashes": {}}
    said = sightings.said(row) | {"hash": row.hash, "reason": reason}
    allowed = RIGHTS.get(row.operation, frozenset())
    named = set(ActingAnswer.model_fields)
    acting = [each.model_dump(include=named) for each in rights if each.role in allowed]
    return EntryAnswer.model_validate(absent | empty | said | {"acting": _once(acting)})


def _once(values: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return values without those that say the same again."""
    found: list[dict[str, Any]] = []
    for each in values:
        if each not in found:
            found.append(each)
    return found
