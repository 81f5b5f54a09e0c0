"""The document of a collected round, as what is known now makes it: plain values, unchecked.

Units, windows, municipalities and agreements are the register's, candidates and orders the newest
lists', the rest the planner's; whoever has a seat since an earlier round holds it.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import Session

from api.collecting.sitting import Document, beside, with_sitting, without
from api.schemas.requests import RequestedCandidate
from models.store import offers, placements, stays
from models.store import rounds as store
from models.store.offers import Seat
from models.store.submissions import in_force, supervisor_ids
from models.tables import Commitment, Municipality, Policy, Round, Standing, Window
from scheduler.rounds import FORMAT

_ASKED = RequestedCandidate.model_fields.keys() - {"supervisor"}
"""What a list says of a candidate in the words of the document."""


def assembled(session: Session, round_: Round, held: Sequence[object] | None = None) -> Document:
    """Return the document of a collected round as it stands.

    Parameters
    ----------
    session
        Sees the whole round.
    held
        Seats held in place of those on record, unchecked.
    """
    unchecked = held is not None
    if held is None:
        rows = [commitment(row) for row in store.commitments(session, round_.id)]
        held = seats_held(session, round_.id, rows)
    sitting = stays.sitting(session, round_, _units(session, round_))
    named = [each.get("window") for each in held if isinstance(each, dict)]
    named += [each.window for each in sitting]
    participants = {*store.participants(session, round_.id), *(p.municipality for p in sitting)}
    lists = {
        number: json.loads(row.content) for number, row in in_force(session, round_.id).items()
    }
    standings = store.standings(session, round_.id)
    on_record = supervisor_ids(session, lists)
    document = known(session, round_, sorted(participants), named) | {
        "candidates": [
            candidate(each, number, standings[each["id"]], on_record)
            for number, list_ in lists.items()
            for each in list_["candidates"]
        ],
        "priorities": [
            order
            for number, list_ in lists.items()
            for order in orders(list_["default_order"], list_["orders"], number)
        ],
        "commitments": list(held),
    }
    elsewhere = stays.elsewhere(session, round_, lists)
    taken = {
        p.candidate for p in elsewhere if stays.is_placed(session, p.municipality, p.candidate)
    }
    planned = beside(without(document, taken), elsewhere)
    if unchecked:  # what is said of seats is told where it stands
        planned["commitments"] = document["commitments"]
    return with_sitting(planned, sitting)


def present(session: Session, round_: Round, frozen: Mapping[str, Any]) -> Document:
    """Return the document of a locked round as it would be frozen now.

    Parameters
    ----------
    session
        Sees the whole round.
    frozen
        What it was frozen as; all that is known of an imported round, but for the seats.
    """
    if round_.origin != "imported":
        return assembled(session, round_)
    held = seats_held(session, round_.id, frozen["commitments"])
    return {**frozen, "commitments": held}


def _units(session: Session, round_: Round) -> list[str]:
    return [each.row.id for each in store.units(session, round_.organisation)]


def seats_held(
    session: Session, round_id: str, commitments: Iterable[Mapping[str, Any]]
) -> list[Document]:
    """Return the seats that are held now: what is offered and accepted, in place of commitments.

    What a unit has taken back is held by nobody who has not accepted it, with the other part where
    it is one of two, and a seat whose placement has ended by nobody.
    """
    ended = placements.vacated(session, round_id)
    last = {o.candidate: o for o in offers.all_of(session, round_id)}
    held = [
        dict(each)
        for each in commitments
        if each["candidate"] not in last
        and (each["candidate"], each["window"], date.fromisoformat(each["start"])) not in ended
    ]
    for _, offer in sorted(last.items()):
        open_still = offer.state == "open" and not offers.is_taken_back(session, offer)
        state = "offered" if open_still else "accepted"
        if open_still or offer.state == "accepted":
            seats = offers.seats_of(offer)
            # A seat that she lost before may be offered to her again.
            held += [_held(seat, state) for seat in seats if open_still or seat.key not in ended]
    return held


def _held(seat: Seat, state: str) -> Document:
    months = {} if seat.months is None else {"months": seat.months}
    return months | {
        "candidate": seat.candidate,
        "window": seat.window,
        "start": str(seat.start),
        "state": state,
    }


def known(
    session: Session, round_: Round, municipalities: Sequence[str], named: Iterable[object] = ()
) -> Document:
    """Return what is known of a round before anybody hands in a list.

    Parameters
    ----------
    named
        Ids of windows that somebody holds a seat in: they are in it although they are withdrawn,
        over or tentative, but closed to all who do not hold one.
    """
    policy = session.get_one(Policy, round_.policy)
    located = store.units(session, round_.organisation)
    agreements = _agreements(session, municipalities)
    day = str(round_.decision_date)
    return {
        "format": FORMAT,
        "round": {"id": round_.label, "name": round_.name, "decision_date": day},
        "policy": {"name": policy.name, "version": policy.version, **policy.content},
        "units": [_unit(each) for each in located],
        "windows": [
            _window(row, None if is_open else round_.decision_date)
            for row, is_open in store.windows(session, round_, located, _texts(named))
        ],
        "municipalities": [
            _municipality(row, agreements[row.number])
            for row in store.municipalities(session, municipalities)
        ],
    }


def candidate(
    asked: Mapping[str, Any], municipality: str, standing: Standing, present: Container[object]
) -> Document:
    """Return a candidate of a list with what others know of her.

    Parameters
    ----------
    present
        Ids of the supervisors on record: one who has left supervises nobody.
    """
    return {
        **{key: value for key, value in asked.items() if key in _ASKED},
        "municipality": municipality,
        "has_supervisor": asked.get("supervisor") in present,
        "submitted_on": str(standing.submitted_on),
        "rounds_waited": standing.rounds_waited,
        "lead_waiver": standing.lead_waiver,
    }


def orders(
    default: Sequence[str] | None, by_unit: Sequence[Mapping[str, Any]], municipality: str
) -> Iterator[Document]:
    """Yield a list's orders, the default one first where there is one."""
    if default is not None:
        yield {"municipality": municipality, "unit": None, "order": default}
    for each in by_unit:
        yield {"municipality": municipality, "unit": each["unit"], "order": each["order"]}


