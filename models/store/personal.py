"""Everything that is kept about one candidate, table by table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, SQLModel, col, select

from models.tables import (
    Commitment,
    Explained,
    Grant,
    IdempotencyKey,
    Notice,
    Offer,
    Placement,
    PlacementStep,
    Plan,
    SignedIn,
    SignInLink,
    Snapshot,
    Standing,
    Submission,
)


@dataclass(frozen=True, slots=True)
class Held:
    """The rows that hold something about a candidate.

    Attributes
    ----------
    municipality, candidate
        Whose number, and her id.
    lists, documents
        Lists of her municipality, and frozen documents of rounds, that name her.
    plans
        Plans that were made from these documents.
    explained
        Why she has what she has, plan by plan.
    """

    municipality: str
    candidate: str
    lists: Sequence[Submission]
    documents: Sequence[Snapshot]
    plans: Sequence[Plan]
    explained: Sequence[Explained]
    standings: Sequence[Standing]
    commitments: Sequence[Commitment]
    offers: Sequence[Offer]
    placements: Sequence[Placement]
    steps: Sequence[PlacementStep]
    rights: Sequence[Grant]
    sessions: Sequence[SignedIn]
    links: Sequence[SignInLink]
    answers: Sequence[IdempotencyKey]
    notices: Sequence[Notice]

    @property
    def rounds(self) -> Sequence[str]:
        """The rounds that know the candidate."""
        parts = (self.lists, self.documents, self.standings, self.offers, self.placements)
        return sorted({row.round for part in parts for row in part})

    def __bool__(self) -> bool:
        own = (self.lists, self.documents, self.standings, self.offers, self.placements)
        return any((*own, self.rights))


def held(session: Session, municipality: str, candidate: str) -> Held:
    """Return the rows about a candidate; for the service's own work, which sees everything."""

    def hers(table: Any) -> list[Any]:
        own = (col(table.municipality) == municipality) & (col(table.candidate) == candidate)
        return list(session.exec(select(table).where(own)))

    written = json.dumps(candidate, ensure_ascii=False)
    lists = select(Submission).where(
        col(Submission.municipality) == municipality, _names(Submission.content, written)
    )
    frozen = session.exec(select(Snapshot).where(_names(Snapshot.content, written)))
    documents = [row for row in frozen if record_of(row, municipality, candidate) is not None]
    placements, rights = hers(Placement), hers(Grant)
    rounds = {row.round for row in documents} | {row.round for row in hers(Standing)}
    seats = select(Commitment).where(
        col(Commitment.candidate) == candidate, col(Commitment.round).in_(rounds)
    )
    steps = select(PlacementStep).where(
        col(PlacementStep.placement).in_([row.id for row in placements])
    )
    plans = select(Plan).where(col(Plan.snapshot).in_([row.id for row in documents]))
    subjects = [f"{row.issuer}|{row.subject}" for row in rights]
    named = [row.subject for row in rights]
    signed_in = session.exec(select(SignedIn).where(col(SignedIn.subject).in_(named)))
    links = session.exec(select(SignInLink).where(col(SignInLink.subject).in_(named)))
    answers = select(IdempotencyKey).where(
        or_(_names(IdempotencyKey.body, written), col(IdempotencyKey.subject).in_(subjects))
    )
    notices = select(Notice).where(col(Notice.municipality) == municipality)
    return Held(
        municipality=municipality,
        candidate=candidate,
        lists=[row for row in session.exec(lists) if entry_of(row, candidate) is not None],
        documents=documents,
        plans=list(session.exec(plans)),
        explained=hers(Explained),
        standings=hers(Standing),
        commitments=list(session.exec(seats)),
        offers=hers(Offer),
        placements=placements,
        steps=list(session.exec(steps)),
        rights=rights,
        sessions=[row for row in signed_in if f"{row.issuer}|{row.subject}" in subjects],
        links=list(links),
        answers=list(session.exec(answers)),
        notices=[row for row in session.exec(notices) if candidate in _texts(row.figures)],
    )


def entry_of(row: Submission, candidate: str) -> dict[str, Any] | None:
    """Return what a list says of a candidate; None where it does not name her."""
    people = json.loads(row.content)["candidates"]
    return next((each for each in people if each["id"] == candidate), None)


def record_of(row: Snapshot, municipality: str, candidate: str) -> dict[str, Any] | None:
    """Return what a document says of a candidate; None where it does not name her."""
    people = json.loads(row.content)["candidates"]
    whose = {"id": candidate, "municipality": municipality}
    return next((each for each in people if whose.items() <= each.items()), None)


def values(row: SQLModel, *without: str) -> dict[str, Any]:
    """Return what a row holds as plain values."""
    return row.model_dump(mode="json", exclude={"revision", *without})


def _names(column: Any, written: str) -> Any:
    return col(column).contains(written, autoescape=True)


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)
