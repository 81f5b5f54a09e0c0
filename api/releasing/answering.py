"""Offers answered: accepted, declined, withdrawn, or let lapse."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime

from sqlmodel import Session

from api.placements.moves import take
from api.placements.telling import telling
from api.releasing.publishing import Act, Taken, enter
from api.settings import Settings
from api.web.problems import Problem
from data.documents import read_round
from models.database import Database, take_lock
from models.scope import EVERYTHING, UNCONFINED
from models.store import offers, stays
from models.store.audit import Told, append
from models.store.notices import tell
from models.store.offers import Seat, Seats
from models.store.placements import Step
from models.store.plans import snapshot_of
from models.store.stays import WITHDREW
from models.tables import Offer, Placement, Plan, Publication, Round
from scheduler import rounds
from scheduler.dates import overlap

SERVICE = "rotations"
"""Who is recorded where nobody did something but the clock."""

_SEATS_LOCK = 7_685_820_673
"""Number of PostgreSQL's advisory lock under which seats are counted: any, but always the same."""


def accept(session: Session, act: Act, offer: Offer) -> None:
    """Accept an offer for its candidate, who has a place from now on, or both of a divided stay.

    Raises
    ------
    Problem
        ``offer-ended``, ``offer-expired``, ``start-passed``, ``already-placed``, ``seat-taken`` or
        ``seat-gone``.
    """
    _expect_open(offer, act.now)
    if offer.start <= act.day:
        raise Problem("start-passed", count=1)
    # One at a time: of two who accept the last seat of a window in two rounds, one gets it.
    take_lock(session, _SEATS_LOCK)
    seats = offers.seats_of(offer)
    _expect_unplaced(session, offer, seats)
    round_ = _planned_from(session, offer)
    for seat in seats:  # no two parts of a stay overlap, so each asks for room by itself
        _expect_room(session, round_, seat)
    offers.end(session, offer, act.ending("accepted"))
    supervisor = _supervisor(session, offer)
    enter(session, act, round_, Taken(offer.publication, seats, offer, supervisor))
    tell(session, act.tellings("offer-accepted", offer), act.now)


def decline(session: Session, act: Act, offer: Offer) -> None:
    """Decline an offer for its candidate; nobody asks why.

    Raises
    ------
    Problem
        ``offer-ended`` or ``offer-expired``.
    """
    _expect_open(offer, act.now)
    offers.end(session, offer, act.ending("declined"))
    tell(session, act.tellings("offer-declined", offer), act.now)


def withdraw(session: Session, act: Act, offer: Offer, reason: str) -> None:
    """Withdraw an offer, also one that was accepted, as long as the placement has not begun.

    Raises
    ------
    Problem
        ``offer-ended`` or ``placement-begun``.
    """
    if offer.state not in ("open", "accepted"):
        raise Problem("offer-ended", state=offer.state)
    standing = [each for each in offers.came_of(session, offer.id) if each.state != "cancelled"]
    if any(placement.state != "planned" for placement in standing):
        raise Problem("placement-begun")
    seats = offers.seats_left(session, offer)  # before they are cancelled
    for placement in standing:
        act.cancel(session, placement)
    offers.end(session, offer, act.ending("withdrawn", reason=reason))
    tell(session, act.tellings("offer-withdrawn", offer, seats), act.now)


