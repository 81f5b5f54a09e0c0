"""A round prepared, or changed before it is locked: whether it fits the register."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from api.clock import norwegian_date
from api.schemas.fields import written_instant
from api.schemas.rounds import RoundChangeForm
from api.web.bodies import invalid
from api.web.problems import Problem
from models.store import rounds as store
from models.store.organisations import organisation_in_reach
from models.store.submissions import in_force
from models.tables import Organisation, Policy, Round
from scheduler.errors import Fault


def check_new(session: Session, plan: Mapping[str, Any]) -> None:
    """Hold a new round against the register.

    Raises
    ------
    Problem
        ``invalid`` with every fault, or ``exists``.
    """
    faults = []
    organisation = organisation_in_reach(session, plan["organisation"])
    if organisation is None:
        faults.append(Fault("not-known", ("organisation",), {"what": "organisation"}))
    faults += _misfits(session, plan, organisation)
    faults += _unknown(session, plan["participants"])
    if faults:
        raise invalid(faults)
    same = select(Round.id).where(
        col(Round.organisation) == plan["organisation"], col(Round.label) == plan["label"]
    )
    if session.exec(same).first() is not None:
        raise Problem("exists")


def change(
    session: Session, round_: Round, form: RoundChangeForm, *, author: str, now: datetime
) -> None:
    """Change a round that is not locked; a change of an open one is recorded with its reason.

    Parameters
    ----------
    round_
        Taken alone (`models.store.rounds.taken`), so that nobody hands in a list meanwhile.

    Raises
    ------
    Problem
        ``invalid`` with every fault, or ``in-use`` where somebody would lose a list.
    """
    values = {name: value for name, value in form if name in form.model_fields_set}
    invited: list[str] | None = values.pop("participants", None)
    reason: str | None = values.pop("reason", None)
    organisation = session.get_one(Organisation, round_.organisation)
    faults = list(_misfits(session, round_.model_dump() | values, organisation))
    faults += _unknown(session, invited or ())
    faults += _unexplained(round_, values, reason)
    if faults:
        raise invalid(faults)
    changes = _changes(round_.model_dump(), values)
    if invited is not None:
        if in_force(session, round_.id).keys() - set(invited):
            raise Problem("in-use")
        before = {"participants": store.participants(session, round_.id)}
        changes |= _changes(before, {"participants": sorted(invited)})
        store.invite(session, round_.id, invited)
    if round_.state == "open":
        store.noted(session, round_, author=author, now=now, reason=reason, changes=changes)
    store.changed(session, round_, values)


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what changes from what to what, by field, in the words of the wire."""
    return {
        name: {"from": _said(before[name]), "to": _said(value)}
        for name, value in after.items()
        if _said(before[name]) != _said(value)
    }


def _said(value: object) -> object:
    if isinstance(value, datetime):
        return written_instant(value)
    return str(value) if isinstance(value, date) else value


def _misfits(
    session: Session, plan: Mapping[str, Any], organisation: Organisation | None
) -> Iterator[Fault]:
    """The policy is the organisation's or its region's, in force, and no list comes too late."""
    policy = session.get(Policy, plan["policy"])
    owners = {organisation.number, organisation.parent} if organisation else set()
    if policy is None or policy.organisation not in owners:
        yield Fault("not-known", ("policy",), {"what": "policy"})
    elif policy.valid_from > plan["decision_date"]:
        yield Fault("not-in-force", ("policy",), {"valid_from": str(policy.valid_from)})
    if norwegian_date(plan["deadline"]) > plan["decision_date"]:
        yield Fault("deadline-too-late", ("deadline",))


def _unknown(session: Session, participants: Sequence[str]) -> Iterator[Fault]:
    known = {row.number for row in store.municipalities(session, participants)}
    for position, number in enumerate(participants):
        if number not in known:
            yield Fault("not-known", ("participants", position), {"what": "municipality"})


def _unexplained(round_: Round, values: Mapping[str, Any], reason: str | None) -> Iterator[Fault]:
    """A draft changes freely; an open round for a reason, and nobody loses time to answer."""
    if round_.state == "draft":
        if reason is not None:
            yield Fault("not-asked", ("reason",))
        return
    if reason is None:
        yield Fault("missing", ("reason",))
    if round_.deadline is not None and values.get("deadline", round_.deadline) < round_.deadline:
        deadline = written_instant(round_.deadline)
        yield Fault("deadline-too-soon", ("deadline",), {"deadline": deadline})
