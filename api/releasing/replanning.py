"""A round frozen anew after its plan was published, so that its seats are planned once more.

Who has accepted keeps the seat. Open offers are kept as far as the hard rules allow: `kept` is the
first tier, so that no plan moves fewer people. Who has declined, let an offer lapse, withdrawn from
a placement or taken a place elsewhere is no longer in it; who has lost a seat is, and may get
another.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from api.collecting.assembly import Document, assembled, seats_held
from api.releasing.answering import WITHDREW
from models.store import offers as store
from models.store import rounds
from models.store.placements import given_up
from models.tables import Round

GONE = ("declined", "expired")


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
    held = seats_held(session, round_.id, frozen["commitments"])
    document = frozen if round_.origin == "imported" else assembled(session, round_, held)
    accepted = {each["candidate"] for each in held if each["state"] == "accepted"}
    gone = given_up(session, round_.id)
    left = {c for c, offer in last.items() if offer.state in GONE}
    left |= {candidate for candidate, why in gone.items() if why == WITHDREW}
    left |= {
        each["id"]
        for each in frozen["candidates"]
        if each["id"] not in accepted
        and store.is_underway(session, each["municipality"], each["id"])
    }
    tiers = [tier for tier in document["policy"]["tiers"] if tier != "kept"]
    return Anew(
        document
        | {
            "round": document["round"] | {"decision_date": str(round_.decision_date)},
            "policy": document["policy"] | {"tiers": ["kept", *tiers]},
            "candidates": [each for each in document["candidates"] if each["id"] not in left],
            "priorities": list(_orders(document["priorities"], left)),
            "commitments": [each for each in held if each["candidate"] not in left],
        },
        tuple(sorted(left)),
        len(accepted),
        sum(each["state"] == "offered" for each in held),
    )


def _orders(priorities: Sequence[Mapping[str, Any]], left: set[str]) -> Iterator[Document]:
    for each in priorities:
        order = [candidate for candidate in each["order"] if candidate not in left]
        if order:
            yield dict(each) | {"order": order}
