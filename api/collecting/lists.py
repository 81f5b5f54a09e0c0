"""A municipality's list: held against the round, every fault at once, and handed in whole.

Forms come first, then relations: the list is put into the words of a round document that holds
this municipality alone, which is checked as every other round is, and the places of its faults are
put back into the words of the list. Nothing of other municipalities is looked at.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any, cast

from pydantic import ValidationError
from sqlmodel import Session

from api.clock import norwegian_date
from api.collecting.assembly import candidate, known
from api.collecting.list_workbooks import drafted
from api.schemas.fields import SLUG_PATTERN, written_instant
from api.schemas.requests import RequestsForm
from api.web.problems import Problem
from data.forms.drafts import Draft, checked, in_order
from data.forms.refusals import form_faults
from models.store import rounds as store
from models.store.submissions import HandedIn, first_seen, hand_in, supervisors
from models.store.waiting import Wait, placed_before, waits
from models.tables import Round, Standing, Submission, Supervisor
from scheduler import rounds
from scheduler.canonical import encode
from scheduler.crosschecks import wished_starts
from scheduler.errors import Fault, InvalidRound, Place

MAX_STARTS = 30_000
"""Most start days that the wishes of a list may ask for; a hundred candidates ask for 12,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A list and what was found.

    Attributes
    ----------
    form, round
        The list, and the round with this municipality alone; None where there are faults.
    faults
        Every fault, in the order of the list.
    supervisors
        The municipality's supervisors by id.
    waits, placed
        What candidates bring along from earlier rounds, by their id: how long they have waited,
        and the label of the round in which they last took a place.
    """

    form: RequestsForm | None = None
    round: rounds.Round | None = None
    faults: tuple[Fault, ...] = ()
    supervisors: Mapping[str, Supervisor]
    waits: Mapping[str, Wait] = field(default_factory=dict)
    placed: Mapping[str, str] = field(default_factory=dict)


def is_late(round_: Round, now: datetime, *, by_planner: bool, by_coordinator: bool) -> bool:
    """Tell whether a list that comes in now is late.

    Raises
    ------
    Problem
        ``round-not-open``; ``deadline-passed`` for whoever is not the round's planner, and before
        it ``deadline-ahead`` for whoever is not the municipality's coordinator.
    """
    if round_.state != "open" or round_.deadline is None:
        raise Problem("round-not-open")
    late = now > round_.deadline
    if late and not by_planner:
        raise Problem("deadline-passed", deadline=written_instant(round_.deadline))
    if not late and not by_coordinator:
        raise Problem("deadline-ahead", deadline=written_instant(round_.deadline))
    return late


def examined(
    session: Session,
    round_: Round,
    municipality: str,
    sent: object,
    *,
    now: datetime,
    late: bool,
) -> Examined:
    """Hold what a municipality sends against its form, the round and the register.

    Parameters
    ----------
    sent
        The body: plain values, unchecked, or a workbook.
    late
        Whether a late list is taken, which asks for a reason.

    Raises
    ------
    Problem
        ``round-invalid``, where the round itself is not coherent.
    """
    own = supervisors(session, municipality)
    draft = drafted(sent, own)
    value = draft.document
    form, faults = _formed(value)
    if not isinstance(value, dict) or any(fault.code == "too-many" for fault in faults):
        found = draft.faults or in_order(faults, draft.locate, RequestsForm)
        return Examined(faults=found, supervisors=own)
    faults += _own_ids(value, municipality)
    faults += _supervised(value, own)
    faults += _reasoned(value, late)
    alone, unrelated = _related(session, round_, municipality, draft, now)
    spoken = {fault.place for fault in faults}
    faults += [fault for fault in unrelated if not _within(fault.place, spoken)]
    faults = [fault for fault in faults if not _within(fault.place, draft.unclear)]
    if found := in_order([*faults, *draft.faults], draft.locate, RequestsForm):
        return Examined(faults=found, supervisors=own)
    assert form is not None, "without faults it is read"
    ids = [each.id for each in form.candidates]
    return Examined(
        form=form,
        round=alone,
        supervisors=own,
        waits=waits(session, round_, municipality, ids),
        placed=placed_before(session, municipality, ids),
    )


def keep(
    session: Session,
    round_: Round,
    municipality: str,
    form: RequestsForm,
    *,
    author: str,
    now: datetime,
) -> Submission:
    """Keep a list without faults as the municipality's newest, and return it.

    Parameters
    ----------
    session
        Has taken the round (`models.store.rounds.taken`), so that it is not locked meanwhile, and
        the municipality's turn.
    """
    text = encode(form.model_dump(mode="json", by_alias=True, exclude={"late_reason"}))
    list_ = HandedIn(
        content=text.decode(),
        hash=hash_of(text),
        author=author,
        now=now,
        late_reason=form.late_reason,
    )
    row = hand_in(session, round_.id, municipality, list_)
    ids = [each.id for each in form.candidates]
    new = first_seen(session, round_, municipality, ids, norwegian_date(now))
    session.add_all(new.values())
    session.flush()
    return row


def hash_of(text: bytes) -> str:
    """Return the hash of a list's canonical text: its receipt."""
    return "sha256:" + sha256(text).hexdigest()


