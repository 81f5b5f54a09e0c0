"""Rights: given, taken back, and asked for at every call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import uuid4

from sqlmodel import Session, col, select, update

from models.scope import UNCONFINED
from models.tables import Grant
from models.tables.access import ROLES

NARROWER: Mapping[str, frozenset[str]] = {
    "unit_leader": frozenset({"unit"}),
    "coordinator": frozenset({"municipality"}),
    "candidate": frozenset({"municipality", "candidate"}),
}
"""What a right in a role names beside the organisation; no other right names any of them."""


class UnfitRight(ValueError):
    """The role is unknown, or what the right names beside it is not what the role asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """What somebody may act as, and for whom.

    A unit leader's right names the unit, a coordinator's the municipality, a candidate's both
    municipality and candidate; no other right names any of them.

    Raises
    ------
    UnfitRight
        Where it does not.
    """

    role: str
    organisation: str
    unit: str | None = None
    municipality: str | None = None
    candidate: str | None = None

    def __post_init__(self) -> None:
        narrower = ("unit", "municipality", "candidate")
        named = {name for name in narrower if getattr(self, name) is not None}
        if self.role not in ROLES or named != NARROWER.get(self.role, frozenset()):
            raise UnfitRight("the role asks for other names than these")


def rights_of(session: Session, issuer: str, subject: str) -> list[Grant]:
    """Return the rights of a subject that have not been taken back, the oldest first.

    Parameters
    ----------
    session
        Sees everything: who calls is not known before.
    """
    mine = (col(Grant.issuer) == issuer) & (col(Grant.subject) == subject)
    rights = select(Grant).where(mine, col(Grant.revoked_at).is_(None))
    return list(session.exec(rights.order_by(col(Grant.granted_at), col(Grant.id))))


def grant(
    session: Session, issuer: str, subject: str, right: Right, now: datetime, by: str
) -> Grant:
    """Give a right and return its row, which has been sent to the database.

    Parameters
    ----------
    by
        Who gives it: ``issuer|subject``, or the name of a command.
    """
    row = Grant(
        id=uuid4().hex,
        issuer=issuer,
        subject=subject,
        granted_at=now,
        granted_by=by,
        **asdict(right),
    )
    session.add(row)
    session.flush()
    return row


def revoke(session: Session, id_: str, now: datetime) -> Grant | None:
    """Take a right back and return it, or None where the session sees none of this id.

    A right that was taken back before keeps its time, also where two do it at once.
    """
    standing = (col(Grant.id) == id_) & col(Grant.revoked_at).is_(None)
    session.exec(update(Grant).where(standing).values(revoked_at=now))
    return session.get(Grant, id_, populate_existing=True)


def is_granted(session: Session, column: str, id_: str) -> bool:
    """Tell whether somebody has a right to a unit or municipality, by the column that names it."""
    held = (col(getattr(Grant, column)) == id_) & col(Grant.revoked_at).is_(None)
    rows = select(Grant.id).where(held).execution_options(**UNCONFINED)
    return session.exec(rows).first() is not None
