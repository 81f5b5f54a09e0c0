"""A made-up round that is live: registered, open, every list handed in, waiting to be locked."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime, timedelta
from enum import StrEnum
from importlib.resources import files
from typing import Any
from uuid import uuid4

from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select

from api.collecting.lists import keep
from api.collecting.moves import create, open_round
from api.schemas.requests import RequestedCandidate, RequestsForm
from data.forms.fields import Form
from data.forms.rounds import CandidateForm, RoundForm
from models.database import Database
from models.scope import EVERYTHING
from models.store.audit import About, Told, append
from models.store.rounds import commit_to, standings
from models.tables import (
    Agreement,
    Commitment,
    Municipality,
    Organisation,
    Policy,
    Round,
    Site,
    Supervisor,
    Unit,
    Window,
)

NORTH, FINNMARK, TROMS = "883658752", "983974880", "983974899"
"""Organisation numbers of a region, Helse Nord RHF, and of two of its trusts."""

BY = "rotations serve --sample"
"""Who is recorded as having made it."""

OPEN_DAYS = 30
"""How long municipalities may still change their lists."""

SITES = {
    "hammerfest": "Hammerfest",
    "kirkenes": "Kirkenes",
    "alta": "Alta",
    "sámi-klinihkka": "Sámi klinihkka, Karasjok",
}


def load_sample(database: Database, now: datetime) -> None:
    """Fill the Finnmark sample in, where it is not; what is registered already is left as it is.

    When the round is locked, its document is the sample's, hash for hash.
    """
    sample = read_sample()
    try:
        with database.writing(EVERYTHING) as session:
            if not _is_there(session, sample):
                _register(session)
                fill_in(session, sample, FINNMARK, now)
    except IntegrityError:
        with database.reading(EVERYTHING) as session:
            # Of two processes that fill it in at once, one finds it done.
            if not _is_there(session, sample):
                raise


def _is_there(session: Session, sample: RoundForm) -> bool:
    rounds = select(Round.id).where(
        col(Round.organisation) == FINNMARK, col(Round.label) == sample.round.id
    )
    return session.exec(rounds).first() is not None


def read_sample() -> RoundForm:
    """Return the sample's document."""
    file = files("data") / "samples" / "finnmark" / "round.json"
    return RoundForm.model_validate_json(file.read_text(encoding="utf-8"))


def _register(session: Session) -> None:
    """Register whom the sample's document only names."""
    for rows in (
        [Organisation(number=NORTH, name="Helse Nord RHF", kind="RHF")],
        [
            _trust(FINNMARK, "Finnmarkssykehuset HF", "finnmark"),
            _trust(TROMS, "Universitetssykehuset Nord-Norge HF", "unn"),
        ],
        [Site(id=site, name=name, organisation=FINNMARK) for site, name in SITES.items()],
    ):
        _add(session, rows)


def fill_in(session: Session, document: RoundForm, organisation: str, now: datetime) -> None:
    """Make a document live: what lasts is registered, and its round collected by an organisation.

    Parameters
    ----------
    organisation
        Number of whose round it is, and who keeps the municipalities' records. It is registered,
        as are the document's trusts and sites.
    """
    number = {each.trust: each.number for each in session.exec(select(Organisation))}
    for rows in (
        [Unit(**_values(unit, but={"trust"})) for unit in document.units],
        [
            Window(**_values(window), certainty="confirmed", published_at=now, changed_at=now)
            for window in document.windows
        ],
        [
            Municipality(
                number=each.id, organisation=organisation, **_values(each, but={"id", "agreements"})
            )
            for each in document.municipalities
        ],
        [
            Agreement(
                municipality=each.id,
                organisation=number[signed.trust],
                **_values(signed, but={"trust"}),
            )
            for each in document.municipalities
            for signed in each.agreements
        ],
    ):
        _add(session, rows)
    _collect(session, document, organisation, now)


