"""Notices: put into the outbox with what they tell of, and taken out one by one to be sent.

A notice is written in the transaction that it tells of: what is rolled back is told to nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, or_, select, update

from models.database import is_embedded
from models.scope import UNCONFINED
from models.tables import Municipality, Notice, Unit, Webhook

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
    "placement-interrupted": _PLACEMENT,
    "placement-completed": _PLACEMENT,
    "round-needs-a-person": frozenset({"round"}),
}
"""What can be told, with the figures that are written down; any other is left out, on purpose."""

NAMESPACE = UUID("0d2b0f4e-54a5-5c0e-8f3c-6d1f6a3c9b41")
"""Drawn once for this project; a notice's id is a UUID of version 5 of its key within it."""

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=4)

ATTEMPTS = 15
"""How often sending is tried: over a day and a quarter of an hour, by the pauses between."""

_AT_ONCE = 500
"""Rows of one statement: a database takes a limited number of values."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Something that its parties are told.

    Attributes
    ----------
    subject
        Id of the offer, publication or placement that it is about.
    organisation
        Whose doing it tells of.
    round
        Id of the round.
    municipality, unit
        The parties beside the organisation.
    figures
        What `KINDS` names: ISO dates, counts, labels.
    serial
        Another number, where the same happens to the same subject again.
    """

    kind: str
    subject: str
    organisation: str
    round: str | None = None
    municipality: str | None = None
    unit: str | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)
    serial: int = 1


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


def tell(session: Session, tellings: Iterable[Telling], now: datetime, language: str = "nb") -> int:
    """Put notices into the outbox and return how many; what was told before is not told again.

    Raises
    ------
    KeyError
        For a kind that is not known, or where one of its figures is missing.
    """
    rows = [
        _row(telling, recipient, now, language)
        for telling, recipient in _addressed(session, list(tellings))
    ]
    return sum(_insert(session, part) for part in _parts(rows))


def recipients(session: Session, tellings: Iterable[Telling]) -> list[Recipient]:
    """Return to whom notices would go, one for each, in the order of the tellings."""
    return [recipient for _, recipient in _addressed(session, list(tellings))]


def take_due(session: Session, now: datetime, resting: Collection[str]) -> Notice | None:
    """Return the notice that has waited longest, and let nobody else take it for a while.

    The pause before the next attempt is also the lease of this one: whoever is killed while
    sending needs nobody to clear up.

    Parameters
    ----------
    resting
        Channels and recipients that take nothing at the moment.
    """
    rows = (
        select(Notice)
        .where(
            col(Notice.state) == "waiting",
            # A clock that was set back holds up nothing that has not been tried yet.
            or_(col(Notice.attempts) == 0, col(Notice.due_at) <= now),
            col(Notice.channel).not_in(sorted(resting)),
            col(Notice.recipient).not_in(sorted(resting)),
        )
        .order_by(col(Notice.due_at), col(Notice.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    notice = session.exec(rows).first()
    if notice is not None:
        notice.attempts += 1
        notice.due_at = now + pause_after(notice.attempts)
        session.flush()
    return notice


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts, at least 1: twice as long each time."""
    doublings: int = 2 ** min(attempts - 1, 16)
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)


def mark_sent(session: Session, notice: Notice, now: datetime) -> None:
    """Note that the receiver has taken a notice, whoever else may be trying it meanwhile."""
    _settle(session, notice, state="sent", sent_at=now, failure=None)


def mark_failed(session: Session, notice: Notice, code: str, *, final: bool) -> None:
    """Note why a notice could not be sent; after the last attempt it is given up.

    Parameters
    ----------
    final
        Whether trying again is of no use.
    """
    over = final or notice.attempts >= ATTEMPTS
    _settle(session, notice, state="failed" if over else "waiting", failure=code)


def outbox(session: Session) -> Mapping[str, int]:
    """Return how many notices wait and how many were given up, by state."""
    counts = select(col(Notice.state), func.count()).where(col(Notice.state) != "sent")
    found = dict(session.exec(counts.group_by(col(Notice.state))).all())
    return {state: found.get(state, 0) for state in ("waiting", "failed")}


def _settle(session: Session, notice: Notice, **values: Any) -> None:
    waiting = (col(Notice.id) == notice.id) & (col(Notice.state) == "waiting")
    session.exec(update(Notice).where(waiting).values(**values))


def _addressed(session: Session, tellings: list[Telling]) -> Iterator[tuple[Telling, Recipient]]:
    """Yield each telling with everybody whom it goes to."""
    places = _contacts(session, Municipality, "number", {t.municipality for t in tellings})
    units = _contacts(session, Unit, "id", {t.unit for t in tellings})
    hooks = _hooks(session, tellings)
    for telling in tellings:
        yield from ((telling, each) for each in dict.fromkeys(_of(telling, places, units, hooks)))


def _of(
    telling: Telling,
    places: Mapping[str | None, str],
    units: Mapping[str | None, str],
    hooks: Mapping[str | None, list[Webhook]],
) -> Iterator[Recipient]:
    place, unit, kind = telling.municipality, telling.unit, telling.kind
    if place in places:
        yield Recipient("email", places[place], place, None, kind)
    if unit in units:
        yield Recipient("email", units[unit], None, unit, kind)
    for owner in (place, telling.organisation):
        for hook in hooks.get(owner, ()):
            yield Recipient("webhook", hook.id, hook.municipality, None, kind)


def _contacts(
    session: Session,
    table: type[Municipality | Unit],
    key: str,
    ids: Iterable[str | None],
) -> dict[str | None, str]:
    """Return the addresses of those that have one, by id."""
    wanted = sorted(id_ for id_ in ids if id_ is not None)
    rows = select(col(getattr(table, key)), col(table.contact)).where(
        col(getattr(table, key)).in_(wanted), col(table.contact).is_not(None)
    )
    return {id_: str(contact) for id_, contact in session.exec(rows)} if wanted else {}


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


def _row(telling: Telling, to: Recipient, now: datetime, language: str) -> dict[str, Any]:
    key = "/".join((telling.kind, telling.subject, str(telling.serial), to.channel, to.recipient))
    figures = {name: telling.figures[name] for name in sorted(KINDS[telling.kind])}
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
        "language": language,
        "figures": figures | parties | {"subject": telling.subject},
        "state": "waiting",
        "attempts": 0,
        "made_at": now,
        "due_at": now,
    }


def _parts(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    left = iter(rows)
    while part := list(islice(left, _AT_ONCE)):
        yield part


def _insert(session: Session, rows: list[dict[str, Any]]) -> int:
    """Add the rows whose keys are new; two who tell the same at once do not stop each other."""
    insert = (sqlite if is_embedded(session) else postgresql).insert(Notice)
    told = insert.values(rows).on_conflict_do_nothing()
    added = session.execute(told.returning(col(Notice.id)), execution_options=UNCONFINED)
    return len(added.all())
