"""How often candidates have waited, carried from round to round."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, or_, select

from models.scope import UNCONFINED
from models.tables import (
    Offer,
    Organisation,
    Placement,
    PlacementStep,
    Plan,
    Publication,
    Round,
    Snapshot,
    Standing,
)

TURNED_DOWN = ("declined", "expired")
"""How an offer ends of which nobody can say that the round had no place for her."""

TAKEN_BACK = ("withdrawn", "voided", "replaced")
"""How an offer ends that was no place for her after all."""


@dataclass(frozen=True, slots=True)
class Wait:
    """How many rounds somebody has waited, and the label of the last one."""

    rounds: int
    label: str


def waits(
    session: Session, round_: Round, municipality: str, candidates: Collection[str]
) -> dict[str, Wait]:
    """Return how long candidates have waited who now come into a list; who has not is left out.

    It is one more than in the newest earlier round of the same organisation, its region or its
    trusts, whose published plan had no place for her, or took it back; unless she has taken one
    since. An offer that she declined, or did not answer, was a place.
    """
    found: dict[str, Wait] = {}
    sought = set(candidates)
    for earlier, document, plan, published_at in _earlier(session, round_, municipality, sought):
        answers = _answers(session, earlier.id, municipality)
        lost = {candidate for candidate, state in answers.items() if state in TAKEN_BACK}
        waited = _unplaced(document, plan, municipality, sought, lost)
        turned_down = {c for c, state in answers.items() if state in TURNED_DOWN}
        for candidate in waited.keys() - turned_down:
            sought.remove(candidate)
            if not has_taken(session, municipality, candidate, published_at):
                found[candidate] = Wait(waited[candidate] + 1, earlier.label)
        if not sought:
            break
    return found


def placed_before(
    session: Session, municipality: str, candidates: Collection[str]
) -> dict[str, str]:
    """Return the label of the round in which candidates last took a place, in whatever trust."""
    taken = (
        select(Placement.candidate, Round.label)
        .join(Round, col(Round.id) == col(Placement.round))
        .where(
            col(Placement.municipality) == municipality,
            col(Placement.candidate).in_(candidates),
            col(Placement.state) != "cancelled",
        )
        .order_by(col(Placement.start), col(Placement.id))
    )
    return dict(session.exec(taken, execution_options=UNCONFINED).all())


def _earlier(
    session: Session, round_: Round, municipality: str, candidates: Collection[str]
) -> Iterator[tuple[Round, str, str, datetime]]:
    """Yield what was published of earlier rounds, the newest first: document, plan and time.

    Imported rounds are all looked at: who stood in one, its document alone knows.
    """
    stood = select(col(Standing.round)).where(
        col(Standing.municipality) == municipality, col(Standing.candidate).in_(candidates)
    )
    asked = (
        select(Round, Snapshot.content, Plan.content, Plan.published_at)
        .join(Plan, col(Plan.round) == col(Round.id))
        .join(Snapshot, col(Snapshot.id) == col(Plan.snapshot))
        .where(
            col(Plan.published_at).is_not(None),
            col(Round.decision_date) < round_.decision_date,
            col(Round.organisation).in_(_family(session, round_.organisation)),
            or_(col(Round.origin) == "imported", col(Round.id).in_(stood)),
        )
        .order_by(col(Round.decision_date).desc(), col(Round.id))
    )
    for earlier, document, plan, published_at in session.exec(asked, execution_options=UNCONFINED):
        assert plan is not None, "what is published has a document"
        assert published_at is not None, "only what is published is asked for"
        yield earlier, document, plan, published_at


def _family(session: Session, number: str) -> set[str]:
    """Return an organisation with its region, or with its trusts."""
    own = session.get_one(Organisation, number)
    trusts = select(Organisation.number).where(col(Organisation.parent) == number)
    return {number, *([own.parent] if own.parent else []), *session.exec(trusts)}


def _unplaced(
    document: str, plan: str, municipality: str, candidates: Collection[str], lost: Collection[str]
) -> dict[str, int]:
    """Return how often candidates had waited who stood in a round and came away without a place.

    Parameters
    ----------
    lost
        Those who were placed, and lost the place by no wish of theirs.
    """
    placed = {placement["candidate"] for placement in json.loads(plan)["placements"]} - set(lost)
    people: list[dict[str, Any]] = json.loads(document)["candidates"]
    return {
        each["id"]: each["rounds_waited"]
        for each in people
        if each["id"] in candidates
        and each["municipality"] == municipality
        and each["id"] not in placed
    }


def _answers(session: Session, round_id: str, municipality: str) -> dict[str, str]:
    """Return how the last offer to each candidate of a municipality stands; voided ones are none.

    Where all of a candidate's offers were voided, so is the answer.
    """
    offers = (
        select(Offer.candidate, Offer.state, Publication.ending)
        .join(Publication, col(Publication.id) == col(Offer.publication))
        .where(col(Offer.round) == round_id, col(Offer.municipality) == municipality)
        .order_by(col(Publication.number), col(Offer.id))
    )
    answers: dict[str, str] = {}
    for candidate, state, ending in session.exec(offers, execution_options=UNCONFINED):
        if ending == "voided":
            answers.setdefault(candidate, "voided")
        else:
            answers[candidate] = state
    return answers


def has_taken(session: Session, municipality: str, candidate: str, since: datetime) -> bool:
    """Tell whether a candidate has taken a place since a time, in whatever trust."""
    first = select(func.min(PlacementStep.noted_at)).where(
        col(PlacementStep.placement) == col(Placement.id)
    )
    taken = select(Placement.id).where(
        col(Placement.municipality) == municipality,
        col(Placement.candidate) == candidate,
        col(Placement.state) != "cancelled",
        first.scalar_subquery() >= since,
    )
    return session.exec(taken, execution_options=UNCONFINED).first() is not None
