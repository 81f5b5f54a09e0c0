"""One candidate: everything that is kept about her, and how it is erased."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, or_

from api.accountability.copies import copy_of
from api.accountability.mentions import FreeText, Name, answers_naming, name_of, texts_beside
from api.accountability.texts import ERASED, nameless, rehash, rewrite_document, rewrite_list
from api.schemas.requests import RequestedCandidate
from data.sentences import ISO_DATE
from models.database import Database
from models.scope import EVERYTHING
from models.store.audit import About, Told, append
from models.store.personal import Held, held
from models.store.reasons import forget, reasons_of
from models.store.sightings import about, entries, naming, said
from models.store.studies import remove, what_ifs
from models.tables import AuditEntry, AuditReason, Plan, Snapshot
from models.tables.release import UNDERWAY

EXPORTED, ERASING = "rotations candidate export", "rotations candidate erase"
"""Who is recorded as having read, or erased, what is kept about somebody."""


class UnknownCandidate(Exception):
    """Nothing is kept about a candidate of this municipality and id."""


class PlacementUnderway(Exception):
    """The candidate has a place, or an offer of one: what is kept about her is needed."""


class NamesHer(Exception):
    """The reason for an erasure names whom it is about, and would stay."""


class UnknownText(Exception):
    """No free text that stands with the candidate has this place."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure takes away, or would.

    Attributes
    ----------
    rows
        Rows that it concerns, by table.
    texts
        The free texts that stand with the candidate by their places, and whether each goes.
    """

    rows: Mapping[str, int]
    texts: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Whose:
    """A candidate, by the number of her municipality and her id."""

    municipality: str
    candidate: str


def exported(database: Database, whose: Whose, now: datetime) -> dict[str, Any]:
    """Return everything that is kept about a candidate, once it is entered who asked.

    Raises
    ------
    UnknownCandidate
    """
    with database.writing(EVERYTHING) as session:
        rows = _held(session, whose)
        append(session, list(_told(rows, EXPORTED, "read", now)))
    with database.reading(EVERYTHING) as session:
        rows = held(session, whose.municipality, whose.candidate)
        seen = about(session, whose.candidate, whose.municipality)
        audit = session.exec(entries().where(seen)).all()
        reasons = reasons_of(session, audit)
        told = [said(row) | {"reason": reasons.get(row.number)} for row in audit]
        return copy_of(rows, what_ifs(session, rows.rounds)) | {"audit": told}


def erase(
    database: Database,
    whose: Whose,
    reason: str,
    now: datetime,
    *,
    really: bool,
    also: Collection[str] = (),
) -> Erasure:
    """Erase what tells who a candidate is, and all free texts about her or that name her.

    Her id stays where plans hang on it; what-ifs of her rounds go. Without `really` nothing is
    saved but that somebody looked.

    Parameters
    ----------
    also
        Places of texts that name her otherwise.

    Raises
    ------
    UnknownCandidate, PlacementUnderway, NamesHer, UnknownText
    """
    with database.writing(EVERYTHING) as session:
        rows = _held(session, whose)
        _expect_over(rows)
        name = name_of(rows)
        if name.is_in(reason):
            raise NamesHer
        looked = list(_told(rows, ERASING, "read", now))
        before = {row.id: row.hash for row in _hashed(rows)}
        texts = {each.place: each for each in texts_beside(session, rows)}
        if not texts.keys() >= {*also}:
            raise UnknownText
        going = {place for place, each in texts.items() if place in also or name.is_in(each.text)}
        forgotten = _forgotten(session, rows, [texts[place] for place in going])
        counts = Counter(each.partition(":")[0] for each in going)
        counts.pop("audit_reasons", None)
        going |= {f"audit_reasons:{number}" for number in forgotten}
        counts.update(_erased(session, rows, name, len(forgotten)))
        if really:
            entered = list(_told(rows, ERASING, "change", now, reason))
            for told in entered:
                told.about["hashes"] = _rehashed(rows, before, told.about["round"])
            entered[0].about["forgotten"] = forgotten
            append(session, entered)
        else:
            session.rollback()
            append(session, looked)
        return Erasure(counts, {place: place in going for place in texts})


def _expect_over(rows: Held) -> None:
    """Make sure that what is kept about a candidate is not needed for a place."""
    underway = any(row.state in UNDERWAY for row in rows.placements)
    if underway or any(row.state == "open" for row in rows.offers):
        raise PlacementUnderway


def _forgotten(session: Session, rows: Held, texts: Sequence[FreeText]) -> list[int]:
    """Erase texts; return the entries whose reasons went, with those of entries that name her."""
    numbers = [each.row.number for each in texts if isinstance(each.row, AuditReason)]
    for each in texts:
        if not isinstance(each.row, AuditReason):  # never changed: it goes
            each.erase()
    hers = naming(session, rows.candidate, rows.municipality)
    return forget(session, or_(hers, col(AuditEntry.number).in_(numbers)))


def _hashed(rows: Held) -> tuple[Snapshot | Plan, ...]:
    """Return what the erased texts may have counted in the hash of."""
    return (*rows.documents, *rows.plans)


def _rehashed(rows: Held, before: Mapping[str, str | None], round_id: str | None) -> dict[str, str]:
    """Return the new hashes of a round's documents and plans by the old: receipts name these."""
    pairs = {before[row.id]: row.hash for row in _hashed(rows) if row.round == round_id}
    return {old: new for old, new in pairs.items() if old and new and old != new}


