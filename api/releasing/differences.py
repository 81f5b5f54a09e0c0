"""What releasing a plan would bring about: which offers are made, kept and taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from api.collecting.sitting import is_seat
from api.web.problems import Problem
from models.store import offers as store
from models.store.offers import Seat
from models.tables import Offer
from scheduler.plans import Placement, Plan, by_candidate
from scheduler.rounds import Round


@dataclass(frozen=True, slots=True)
class Differences:
    """What a plan does to the offers of its round.

    Attributes
    ----------
    made
        Seats to be offered.
    kept
        Offers that stand as they are, open or accepted.
    replaced
        Open offers that the plan has no place for: of who moves, or gets none.
    held
        Seats that were accepted before the round, and have to be entered as placements.
    unplaced
        How many candidates of each municipality get no place; none where all do.
    """

    made: tuple[Seat, ...]
    kept: tuple[Offer, ...]
    replaced: tuple[Offer, ...]
    held: tuple[Seat, ...]
    unplaced: Mapping[str, int]


def differences(session: Session, round_id: str, round_: Round, plan: Plan) -> Differences:
    """Hold a plan against the offers that stand.

    Raises
    ------
    Problem
        ``plan-divided``: the plan divides stays, and offers are made of undivided ones alone;
        ``accepted-not-kept``: the plan was made before an offer was accepted, and takes it away.
    """
    divided = sum(len(own) > 1 for own in by_candidate(plan.placements).values())
    if divided:
        raise Problem("plan-divided", count=divided)
    seats = {p.candidate: _seat(round_, p) for p in plan.placements}
    live = store.live(session, round_id)
    kept = [offer for c, offer in live.items() if c in seats and seats[c].is_of(offer)]
    replaced = [offer for offer in live.values() if offer not in kept]
    lost = sum(offer.state == "accepted" for offer in replaced)
    if lost:
        raise Problem("accepted-not-kept", accepted=lost)
    standing = {offer.candidate for offer in kept}
    new = [seat for c, seat in sorted(seats.items()) if c not in standing]
    unplaced = (c.municipality for c in round_.candidates if c.id not in seats)
    return Differences(
        made=tuple(seat for seat in new if seat.candidate not in round_.accepted),
        kept=tuple(sorted(kept, key=_by_candidate)),
        replaced=tuple(sorted(replaced, key=_by_candidate)),
        held=tuple(
            seat
            for seat in new
            if seat.candidate in round_.accepted
            and not is_seat(seat.candidate)
            and not store.is_underway(session, seat.municipality, seat.candidate)
        ),
        unplaced=dict(sorted(Counter(unplaced).items())),
    )


def _seat(round_: Round, p: Placement) -> Seat:
    municipality = round_.candidate[p.candidate].municipality
    return Seat(municipality, p.candidate, p.unit, p.window, p.start, p.end, p.wish_class, p.months)


def _by_candidate(offer: Offer) -> str:
    return offer.candidate
