"""Offers: made, answered, taken back, open again; and who is in which seat already.

Whoever may answer an offer sees only what is theirs; whether a seat is taken, or a person, is asked
of every round and trust.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlmodel import Session, and_, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from models.scope import UNCONFINED
from models.tables import Offer, Placement, Publication, Submission, Window
from models.tables.release import UNDERWAY


@dataclass(frozen=True, slots=True, order=True)
class Seat:
    """A place for somebody: of which municipality, where, from when until when.

    `months`: full-time months of the stay; None = all that she needs.
    """

    municipality: str
    candidate: str
    unit: str
    window: str
    start: date
    end: date
    wish_class: int | None = None
    months: int | None = None

    def is_of(self, offer: Offer) -> bool:
        """Tell whether it is this seat that was offered."""
        return (offer.candidate, offer.window, offer.start) == (
            self.candidate,
            self.window,
            self.start,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an offer ends, by whom, when and why; `replaced_by` is a publication."""

    state: str
    author: str
    now: datetime
    reason: str | None = None
    replaced_by: str | None = None


def make(
    session: Session, publication: Publication, seat: Seat, answer_by: datetime, now: datetime
) -> Offer:
    """Offer a seat until an instant."""
    row = drafted(publication, seat, answer_by, now)
    session.add(row)
    session.flush()
    return row


def drafted(publication: Publication, seat: Seat, answer_by: datetime, now: datetime) -> Offer:
    """Return an offer that nobody has made yet."""
    return Offer(
        id=uuid4().hex,
        publication=publication.id,
        round=publication.round,
        municipality=seat.municipality,
        candidate=seat.candidate,
        unit=seat.unit,
        window=seat.window,
        start=seat.start,
        end=seat.end,
        wish_class=seat.wish_class,
        state="open",
        offered_at=now,
        answer_by=answer_by,
    )


def end(session: Session, offer: Offer, ending: Ending) -> None:
    """End an open offer, or one that was accepted."""
    offer.state, offer.ended_at, offer.ended_by = ending.state, ending.now, ending.author
    offer.reason, offer.replaced_by = ending.reason, ending.replaced_by
    session.flush()


def reopen(session: Session, offer: Offer, answer_by: datetime) -> None:
    """Let an offer stand open again, until a new instant."""
    offer.state, offer.answer_by = "open", answer_by
    offer.ended_at = offer.ended_by = offer.reason = offer.replaced_by = None
    session.flush()


def taken(session: Session, id_: str) -> Offer | None:
    """Return an offer as it is now, not to be answered by others before the transaction ends."""
    asked = select(Offer).where(col(Offer.id) == id_).with_for_update()
    return session.exec(asked, execution_options={"populate_existing": True}).one_or_none()


def offers_of(
    round_id: str | None = None, state: str | None = None, municipality: str | None = None
) -> SelectOfScalar[Offer]:
    """Return the question for offers, narrowed where something is given."""
    asked = select(Offer)
    for column, value in (
        (Offer.round, round_id),
        (Offer.state, state),
        (Offer.municipality, municipality),
    ):
        if value is not None:
            asked = asked.where(col(column) == value)
    return asked


def all_of(session: Session, round_id: str) -> Sequence[Offer]:
    """Return every offer of a round that ever held, in the order in which they were made."""
    held = (
        offers_of(round_id)
        .join(Publication, col(Publication.id) == col(Offer.publication))
        .where(col(Offer.state) != "voided")
        .order_by(col(Publication.number), col(Offer.id))
    )
    return session.exec(held).all()


def is_taken_back(session: Session, offer: Offer) -> bool:
    """Tell whether the unit has withdrawn the window of an offer."""
    window = vacancy(session, offer.window)
    return window is not None and window.withdrawn_at is not None


def vacancy(session: Session, window: str) -> Window | None:
    """Return a window as its unit has it now, whoever asks; None for one of an imported round."""
    rows = select(Window).where(col(Window.id) == window)
    return session.exec(rows, execution_options=UNCONFINED).one_or_none()


def live(session: Session, round_id: str) -> dict[str, Offer]:
    """Return the offers of a round that are open, or whose placement is underway, by candidate."""
    rows = (
        offers_of(round_id)
        .outerjoin(Placement, col(Placement.offer) == col(Offer.id))
        .where(
            or_(
                col(Offer.state) == "open",
                and_(col(Offer.state) == "accepted", col(Placement.state).in_(UNDERWAY)),
            )
        )
    )
    return {row.candidate: row for row in session.exec(rows)}


def of_publication(session: Session, publication: str) -> Sequence[Offer]:
    """Return the offers that a publication made."""
    return session.exec(select(Offer).where(col(Offer.publication) == publication)).all()


def replaced_by(session: Session, publication: str) -> Sequence[Offer]:
    """Return the offers that a publication took back."""
    return session.exec(select(Offer).where(col(Offer.replaced_by) == publication)).all()


def overdue(session: Session, now: datetime) -> list[str]:
    """Return the open offers whose time to answer is over."""
    late = select(Offer.id).where(col(Offer.state) == "open", col(Offer.answer_by) <= now)
    return list(session.exec(late.order_by(col(Offer.answer_by), col(Offer.id))))


def placement_of(session: Session, offer: str) -> Placement | None:
    """Return what came of an accepted offer."""
    return session.exec(select(Placement).where(col(Placement.offer) == offer)).one_or_none()


def handed_in(session: Session, offer: Offer) -> str | None:
    """Return the list in which the municipality asked for an offer's candidate, whoever answers."""
    lists = select(Submission.content).where(
        col(Submission.round) == offer.round, col(Submission.municipality) == offer.municipality
    )
    newest = lists.order_by(col(Submission.number).desc()).limit(1)
    return session.exec(newest, execution_options=UNCONFINED).first()


def placements_of(session: Session, publication: str) -> Sequence[Placement]:
    """Return what a publication has brought about."""
    return session.exec(select(Placement).where(col(Placement.publication) == publication)).all()


def is_underway(session: Session, municipality: str, candidate: str) -> bool:
    """Tell whether somebody has a place already, in whatever round and trust."""
    asked = _underway().where(
        col(Placement.municipality) == municipality, col(Placement.candidate) == candidate
    )
    return session.exec(asked, execution_options=UNCONFINED).first() is not None


def sitting(
    session: Session, column: Any, id_: str, start: date, end: date
) -> list[tuple[date, date]]:
    """Return from when until when others sit in a window or unit during a period, of any round.

    Parameters
    ----------
    column
        ``Placement.window`` or ``Placement.unit``.
    """
    asked = _underway().where(
        col(column) == id_, col(Placement.start) < end, col(Placement.end) > start
    )
    found = session.exec(asked, execution_options=UNCONFINED)
    return [(each.start, each.end) for each in found]


def _underway() -> SelectOfScalar[Placement]:
    return select(Placement).where(col(Placement.state).in_(UNDERWAY))