def _held(session: Session, whose: Whose) -> Held:
    rows = held(session, whose.municipality, whose.candidate)
    if not rows:
        raise UnknownCandidate
    return rows


def _told(
    rows: Held, actor: str, action: str, now: datetime, reason: str | None = None
) -> Iterator[Told]:
    """Yield an entry for each round that knows the candidate, or one where none does."""
    rounds: list[str | None] = [*rows.rounds]
    for round_id in rounds or [None]:
        said_of = About(round=round_id, municipality=rows.municipality, reason=reason)
        said_of["candidates"] = [rows.candidate]
        operation = actor.removeprefix("rotations ")
        yield Told(at=now, actor=actor, operation=operation, action=action, about=said_of)


def _erased(session: Session, rows: Held, name: Name, reasons: int) -> Mapping[str, int]:
    """Erase, and return how many rows that concerned, by table; `reasons` are gone already."""
    answers = answers_naming(session, rows, name)
    changed = {
        "submissions": sum(rewrite_list(row, _stripper(rows)) for row in rows.lists),
        "snapshots": sum(_erase_document(rows, name, n) for n in range(len(rows.documents))),
        "standings": len([row for row in rows.standings if row.lead_waiver is not None]),
        "offers": len(rows.offers),
        "placements": len(rows.placements),
        "placement_steps": len(rows.steps),
        "grants": len(rows.rights),
        "sessions": len(rows.sessions),
        "sign_in_links": len(rows.links),
        "idempotency_keys": len(answers),
        "audit_reasons": reasons,
        "explanations": len(rows.explained),
        "studies": remove(session, what_ifs(session, rows.rounds)),
    }
    subjects = {f"{row.issuer}|{row.subject}" for row in rows.rights}
    for list_ in rows.lists:
        list_.late_reason = list_.late_reason and ERASED
    for standing in rows.standings:
        standing.lead_waiver = None
    for offer in rows.offers:
        offer.reason = offer.reason and ERASED
        offer.ended_by = ERASED if offer.ended_by in subjects else offer.ended_by
    for placement in rows.placements:
        placement.supervisor = None
    for step in rows.steps:
        step.figures = _figures(step.figures)
        step.noted_by = ERASED if step.noted_by in subjects else step.noted_by
    for row in (*rows.rights, *rows.sessions, *rows.links, *answers, *rows.explained):
        session.delete(row)
    session.flush()
    return {table: count for table, count in changed.items() if count}


def _stripper(rows: Held) -> Any:
    """Return what leaves of a candidate in a list her id alone, and what it says of nobody."""
    blank = RequestedCandidate(id=rows.candidate, supervisor=None, in_individual_plan=False)
    nothing = blank.model_dump(mode="json", by_alias=True)

    def strip(candidate: dict[str, Any]) -> None:
        if candidate["id"] == rows.candidate:
            candidate.update(nothing)

    return strip


def _erase_document(rows: Held, name: Name, position: int) -> bool:
    """Erase name and texts; where a text is gone the hash is another, also in the plans."""
    document = rows.documents[position]
    waived = [False]

    def strip(candidate: dict[str, Any]) -> None:
        is_she, waiver = candidate["id"] == rows.candidate, candidate["lead_waiver"]
        if is_she:
            nameless(candidate)
        if waiver not in (None, ERASED) and (is_she or name.is_in(waiver)):
            candidate["lead_waiver"] = ERASED
            waived[0] = True

    changed = rewrite_document(document, strip)
    if waived[0]:
        rehash(document, rows.plans)
    return changed


def _figures(figures: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the figures of a step that are no link to somebody and no text: counts and dates."""
    kept = {
        key: value
        for key, value in (figures or {}).items()
        if not isinstance(value, str) or ISO_DATE.fullmatch(value)
    }
    return kept or None
