"""A round frozen anew after its plan was published, so that its seats are planned once more.

Who has accepted keeps the seat. Open offers are kept as far as the hard rules allow: `kept` is the
first tier, so that no plan moves fewer people. Who has declined, let an offer lapse, withdrawn from
a placement or taken a place elsewhere is no longer in it; who has lost a seat is, and may get
another. Whoever has lost one part of a stay keeps the other, and asks for the rest in a later list.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlmodel import Session

from api.collecting.assembly import present
from api.collecting.sitting import Document, is_seat, without
from models.store import offers as store
from models.store import rounds
from models.store.placements import over
from models.store.stays import WITHDREW, is_placed
from models.tables import Round

GONE = ("declined", "expired")

SERVED_OR_GONE = (WITHDREW, "interrupted", "completed")
"""How a placement ends whose candidate is not planned anew in its round."""


@dataclass(frozen=True, slots=True)
class Anew:
    """A document to be frozen: which candidates have left, and how many seats are held."""

    document: Document
    left: tuple[str, ...]
    accepted: int
    offered: int


def anew(session: Session, round_: Round) -> Anew:
    """Return the document that a locked round is planned from once more.

    Parameters
    ----------
    session
        Sees the whole round.
    """
    newest = rounds.snapshot(session, round_.id)
    assert newest is not None, "a locked round is frozen"
    frozen = json.loads(newest.content)
    last = {offer.candidate: offer for offer in store.all_of(session, round_.id)}
    document = present(session, round_, frozen)
    held = document["commitments"]
    accepted = {each["candidate"] for each in held if each["state"] == "accepted"}
    ended = over(session, round_.id)
    left = {c for c, offer in last.items() if offer.state in GONE}
    left |= {candidate for candidate, how in ended.items() if how in SERVED_OR_GONE}
    left |= {
        each["id"]
        for each in frozen["candidates"]
        if each["id"] not in accepted and is_placed(session, each["municipality"], each["id"])
    }
    tiers = [tier for tier in document["policy"]["tiers"] if tier != "kept"]
    return Anew(
        without(document, left)
        | {
            "round": document["round"] | {"decision_date": str(round_.decision_date)},
            "policy": document["policy"] | {"tiers": ["kept", *tiers]},
        },
        tuple(sorted(left)),
        sum(not is_seat(candidate) for candidate in accepted),
        len({each["candidate"] for each in held if each["state"] == "offered"}),
    )