def commitment(row: Commitment) -> Document:
    """Return a commitment in the words of the document."""
    return {
        "candidate": row.candidate,
        "window": row.window,
        "start": str(row.start),
        "state": row.state,
        "months": row.months,
    }


def _unit(located: store.Located) -> Document:
    row = located.row
    return {
        "id": row.id,
        "name": row.name,
        "site": row.site,
        "trust": located.trust,
        "supervised_places": row.supervised_places,
        "learning_goals": row.learning_goals,
    }


def _window(row: Window, closed_on: date | None) -> Document:
    """Return a window; one that is closed to the round counts as released by that date."""
    released = [day for day in (row.release_on, closed_on) if day is not None]
    return {
        "id": row.id,
        "unit": row.unit,
        "opens": str(row.opens),
        "closes": str(row.closes),
        "positions": row.positions,
        "kind": row.kind,
        "fte_percent": row.fte_percent,
        "min_gp_months": row.min_gp_months,
        "release_on": _text(min(released, default=None)),
    }


def _agreements(session: Session, municipalities: Sequence[str]) -> Mapping[str, list[Document]]:
    """Return the agreements of each of these municipalities."""
    found: dict[str, list[Document]] = {number: [] for number in municipalities}
    for signed in store.agreements(session, municipalities):
        row = signed.row
        days = {"signed_on": str(row.signed_on), "ends_on": _text(row.ends_on)}
        found[row.municipality].append({"trust": signed.trust, **days})
    return found


def _municipality(row: Municipality, agreements: Sequence[Document]) -> Document:
    return {
        "id": row.number,
        "name": row.name,
        "registered_on": _text(row.registered_on),
        "agreements": list(agreements),
        "max_away": row.max_away,
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _texts(values: Iterable[object]) -> list[str]:
    return [each for each in values if isinstance(each, str)]
