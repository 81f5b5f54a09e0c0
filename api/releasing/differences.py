"""What releasing a plan would bring about: which offers are made, kept and taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from api.collecting.sitting import is_seat
from api.web.problems import Problem
from models.store import offers as store
from models.store.offers import Seat, Seats
from models.store.stays import is_placed, underway
from models.tables import Offer
from scheduler.plans import Placement, Plan, by_candidate
from scheduler.rounds import Round


@dataclass(frozen=True, slots=True)
class Differences:
    """What a plan does to the offers of its round.

    Attributes
    ----------
    made
        Seats to be offered: of each candidate one, or both of a divided stay.
    kept
        Offers that stand as they are, open or accepted.
    replaced
        Open offers that the plan has no place for: of who moves, or gets none.
    held
        Seats that were accepted before the round, and have to be entered as placements.
    unplaced
        How many candidates of each municipality get no place; none where all do.
    """

    made: tuple[Seats, ...]
    kept: tuple[Offer, ...]
    replaced: tuple[Offer, ...]
    held: tuple[Seats, ...]
    unplaced: Mapping[str, int]


def differences(session: Session, round_id: str, round_: Round, plan: Plan) -> Differences:
    """Hold a plan against the offers that stand.

    Raises
    ------
    Problem
        ``accepted-not-kept``: the plan was made before an offer was accepted, and takes it away.
    """
    seats = {
        c: tuple(_seat(round_, p) for p in own) for c, own in by_candidate(plan.placements).items()
    }
    live = store.live(session, round_id)
    kept = [offer for c, (offer, stands) in live.items() if _keeps(seats.get(c, ()), offer, stands)]
    replaced = [offer for offer, _ in live.values() if offer not in kept]
    lost = sum(offer.state == "accepted" for offer in replaced)
    if lost:
        raise Problem("accepted-not-kept", accepted=lost)
    standing = {offer.candidate for offer in kept}
    new = {c: own for c, own in seats.items() if c not in standing}
    held = (_to_enter(session, own) for c, own in new.items() if c in round_.accepted)
    unplaced = (c.municipality for c in round_.candidates if c.id not in seats)
    return Differences(
        made=tuple(own for c, own in new.items() if c not in round_.accepted),
        kept=tuple(sorted(kept, key=_by_candidate)),
        replaced=tuple(sorted(replaced, key=_by_candidate)),
        held=tuple(own for own in held if own),
        unplaced=dict(sorted(Counter(unplaced).items())),
    )


def _to_enter(session: Session, held: Seats) -> Seats:
    """Return which seats, accepted before the round, are no placements yet."""
    whose = held[0].municipality, held[0].candidate
    if is_seat(held[0].candidate) or is_placed(session, *whose):
        return ()
    sat = {(each.window, each.start) for each in underway(session, *whose)}
    return tuple(seat for seat in held if (seat.window, seat.start) not in sat)


def _keeps(seats: Seats, offer: Offer, stands: Seats) -> bool:
    """Tell whether seats of a plan are those of an open offer, or have all that is accepted."""
    given, held = ({(*seat.key, seat.months) for seat in each} for each in (seats, stands))
    return given == held if offer.state == "open" else held <= given


def _seat(round_: Round, p: Placement) -> Seat:
    municipality = round_.candidate[p.candidate].municipality
    return Seat(municipality, p.candidate, p.unit, p.window, p.start, p.end, p.wish_class, p.months)


def _by_candidate(offer: Offer) -> str:
    return offer.candidate
