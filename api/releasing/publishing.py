"""A plan put in force, and taken out again: offers, placements and notices in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from typing import Literal
from uuid import uuid4

from sqlmodel import Session

from api.calendar import end_of_day, last_date, working_days_after
from api.clock import norwegian_date
from api.releasing.differences import Differences
from api.web.problems import Problem
from models.store import offers, placements, release, stays
from models.store.notices import Telling, tell
from models.store.offers import Ending, Seat, Seats, seats_of
from models.store.rounds import participants
from models.tables import Offer, Placement, Plan, Publication, Round
from scheduler import rounds

ANSWER_DAYS = 3
"""Working days that a candidate has at least to answer (spesialistforskriften, section 12)."""


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something to a round's plans, and when."""

    round: Round
    author: str
    now: datetime

    @property
    def day(self) -> date:
        """The date in Norway."""
        return norwegian_date(self.now)

    def ending(
        self, state: str, *, reason: str | None = None, replaced_by: str | None = None
    ) -> Ending:
        """Return how an offer ends by this."""
        return Ending(
            state=state, author=self.author, now=self.now, reason=reason, replaced_by=replaced_by
        )

    def cancel(self, session: Session, placement: Placement) -> None:
        """Cancel a placement that has not begun."""
        placements.cancel(session, placement, author=self.author, now=self.now, day=self.day)

    def told(
        self, kind: str, publication: str, municipality: str | None, **figures: object
    ) -> Telling:
        """Return what a municipality, or the organisation alone, is told of a publication."""
        return Telling(
            kind=kind,
            subject=publication,
            organisation=self.round.organisation,
            round=self.round.id,
            municipality=municipality,
            figures={"round": self.round.label, **figures},
        )

    def tellings(self, kind: str, offer: Offer, seats: Seats | None = None) -> Iterator[Telling]:
        """Yield what is told to the parties of an offer; to each unit, of its own seats alone.

        Parameters
        ----------
        seats
            Those that are told of; None = all.
        """
        told = seats_of(offer) if seats is None else seats
        units = dict.fromkeys(seat.unit for seat in told)
        if len(units) == 1:
            yield self._telling(kind, offer, told)
            return
        yield self._telling(kind, offer, told, only="others")
        for unit in units:
            own = tuple(seat for seat in told if seat.unit == unit)
            yield self._telling(kind, offer, own, only="unit")

    def _telling(
        self,
        kind: str,
        offer: Offer,
        seats: Seats,
        only: Literal["unit", "others"] | None = None,
    ) -> Telling:
        first, *then = seats
        figures = {"start": str(first.start), "end": str(first.end)}
        for second in then:
            figures |= {
                "then_unit": second.unit,
                "then_start": str(second.start),
                "then_end": str(second.end),
            }
        return Telling(
            kind=kind,
            subject=offer.id,
            organisation=self.round.organisation,
            round=self.round.id,
            municipality=offer.municipality,
            unit=first.unit,
            figures=figures
            | {"round": self.round.label, "answer_by": str(last_date(offer.answer_by))},
            serial=offer.revision or 1,
            only=only,
        )


def earliest_answer(now: datetime) -> datetime:
    """Return the first instant at which time to answer may be over."""
    return end_of_day(working_days_after(norwegian_date(now), ANSWER_DAYS))


def publish(
    session: Session,
    act: Act,
    plan: Plan,
    round_: rounds.Round,
    found: Differences,
    answer_by: datetime,
) -> Publication:
    """Put a plan in force: make its offers, take back those that it has no place for.

    Parameters
    ----------
    round_
        What the plan was made from.
    found
        What the plan does to the offers that stand, looked up in this transaction.
    answer_by
        Until when the new offers can be answered.
    """
    before = release.in_force(session, act.round.id)
    row = release.publish(session, plan, before, author=act.author, now=act.now)
    for offer in found.replaced:
        offers.end(session, offer, act.ending("replaced", replaced_by=row.id))
    made = [offers.make(session, row, seats, answer_by, act.now) for seats in found.made]
    for seats in found.held:
        enter(session, act, round_, Taken(row.id, seats))
    tell(session, _tellings(act, row.id, found, made), act.now)
    return row


