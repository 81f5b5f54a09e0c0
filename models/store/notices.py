"""Notices: put into the outbox together with what they tell of.

A notice is written in the transaction that it tells of: what is rolled back is told to nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Literal, TypeVar
from uuid import UUID, uuid5

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, delete, or_, select

from models.database import is_embedded
from models.scope import UNCONFINED
from models.tables import Municipality, Notice, Organisation, Unit, Webhook

Value = TypeVar("Value")

UNDELIVERED = "notices-undelivered"
"""Told by e-mail alone."""

_OFFER = frozenset({"round", "start", "end"})
_PLACEMENT = frozenset({"start", "end"})

KINDS: Mapping[str, frozenset[str]] = {
    "offer-made": _OFFER | {"answer_by"},
    "offer-replaced": _OFFER,
    "offer-withdrawn": _OFFER,
    "offer-voided": _OFFER,
    "offer-expired": _OFFER,
    "offer-accepted": _OFFER,
    "offer-declined": _OFFER,
    "candidates-unplaced": frozenset({"round", "unplaced"}),
    "plan-voided": frozenset({"round"}),
    "evaluation-due": _PLACEMENT | {"day"},
    "placement-cancelled": _PLACEMENT,
    "placement-interrupted": _PLACEMENT,
    "placement-completed": _PLACEMENT,
    "round-unplaced": frozenset({"round", "unplaced"}),
    "round-needs-a-person": frozenset({"round"}),
    UNDELIVERED: frozenset({"day"}),
    "offer-unanswered": frozenset({"unit", "start", "last", "day"}),
    "evaluation-awaited": frozenset({"start", "last"}),
    "evaluation-overdue": frozenset({"start", "last"}),
    "completion-overdue": frozenset({"start", "last"}),
    "placement-overdue": frozenset({"unit", "start", "last"}),
    "exemption-ends": frozenset({"day"}),
    "agreement-ends": frozenset({"day"}),
    "list-due": frozenset({"round", "day"}),
}
"""What can be told, with the figures that are written down; any other is left out, on purpose."""

SECOND_PART = frozenset({"then_unit", "then_start", "then_end", "then_last"})
"""Figures that are written down as well, of whatever they are told: of a divided stay alone."""

FOR_PLANNERS = frozenset(
    {
        "offer-declined",
        "offer-expired",
        "round-unplaced",
        "round-needs-a-person",
        "placement-overdue",
        UNDELIVERED,
    }
)
"""What always asks a planner to do something: the organisation's own address is told of it."""

NAMESPACE = UUID("0d2b0f4e-54a5-5c0e-8f3c-6d1f6a3c9b41")
"""Drawn once for this project; a notice's id is a UUID of version 5 of its key within it."""