def _formed(value: object) -> tuple[RequestsForm | None, list[Fault]]:
    try:
        return RequestsForm.model_validate(value), []
    except ValidationError as error:
        return None, list(form_faults(error))


def _candidates(value: Mapping[str, Any]) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Yield every candidate that can be read, with its place."""
    candidates = value.get("candidates")
    for position, each in enumerate(candidates if isinstance(candidates, list) else []):
        if isinstance(each, dict):
            yield ("candidates", position), each


def _own_ids(value: Mapping[str, Any], municipality: str) -> Iterator[Fault]:
    prefix = f"{municipality}-"
    for at, each in _candidates(value):
        id_ = each.get("id")
        if isinstance(id_, str) and not id_.startswith(prefix):
            yield Fault("not-own-id", (*at, "id"), {"prefix": prefix})


def _supervised(value: Mapping[str, Any], own: Mapping[str, Supervisor]) -> Iterator[Fault]:
    """Supervisors are on the municipality's record, and none has more trainees than she takes."""
    trainees: Counter[str] = Counter()
    for at, each in _candidates(value):
        id_ = each.get("supervisor")
        if not isinstance(id_, str):
            continue
        trainees[id_] += 1
        if id_ not in own:
            yield Fault("not-known", (*at, "supervisor"), {"what": "supervisor"})
        elif trainees[id_] > (capacity := own[id_].capacity):
            yield Fault("supervisor-full", (*at, "supervisor"), {"capacity": capacity})


def _reasoned(value: Mapping[str, Any], late: bool) -> Iterator[Fault]:
    """A late list says why; any other one has nothing to say."""
    reason = value.get("late_reason")
    blank = reason is None or (isinstance(reason, str) and not reason.strip())
    if late == blank:
        yield Fault("missing" if late else "not-asked", ("late_reason",))


def _related(
    session: Session, round_: Round, municipality: str, draft: Draft, now: datetime
) -> tuple[rounds.Round | None, list[Fault]]:
    """Check a round document of this municipality alone; say faults in the list's own places."""
    value = cast("Mapping[str, Any]", draft.document)
    document = known(session, round_, [municipality])
    document["candidates"] = _documented(session, round_, municipality, value, norwegian_date(now))
    document["priorities"], places = _ordered(municipality, value)
    try:
        alone = checked(Draft(document, mute=draft.mute))
    except InvalidRound as error:
        own = [_placed(fault, places) for fault in error.faults]
        found = [fault for fault in own if fault is not None]
        if not found:
            raise Problem("round-invalid", faults_total=len(error.faults)) from None
        return None, found
    days = len(alone.policy.start_days)
    if wished_starts(alone.units, alone.windows, alone.candidates, days) > MAX_STARTS:
        return None, [Fault("list-too-wide", ("candidates",), {"maximum": MAX_STARTS})]
    return alone, []


def _documented(
    session: Session, round_: Round, municipality: str, value: Mapping[str, Any], day: date
) -> object:
    """Return the candidates in the words of the document, as well or badly formed as they are."""
    candidates = value.get("candidates")
    if not isinstance(candidates, list):
        return candidates
    ids = [str(each.get("id")) for each in candidates if isinstance(each, dict)]
    well_formed = [id_ for id_ in ids if re.fullmatch(SLUG_PATTERN, id_)]
    new = first_seen(session, round_, municipality, well_formed, day)
    known_of = new | store.standings(session, round_.id)
    nobody = Standing(round=round_.id, candidate="", municipality=municipality, submitted_on=day)
    present = list(supervisors(session, municipality))
    return [
        candidate(each, municipality, known_of.get(str(each.get("id")), nobody), present)
        if isinstance(each, dict)
        else each
        for each in candidates
    ]


def _ordered(municipality: str, value: Mapping[str, Any]) -> tuple[list[object], list[Place]]:
    """Return the orders in the words of the document, and where each stands in the list."""
    priorities: list[object] = []
    places: list[Place] = []
    if (default := value.get("default_order")) is not None:
        priorities.append({"municipality": municipality, "unit": None, "order": default})
        places.append(("default_order",))
    by_unit = value.get("orders")
    for position, each in enumerate(by_unit if isinstance(by_unit, list) else []):
        if isinstance(each, dict):
            # A unit that is no text would make this the default order.
            unit = each.get("unit") if isinstance(each.get("unit"), str) else 0
            order = each.get("order")
            priorities.append({"municipality": municipality, "unit": unit, "order": order})
        else:
            priorities.append(each)
        places.append(("orders", position))
    return priorities, places


def _placed(fault: Fault, places: list[Place]) -> Fault | None:
    """Put a fault where it stands in the list; None where it is not the list's."""
    match fault.place:
        case ("candidates", *_):
            return fault
        case ("municipalities", _):
            return Fault(fault.code, ("default_order",), fault.figures)
        case ("priorities", int(position), *steps):
            place = places[position]
            if place == ("default_order",) and steps[:1] == ["order"]:
                steps = steps[1:]
            return Fault(fault.code, (*place, *steps), fault.figures)
    return None


def _within(place: Place, spoken: Set[Place]) -> bool:
    """Tell whether something has been said of a place, or of what it lies in."""
    return any(place[:length] in spoken for length in range(len(place) + 1))