def preview(act: Act, found: Differences, answer_by: datetime) -> list[Telling]:
    """Return what would be told if the plan were published now."""
    row = Publication(
        id=PREVIEW,
        round=act.round.id,
        number=0,
        plan="",
        published_at=act.now,
        published_by=act.author,
    )
    made = [offers.drafted(row, seats, answer_by, act.now) for seats in found.made]
    return list(_tellings(act, PREVIEW, found, made))


PREVIEW = "preview"
"""Stands for the id of a publication that is not there yet."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Seats that somebody has taken: by which publication, offer and with which supervisor."""

    publication: str
    seats: Seats
    offer: Offer | None = None
    supervisor: str | None = None


def enter(session: Session, act: Act, round_: rounds.Round, taken: Taken) -> None:
    """Enter a placement for each seat that somebody has taken, beside those that she has."""
    whose = taken.seats[0].municipality, taken.seats[0].candidate
    others = {each.number for each in stays.underway(session, *whose)}
    free = (number for number in count(1) if number not in others)
    for number, seat in zip(free, taken.seats, strict=False):
        placement = _placement(act, round_, taken, seat)
        placement.number = number
        placements.begin(session, placement, author=act.author, now=act.now, day=act.day)


def _placement(act: Act, round_: rounds.Round, taken: Taken, seat: Seat) -> Placement:
    return Placement(
        id=uuid4().hex,
        offer=taken.offer.id if taken.offer else None,
        publication=taken.publication,
        round=act.round.id,
        municipality=seat.municipality,
        candidate=seat.candidate,
        unit=seat.unit,
        window=seat.window,
        start=seat.start,
        end=seat.end,
        fte_percent=round_.window[seat.window].fte_percent,
        months_needed=seat.months or round_.candidate[seat.candidate].months_needed,
        supervisor=taken.supervisor,
        state="planned",
    )


def void(session: Session, act: Act, publication: Publication, reason: str) -> Publication | None:
    """Take a plan that was wrong out of force, with all that it brought about.

    The publication before it is in force again, and what was taken back is open again, with new
    time to answer.

    Raises
    ------
    Problem
        ``placement-begun``: what somebody lives by cannot be made undone.
    """
    tellings: list[Telling] = []
    standing = [  # before placements are cancelled
        (offer, offers.seats_left(session, offer))
        for offer in offers.of_publication(session, publication.id)
        if offer.state in ("open", "accepted")
    ]
    for placement in offers.placements_of(session, publication.id):
        if placement.state not in ("planned", "cancelled"):
            raise Problem("placement-begun")
        if placement.state == "planned":
            act.cancel(session, placement)
    for offer, seats in standing:
        offers.end(session, offer, act.ending("voided"))
        tellings += act.tellings("offer-voided", offer, seats)
    for offer in offers.replaced_by(session, publication.id):
        offers.reopen(session, offer, earliest_answer(act.now))
        tellings += act.tellings("offer-made", offer)
    tellings += [
        act.told("plan-voided", publication.id, municipality)
        for municipality in participants(session, act.round.id)
    ]
    before = release.void(session, publication, reason, author=act.author, now=act.now)
    tell(session, tellings, act.now)
    return before


def _tellings(
    act: Act, publication: str, found: Differences, made: Iterable[Offer]
) -> Iterator[Telling]:
    """Yield what is told to whom when a plan comes into force."""
    for offer in found.replaced:
        yield from act.tellings("offer-replaced", offer)
    for offer in made:
        yield from act.tellings("offer-made", offer)
    for municipality, unplaced in found.unplaced.items():
        yield act.told("candidates-unplaced", publication, municipality, unplaced=unplaced)
    if in_all := sum(found.unplaced.values()):
        yield act.told("round-unplaced", publication, None, unplaced=in_all)