def give_up(session: Session, act: Act, placement: Placement, reason: str) -> None:
    """Let a placement that has not begun come to nothing, so that its seat is planned anew.

    She is planned anew as well, unless it is she who withdraws: then she gives up every part of
    her stay that has not begun. As long as another part stands, so does the offer: what is left is
    a need, and told is of the placement alone.

    Raises
    ------
    Problem
        ``placement-…``, naming the state of one that is not to come.
    """
    # Of two who give up the same stay, the second one waits here, and then sees what stands.
    offer = offers.taken(session, placement.offer) if placement.offer else None
    parts, withdrew = stays.parts(session, placement), reason == WITHDREW
    gone = [p for p in parts if p is placement or (withdrew and p.state == "planned")]
    figures = {"reason": reason}
    step = Step(kind="cancelled", day=act.day, author=act.author, now=act.now, figures=figures)
    for part in gone:
        take(session, part, step, act.day, {})
    if offer is None or any(part.state != "cancelled" for part in parts):
        told = [telling(session, part, "placement-cancelled") for part in gone]
        tell(session, (replace(each, asks_planner=withdrew) for each in told), act.now)
        return
    ending = act.ending("declined") if withdrew else act.ending("withdrawn", reason=reason)
    offers.end(session, offer, ending)
    keys = {(part.window, part.start) for part in gone}
    seats = tuple(s for s in offers.seats_of(offer) if (s.window, s.start) in keys)
    tell(session, act.tellings(f"offer-{ending.state}", offer, seats), act.now)


def expire(database: Database, _: Settings, now: datetime) -> None:
    """Let every offer lapse that has not been answered in time; any number may do so at once."""
    with database.reading(EVERYTHING) as session:
        late = offers.overdue(session, now)
    for id_ in late:
        with database.writing(EVERYTHING) as session:
            offer = offers.taken(session, id_)
            if offer is None or offer.state != "open" or offer.answer_by > now:
                continue
            act = Act(session.get_one(Round, offer.round), SERVICE, now)
            offers.end(session, offer, act.ending("expired"))
            tell(session, act.tellings("offer-expired", offer), now)
            append(session, [Told.change(SERVICE, "expire_offer", now, named={"offers": id_})])


def _expect_open(offer: Offer, now: datetime) -> None:
    if offer.state != "open":
        raise Problem("offer-ended", state=offer.state)
    if now >= offer.answer_by:
        raise Problem("offer-expired")


def _planned_from(session: Session, offer: Offer) -> rounds.Round:
    """Return the round that an offer's plan was made from; who answers sees nothing of it."""
    publication = session.get_one(
        Publication, offer.publication, execution_options=dict(UNCONFINED)
    )
    plan = session.get_one(Plan, publication.plan, execution_options=dict(UNCONFINED))
    return read_round(snapshot_of(session, plan).content.encode())


def _expect_unplaced(session: Session, offer: Offer, seats: Seats) -> None:
    """Make sure that she has no place; beside a part that stands of one she has lost, she may."""
    whose = offer.municipality, offer.candidate
    if stays.is_placed(session, *whose):
        raise Problem("already-placed")
    for held in stays.underway(session, *whose):
        if any(overlap(held.start, held.end, seat.start, seat.end) for seat in seats):
            raise Problem("already-placed")


def _expect_room(session: Session, round_: rounds.Round, seat: Seat) -> None:
    """Make sure that window and unit have room for one more, whatever rounds gave the others.

    A plan keeps to its own round; the same window may stand in another one. What the unit has
    changed since counts too.
    """
    positions = round_.window[seat.window].positions
    vacancy = offers.vacancy(session, seat.window)
    if vacancy is not None:
        if vacancy.withdrawn_at is not None or not (
            vacancy.opens <= seat.start and seat.end <= vacancy.closes
        ):
            raise Problem("seat-gone")
        positions = vacancy.positions
    limits = (
        (Placement.window, seat.window, positions),
        (Placement.unit, seat.unit, round_.unit[seat.unit].supervised_places),
    )
    for column, id_, limit in limits:
        others = stays.sitting_at_once(session, column, id_, seat.start, seat.end)
        if limit is not None and _most_at_once(others, seat.start) >= limit:
            raise Problem("seat-taken")


def _most_at_once(periods: list[tuple[date, date]], first: date) -> int:
    days = {first, *(max(start, first) for start, _ in periods)}
    return max(sum(start <= day < end for start, end in periods) for day in days)


def _supervisor(session: Session, offer: Offer) -> str | None:
    """Return the supervisor whom the municipality's list names for a candidate."""
    held = offers.handed_in(session, offer)
    for candidate in json.loads(held)["candidates"] if held else []:
        if candidate["id"] == offer.candidate:
            supervisor: str | None = candidate["supervisor"]
            return supervisor
    return None