_AT_ONCE = 500
"""Rows of one statement: a database takes a limited number of values."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Something that its parties are told.

    Attributes
    ----------
    subject
        Id of what it is about: an offer, publication, placement, round …
    organisation
        Whose doing it tells of.
    round
        Id of the round.
    municipality, unit
        The parties beside the organisation.
    only
        Who alone is written to: the unit, or all others; None = everybody.
    asks_planner
        Whether it asks a planner to do something although its kind need not.
    figures
        What `KINDS` names: ISO dates, counts, labels.
    serial
        Another one, where the same happens to the same subject again.
    """

    kind: str
    subject: str
    organisation: str
    round: str | None = None
    municipality: str | None = None
    unit: str | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)
    serial: int | str = 1
    only: Literal["unit", "others"] | None = None
    asks_planner: bool = False

    @property
    def planners(self) -> str | None:
        """The organisation, where a planner is asked to do something."""
        return self.organisation if self.asks_planner or self.kind in FOR_PLANNERS else None


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom a notice goes: a role's address (``email``) or the id of a webhook.

    The municipality or the unit whose address it is; neither, where it is the organisation's.
    """

    channel: str
    recipient: str
    municipality: str | None
    unit: str | None
    kind: str
    language: str = "nb"


def tell(session: Session, tellings: Iterable[Telling], now: datetime) -> int:
    """Put notices into the outbox and return how many; what was told before is not told again.

    Raises
    ------
    KeyError
        For a kind that is not known, or where one of its figures is missing.
    """
    return sum(_insert(session, part) for part in _parts(_rows(session, tellings, now)))


def tell_anew(
    session: Session, kinds: Collection[str], tellings: Iterable[Telling], now: datetime
) -> int:
    """Tell of what stands now, and take back what waits of these kinds and stands no more.

    Returns
    -------
    int
        How many notices are new.
    """
    rows = _rows(session, tellings, now)
    waiting = select(Notice.id).where(
        col(Notice.kind).in_(sorted(kinds)), col(Notice.state) == "waiting"
    )
    for part in _parts(set(session.exec(waiting)) - {row["id"] for row in rows}):
        session.exec(delete(Notice).where(col(Notice.id).in_(part)))
    return sum(_insert(session, part) for part in _parts(rows))


def recipients(session: Session, tellings: Iterable[Telling]) -> list[Recipient]:
    """Return to whom notices would go, one for each, in the order of the tellings."""
    return [recipient for _, recipient in _addressed(session, list(tellings))]


def _rows(session: Session, tellings: Iterable[Telling], now: datetime) -> list[dict[str, Any]]:
    return [_row(telling, to, now) for telling, to in _addressed(session, list(tellings))]


def _addressed(session: Session, tellings: list[Telling]) -> Iterator[tuple[Telling, Recipient]]:
    """Yield each telling with everybody whom it goes to."""
    contacts = {
        **_contacts(session, Municipality, "number", {t.municipality for t in tellings}),
        **_contacts(session, Unit, "id", {t.unit for t in tellings}),
        **_contacts(session, Organisation, "number", {t.planners for t in tellings}),
    }
    hooks = _hooks(session, tellings)
    for telling in tellings:
        yield from ((telling, each) for each in dict.fromkeys(_of(telling, contacts, hooks)))


def _of(
    telling: Telling,
    contacts: Mapping[tuple[type[SQLModel], str | None], tuple[str, str]],
    hooks: Mapping[str | None, list[Webhook]],
) -> Iterator[Recipient]:
    place, unit, kind = telling.municipality, telling.unit, telling.kind
    if telling.only != "unit" and (to := contacts.get((Municipality, place))):
        yield Recipient("email", to[0], place, None, kind, to[1])
    if telling.only != "others" and (to := contacts.get((Unit, unit))):
        yield Recipient("email", to[0], None, unit, kind, to[1])
    if telling.only == "unit":
        return
    if to := contacts.get((Organisation, telling.planners)):
        yield Recipient("email", to[0], None, None, kind, to[1])
    if kind == UNDELIVERED:  # perhaps by those webhooks
        return
    for owner in (place, telling.organisation):
        for hook in hooks.get(owner, ()):
            yield Recipient("webhook", hook.id, hook.municipality, None, kind)


def _contacts(
    session: Session,
    table: type[Municipality | Unit | Organisation],
    key: str,
    ids: Iterable[str | None],
) -> dict[tuple[type[SQLModel], str | None], tuple[str, str]]:
    """Return address and language of those that have an address, by what and who they are."""
    id_ = col(getattr(table, key))
    wanted = sorted(each for each in ids if each is not None)
    rows = select(id_, col(table.contact), col(table.language)).where(
        id_.in_(wanted), col(table.contact).is_not(None)
    )
    found = session.exec(rows) if wanted else ()
    return {(table, each): (str(contact), language) for each, contact, language in found}


def _hooks(session: Session, tellings: Iterable[Telling]) -> Mapping[str | None, list[Webhook]]:
    """Return the webhooks that stand, by their municipality or organisation."""
    places, organisations = set(), set()
    for telling in tellings:
        places.add(telling.municipality or "")
        organisations.add(telling.organisation)
    owned = or_(
        col(Webhook.municipality).in_(sorted(places)),
        col(Webhook.organisation).in_(sorted(organisations)),
    )
    # Whoever does something may not see the webhooks of those who are told of it.
    rows = select(Webhook).where(owned, col(Webhook.removed_at).is_(None)).order_by(Webhook.id)
    found: dict[str | None, list[Webhook]] = defaultdict(list)
    for hook in session.exec(rows, execution_options=UNCONFINED):
        found[hook.municipality or hook.organisation].append(hook)
    return found


def _row(telling: Telling, to: Recipient, now: datetime) -> dict[str, Any]:
    about = (telling.kind, telling.subject, str(telling.serial), telling.municipality or "")
    alone = (telling.unit or "",) if telling.only == "unit" else ()
    key = "/".join((*about, *alone, to.channel, to.recipient))
    told = KINDS[telling.kind] | (SECOND_PART & telling.figures.keys())
    figures = {name: telling.figures[name] for name in sorted(told)}
    parties = {"municipality": telling.municipality, "unit": telling.unit}
    return {
        "id": uuid5(NAMESPACE, key).hex,
        "key": key,
        "kind": telling.kind,
        "organisation": telling.organisation,
        "round": telling.round,
        "municipality": to.municipality,
        "unit": to.unit,
        "channel": to.channel,
        "recipient": to.recipient,
        "language": to.language,
        "figures": parties | figures | {"subject": telling.subject},
        "state": "waiting",
        "attempts": 0,
        "made_at": now,
        "due_at": now,
    }


def _parts(values: Iterable[Value]) -> Iterator[list[Value]]:
    left = iter(values)
    while part := list(islice(left, _AT_ONCE)):
        yield part


def _insert(session: Session, rows: list[dict[str, Any]]) -> int:
    """Add the rows whose keys are new; two who tell the same at once do not stop each other."""
    insert = (sqlite if is_embedded(session) else postgresql).insert(Notice)
    told = insert.values(rows).on_conflict_do_nothing()
    added = session.execute(told.returning(col(Notice.id)), execution_options=UNCONFINED)
    return len(added.all())
