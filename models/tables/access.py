"""Who may do what, who is signed in, what was answered before, and which workers are alive."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Text
from sqlmodel import Field, SQLModel

from models.tables.naming import among

ROLES = (
    "planner",
    "approver",
    "unit_leader",
    "coordinator",
    "candidate",
    "regional_reader",
    "auditor",
    "administrator",
)


class Grant(SQLModel, table=True):
    """A right: who an issuer calls `subject` may act in a role for an organisation.

    A unit leader's right names the unit, a coordinator's the municipality, a candidate's both
    municipality and candidate. A right that is taken back stays, with the time; from `ends_on` on
    it is good for nothing.
    """

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint(among("role", ROLES), name="role_known"),
        CheckConstraint("(role = 'unit_leader') = (unit IS NOT NULL)", name="unit_of_leader"),
        CheckConstraint(
            "(role IN ('coordinator', 'candidate')) = (municipality IS NOT NULL)",
            name="municipality_of_coordinator",
        ),
        CheckConstraint("(role = 'candidate') = (candidate IS NOT NULL)", name="candidate_own"),
        CheckConstraint("length(organisation) = 9", name="organisation_nine_digits"),
    )

    id: str = Field(primary_key=True)
    issuer: str
    subject: str = Field(index=True)
    role: str
    organisation: str = Field(index=True)
    unit: str | None = None
    municipality: str | None = None
    candidate: str | None = None
    granted_at: datetime
    granted_by: str
    revoked_at: datetime | None = None
    ends_on: date | None = None


class SignedIn(SQLModel, table=True):
    """A session of somebody who reads the pages: from signing in until signing out, or its end.

    `id` is the SHA-256 of what the browser holds, so that nobody who reads the table can go on with
    somebody's session. It says who somebody is; what they may do is asked of the rights each time.
    """

    __tablename__ = "sessions"

    id: str = Field(primary_key=True)
    issuer: str
    subject: str = Field(index=True)
    begun_at: datetime
    seen_at: datetime
    ends_at: datetime


class SignInLink(SQLModel, table=True):
    """A way to sign in once, as a subject of the service's own; `id` is the SHA-256 of a secret."""

    __tablename__ = "sign_in_links"

    id: str = Field(primary_key=True)
    subject: str = Field(index=True)
    made_at: datetime
    ends_at: datetime


class IdempotencyKey(SQLModel, table=True):
    """What was answered to a request that its sender may repeat, for as long as it is kept."""

    __tablename__ = "idempotency_keys"

    subject: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_hash: str
    status: int
    headers: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False))
    answered_at: datetime


class Worker(SQLModel, table=True):
    """A worker process; one that has not been seen for a while has lost its work."""

    __tablename__ = "workers"

    id: str = Field(primary_key=True)
    started_at: datetime
    seen_at: datetime = Field(index=True)
