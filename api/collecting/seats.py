"""Seats that candidates already hold: read, and held against the round before they are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from pydantic import ValidationError
from sqlmodel import Session

from api.collecting.assembly import assembled, commitment
from api.schemas.rounds import CommitmentsForm
from data.forms.drafts import Draft, checked, in_order
from data.forms.refusals import form_faults
from data.forms.rounds import CommitmentForm
from models.store import rounds as store
from models.tables import Commitment, Round
from scheduler import rounds
from scheduler.admission import start_days, stay_months
from scheduler.canonical import encode
from scheduler.errors import Fault, InvalidRound


@dataclass(frozen=True, slots=True)
class Seats:
    """The seats held in a round, and the tag of this very list."""

    form: CommitmentsForm
    tag: str


def seats(session: Session, round_id: str) -> Seats:
    """Return the seats on record."""
    records = [commitment(row) for row in store.commitments(session, round_id)]
    form = CommitmentsForm(commitments=[CommitmentForm.model_validate(each) for each in records])
    return Seats(form, sha256(encode(records)).hexdigest()[:32])


def holding(
    session: Session, round_: Round, value: object
) -> tuple[list[Commitment], tuple[Fault, ...]]:
    """Return the rows of a list of seats, and every fault of it, of form and of relation.

    Parameters
    ----------
    value
        The body: plain values, unchecked.
    """
    faults: list[Fault] = []
    form = None
    try:
        form = CommitmentsForm.model_validate(value)
    except ValidationError as error:
        faults += form_faults(error)
    held = value.get("commitments") if isinstance(value, dict) else None
    if isinstance(held, list):
        faults += _related(session, round_, held)
    if faults or form is None:
        return [], in_order(faults, root=CommitmentsForm)
    return [Commitment(round=round_.id, **dict(each)) for each in form.commitments], ()


def _related(session: Session, round_: Round, held: list[object]) -> Iterator[Fault]:
    document = assembled(session, round_, held)
    try:
        checked(Draft(document))
    except InvalidRound as error:
        yield from (fault for fault in error.faults if fault.place[:1] == ("commitments",))
    try:
        without = checked(Draft(document | {"commitments": []}))
    except InvalidRound:
        return
    for position, each in enumerate(held):
        if _is_beside_start_days(without, each):
            yield Fault("not-start-day", ("commitments", position, "start"))


def _is_beside_start_days(round_: rounds.Round, held: object) -> bool:
    """Tell whether an offered seat lies on no start day: nobody could keep it in a plan."""
    try:
        seat = CommitmentForm.model_validate(held)
    except ValidationError:
        return False
    candidate, window = round_.candidate.get(seat.candidate), round_.window.get(seat.window)
    if seat.state != "offered" or candidate is None or window is None:
        return False
    months = stay_months(seat.months or candidate.months_needed, window)
    return not start_days(round_, window, months, seat.start, seat.start)
