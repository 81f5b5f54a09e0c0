"""Offers: made, answered, taken back, open again. One of a divided stay has two seats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.scope import UNCONFINED, scope_of
from models.tables import Offer, Placement, Publication, Round, Submission, Window
from models.tables.release import LIVE_OFFERS, UNDERWAY


@dataclass(frozen=True, slots=True, order=True)
class Seat:
    """A place for somebody: of which municipality, where, from when until when.

    `months`: full-time months of the stay; None = all that she needs. `wish_class` is that of all
    she is given.
    """

    municipality: str
    candidate: str
    unit: str
    window: str
    start: date
    end: date
    wish_class: int | None = None
    months: int | None = None

    @property
    def key(self) -> tuple[str, str, date]:
        """What tells it from any other seat of its round: candidate, window, first day."""
        return self.candidate, self.window, self.start


Seats = tuple[Seat, ...]
"""What somebody is given: a seat for each part of her stay, the first one first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an offer ends, by whom, when and why; `replaced_by` is a publication."""

    state: str
    author: str
    now: datetime
    reason: str | None = None
    replaced_by: str | None = None


def make(
    session: Session, publication: Publication, seats: Seats, answer_by: datetime, now: datetime
) -> Offer:
    """Offer one seat, or both of a divided stay, until an instant."""
    row = drafted(publication, seats, answer_by, now)
    session.add(row)
    session.flush()
    return row


def drafted(publication: Publication, seats: Seats, answer_by: datetime, now: datetime) -> Offer:
    """Return an offer that nobody has made yet."""
    seat, *then = seats
    second = {f"then_{name}": getattr(part, name) for part in then for name in _OF_A_PART}
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
        months=seat.months,
        wish_class=seat.wish_class,
        state="open",
        offered_at=now,
        answer_by=answer_by,
        **second,
    )


_OF_A_PART = ("unit", "window", "start", "end", "months")


def seats_of(offer: Offer) -> Seats:
    """Return what an offer offers, the first seat first."""
    whose = offer.municipality, offer.candidate

    def seat(prefix: str) -> Seat:
        unit, window, start, end, months = (getattr(offer, prefix + name) for name in _OF_A_PART)
        return Seat(*whose, unit, window, start, end, offer.wish_class, months)

    return (seat(""),) if offer.then_unit is None else (seat(""), seat("then_"))


def seats_seen(session: Session, offer: Offer) -> Seats:
    """Return what of an offer the session may see: who reaches it by a unit alone, that part."""
    scope, seats = scope_of(session), seats_of(offer)
    hers = (offer.municipality, offer.candidate) in scope.candidates
    whole = len(seats) == 1 or scope.everything or hers
    if whole or offer.municipality in scope.municipalities:
        return seats
    own = scope.owns_organisation(Round.organisation)
    if session.exec(select(Round.id).where(col(Round.id) == offer.round, own)).first():
        return seats
    return tuple(seat for seat in seats if seat.unit in scope.units)


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
    """Tell whether a unit has withdrawn a window of an offer."""
    windows = [vacancy(session, seat.window) for seat in seats_of(offer)]
    return any(window is not None and window.withdrawn_at is not None for window in windows)


def vacancy(session: Session, window: str) -> Window | None:
    """Return a window as its unit has it now, whoever asks; None for one of an imported round."""
    rows = select(Window).where(col(Window.id) == window)
    return session.exec(rows, execution_options=UNCONFINED).one_or_none()


def live(session: Session, round_id: str) -> dict[str, tuple[Offer, Seats]]:
    """Return the offers of a round that are open, or of which a placement is underway.

    By candidate, each with the seats of it that stand.
    """
    underway = select(Placement).where(
        col(Placement.round) == round_id, col(Placement.state).in_(UNDERWAY)
    )
    sat = {(each.offer, each.window, each.start) for each in session.exec(underway)}
    found = {}
    for offer in session.exec(offers_of(round_id).where(col(Offer.state).in_(LIVE_OFFERS))):
        stands = tuple(
            seat
            for seat in seats_of(offer)
            if offer.state == "open" or (offer.id, seat.window, seat.start) in sat
        )
        if stands:
            found[offer.candidate] = offer, stands
    return found


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


def came_of(session: Session, offer: str) -> Sequence[Placement]:
    """Return what came of an accepted offer as it is now: a placement for each of its seats."""
    rows = select(Placement).where(col(Placement.offer) == offer)
    return session.exec(rows, execution_options={"populate_existing": True}).all()


def seats_left(session: Session, offer: Offer) -> Seats:
    """Return an offer's seats, but those of which a placement came that is cancelled."""
    gone = {(p.window, p.start) for p in came_of(session, offer.id) if p.state == "cancelled"}
    return tuple(seat for seat in seats_of(offer) if (seat.window, seat.start) not in gone)


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
