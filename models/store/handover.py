"""What others take over from a round: who is placed where, and who has an offer."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, or_
from sqlmodel import Session, col, select

from models.scope import EVERYTHING, Scope
from models.store.offers import Seat, seats_of
from models.tables import Offer, Organisation, Placement, Plan, Publication, Round, Snapshot, Unit
from models.tables.release import UNDERWAY


def taken_over(session: Session, round_id: str, scope: Scope) -> tuple[Round, Scope] | None:
    """Return a round of which people may be taken over, and the units of which they may be.

    Who plans a round takes over everybody, and a trust of the region that plans it its own.

    Parameters
    ----------
    session
        Sees everything.
    """
    own = scope.owns_organisation(Round.organisation)
    regions = select(Organisation.parent).where(scope.owns_organisation(Organisation.number))
    of_region = (col(Round.state) != "draft") & col(Round.organisation).in_(regions)
    asked = select(Round, own).where(col(Round.id) == round_id, or_(own, of_region))
    found = session.exec(asked).one_or_none()
    return found and (found[0], EVERYTHING if found[1] else scope)


def placements(session: Session, round_id: str, units: Scope) -> Sequence[Placement]:
    """Return a round's placements that are underway in units in reach."""
    asked = select(Placement).where(
        col(Placement.round) == round_id,
        col(Placement.state).in_(UNDERWAY),
        units.owns_unit(Placement.unit),
    )
    return session.exec(asked).all()


def promises(session: Session, round_id: str, units: Scope) -> list[Seat]:
    """Return a round's accepted seats of which no placement was made, in units in reach."""
    asked = select(Offer).where(
        col(Offer.round) == round_id,
        col(Offer.state) == "accepted",
        ~exists().where(col(Placement.offer) == col(Offer.id)),
    )
    own = set(session.exec(select(Unit.id).where(units.owns_unit(Unit.id))))
    found = [seat for offer in session.exec(asked) for seat in seats_of(offer)]
    return [seat for seat in found if units.everything or seat.unit in own]


def seats(session: Session, round_id: str) -> dict[tuple[str, str], tuple[str, bool]]:
    """Return the unit where each candidate of a round has a place, and whether it is hers.

    By municipality and candidate; an open offer is not hers yet. Whoever has two is counted once,
    where she begins.
    """
    found: dict[tuple[str, str], tuple[str, bool]] = {}
    live = select(Offer).where(
        col(Offer.round) == round_id, col(Offer.state).in_(("open", "accepted"))
    )
    for offer in session.exec(live):
        found[offer.municipality, offer.candidate] = (offer.unit, offer.state == "accepted")
    kept = select(Placement).where(
        col(Placement.round) == round_id, col(Placement.state) != "cancelled"
    )
    for placement in session.exec(kept.order_by(col(Placement.start).desc())):
        found[placement.municipality, placement.candidate] = (placement.unit, True)
    return found


def document_in_force(session: Session, round_id: str) -> str | None:
    """Return the round's document that the plan in force is made from; None without one."""
    asked = (
        select(col(Snapshot.content))
        .join(Plan, col(Plan.snapshot) == col(Snapshot.id))
        .join(Publication, col(Publication.plan) == col(Plan.id))
        .where(col(Publication.round) == round_id, col(Publication.ended_at).is_(None))
    )
    return session.exec(asked).first()
