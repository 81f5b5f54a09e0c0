"""Ways in of the service's own: a fresh subject with one right, and a token or a link for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from uuid import uuid4

from pydantic import ValidationError
from sqlmodel import Session, col, select

from api.clock import norwegian_date
from api.granting import register_faults, right_of, role_faults
from api.identity.issuers import LOCAL
from api.identity.local import LocalKey
from api.pages import links
from api.rights import ADMINISTRATOR
from api.schemas.grants import GrantForm
from api.web.bodies import national_numbers
from data.forms.refusals import faults_of
from models.database import Database
from models.scope import EVERYTHING
from models.store.audit import About, Told, append
from models.store.grants import ENDING, grant, holding
from models.tables import Grant, Organisation
from models.tables.access import ROLES
from scheduler.errors import Fault

MAX_HOURS = 24
"""No local token is believed for longer."""

DAYS = 365
"""How long a right holds that must end."""


_STARTING = "serve"
"""The command that lets whoever runs it in."""


class UnfitToken(Exception):
    """No token is made; `faults` says all that is wrong, by the field it is about."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(len(faults))
        self.faults = tuple(faults)


def make_token(
    database: Database,
    key: LocalKey,
    asked: Mapping[str, str | None],
    hours: int,
    now: datetime,
) -> str:
    """Give a right to somebody new and return the token that says who they are.

    Parameters
    ----------
    asked
        ``role`` and ``organisation``, and what the role asks for: ``unit``, ``municipality``,
        ``candidate``.
    hours
        How long the token is good for, 1–24; the right itself stays until it is taken back, a
        candidate's for `DAYS` days at most.

    Raises
    ------
    UnfitToken
        The right cannot be given; nothing is saved.
    """
    faults = []
    if not 1 <= hours <= MAX_HOURS:
        faults.append(Fault("out-of-range", ("hours",), {"minimum": 1, "maximum": MAX_HOURS}))
    with database.writing(EVERYTHING) as session:
        subject = _given(session, asked, now, "token", faults)
    return key.sign(subject, now, timedelta(hours=hours))


def make_link(database: Database, asked: Mapping[str, str | None], now: datetime) -> str:
    """Give a right to somebody new and return the path by which they sign in, once.

    Parameters
    ----------
    asked
        As for `make_token`.

    Raises
    ------
    UnfitToken
        The right cannot be given; nothing is saved.
    """
    with database.writing(EVERYTHING) as session:
        return links.make(session, _given(session, asked, now, "link", []), now)


def standing_link(database: Database, role: str, organisation: str, now: datetime) -> str:
    """Return the path by which whoever starts the service signs in, as the same person each time.

    Raises
    ------
    UnfitToken
        The right cannot be given; nothing is saved.
    """
    with database.writing(EVERYTHING) as session:
        mine = select(Grant).where(
            col(Grant.issuer) == LOCAL,
            col(Grant.granted_by) == f"rotations {_STARTING}",
            col(Grant.role) == role,
            col(Grant.organisation) == organisation,
            holding(norwegian_date(now)),
        )
        found = session.exec(mine.order_by(col(Grant.granted_at))).first()
        asked = {"role": role, "organisation": organisation}
        subject = found.subject if found else _given(session, asked, now, _STARTING, [])
        return links.make(session, subject, now)


def _given(
    session: Session,
    asked: Mapping[str, str | None],
    now: datetime,
    command: str,
    faults: list[Fault],
) -> str:
    """Give a right to somebody new, unless there are faults, and return who that is."""
    subject, by = uuid4().hex, f"rotations {command}"
    given = {name: value for name, value in asked.items() if value is not None}
    if given.get("role") in ENDING:
        given["ends_on"] = str(norwegian_date(now) + timedelta(days=DAYS))
    form, unfit = _read(given | {"issuer": LOCAL, "subject": subject})
    found = [*unfit, *faults, *(_unknown(session, form) if form else ())]
    if form is None or found:
        raise UnfitToken(found)
    row = grant(session, LOCAL, subject, right_of(form), now, by)
    about = About(municipality=row.municipality, organisation=row.organisation)
    about["named"] = {"grants": row.id}
    append(session, [Told.change(by, command, now, **about)])
    return subject


def _read(given: Mapping[str, str]) -> tuple[GrantForm | None, list[Fault]]:
    """Return the right that is asked for, and all that is wrong with it by itself."""
    faults = list(national_numbers(dict(given)))
    role = given.get("role", "")
    if role in ROLES:
        faults += role_faults(role, given)
    try:
        return GrantForm.model_validate(given), faults
    except ValidationError as error:
        return None, [*faults_of(dict(each) for each in error.errors()), *faults]


def _unknown(session: Session, form: GrantForm) -> Iterator[Fault]:
    """Yield what the register does not know; the first administrator comes before it."""
    if form.role != ADMINISTRATOR and session.get(Organisation, form.organisation) is None:
        yield Fault("not-known", ("organisation",), {"what": "organisation"})
    yield from register_faults(session, form)