def _add(session: Session, rows: Sequence[SQLModel]) -> None:
    """Add the rows whose key is not taken."""
    for row in rows:
        key = inspect(type(row)).primary_key_from_instance(row)
        if session.get(type(row), tuple(key)) is None:
            session.add(row)
    session.flush()


def _values(form: Form, but: Set[str] = frozenset()) -> dict[str, Any]:
    """Return a record's values as columns hold them, where a document has texts."""
    return {
        name: str(value) if isinstance(value, StrEnum) else value
        for name, value in form
        if name not in but
    }


def _trust(number: str, name: str, trust: str) -> Organisation:
    return Organisation(number=number, name=name, kind="HF", trust=trust, parent=NORTH)


def _collect(session: Session, sample: RoundForm, organisation: str, now: datetime) -> None:
    """Make the round, open it, and hand in what everybody has to say."""
    values = {
        "organisation": organisation,
        "label": sample.round.id,
        "name": sample.round.name,
        "decision_date": sample.round.decision_date,
        "deadline": now + timedelta(days=OPEN_DAYS),
        "policy": _policy(session, sample, organisation, now).id,
        "tentative_windows": False,
    }
    numbers = [municipality.id for municipality in sample.municipalities]
    round_ = create(session, values, numbers, author=BY, now=now)
    open_round(session, round_, author=BY, now=now)
    for number in numbers:
        form = _list(sample, number, _supervisor(session, sample, number).id)
        keep(session, round_, number, form, author=BY, now=now)
    _stand(session, sample, round_)
    held = [Commitment(round=round_.id, **_values(seat)) for seat in sample.commitments]
    commit_to(session, round_.id, held)
    about = About(round=round_.id, candidates=[each.id for each in sample.candidates])
    append(session, [Told.change(BY, "sample", now, **about)])


def _policy(session: Session, sample: RoundForm, organisation: str, now: datetime) -> Policy:
    policy = sample.policy
    row = Policy(
        id=uuid4().hex,
        organisation=organisation,
        name=policy.name,
        version=policy.version,
        valid_from=now.date(),
        content=policy.model_dump(mode="json", exclude={"name", "version"}),
        made_at=now,
        made_by=BY,
    )
    session.add(row)
    session.flush()
    return row


def _supervisor(session: Session, sample: RoundForm, number: str) -> Supervisor:
    """Give a municipality somebody made up who supervises all its candidates."""
    [name] = [each.name or each.id for each in sample.municipalities if each.id == number]
    trainees = sum(each.municipality == number for each in sample.candidates)
    row = Supervisor(
        id=uuid4().hex,
        municipality=number,
        name=f"Veileder i {name} (oppdiktet)",
        specialist=True,
        capacity=max(3, trainees),
        hours_per_month=4,
    )
    session.add(row)
    session.flush()
    return row


def _list(sample: RoundForm, number: str, supervisor: str) -> RequestsForm:
    """Return what a municipality hands in: its part of the round's document."""
    orders = [order for order in sample.priorities if order.municipality == number]
    default = [order.order for order in orders if order.unit is None]
    value = {
        "candidates": [
            _requested(candidate, supervisor)
            for candidate in sample.candidates
            if candidate.municipality == number
        ],
        "default_order": default[0] if default else None,
        "orders": [
            {"unit": order.unit, "order": order.order} for order in orders if order.unit is not None
        ],
    }
    return RequestsForm.model_validate(value)


def _requested(candidate: CandidateForm, supervisor: str) -> dict[str, Any]:
    asked = candidate.model_dump(mode="json", by_alias=True)
    known = {name: asked[name] for name in RequestedCandidate.model_fields.keys() & asked.keys()}
    return known | {"supervisor": supervisor if candidate.has_supervisor else None}


def _stand(session: Session, sample: RoundForm, round_: Round) -> None:
    """Note what the planner knows of the candidates."""
    known = standings(session, round_.id)
    for candidate in sample.candidates:
        row = known[candidate.id]
        row.submitted_on = candidate.submitted_on
        row.rounds_waited = candidate.rounds_waited
        row.lead_waiver = candidate.lead_waiver
    session.flush()
