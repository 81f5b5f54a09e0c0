"""Who did and saw what, and whom the service has written to."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Text
from sqlmodel import Field, SQLModel

from models.tables.naming import among
from models.tables.revised import Revised

ACTIONS = ("change", "read")

CHANNELS = ("email", "webhook")

NOTICE_STATES = ("waiting", "sent", "failed")


class AuditEntry(SQLModel, table=True):
    """One change, or one reading of what concerns candidates; entries are never changed.

    `content` is the entry in canonical JSON, the other columns repeat parts of it to be searched
    by. `hash` is that of `previous` and `content`: no entry can be changed, left out or put in
    without all that follow. `organisation` is whose auditors read it.
    """

    __tablename__ = "audit"
    __table_args__ = (
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint(among("action", ACTIONS), name="action_known"),
    )

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(index=True)
    actor: str = Field(index=True)
    operation: str
    action: str
    organisation: str | None = Field(default=None, index=True)
    round: str | None = Field(default=None, index=True)
    municipality: str | None = Field(default=None, index=True)
    content: str = Field(sa_column=Column(Text, nullable=False))
    previous: str
    hash: str = Field(unique=True)


class AuditReason(SQLModel, table=True):
    """Why something was done, in somebody's words: an entry of the audit holds their digest alone.

    They may name people, so they can be forgotten while the entry stands; what they were cannot be
    guessed from the digest once `salt` is gone too. Until then they are never changed.
    """

    __tablename__ = "audit_reasons"

    number: int = Field(
        primary_key=True, foreign_key="audit.number", sa_column_kwargs={"autoincrement": False}
    )
    salt: str
    text: str = Field(sa_column=Column(Text, nullable=False))


class Webhook(Revised, table=True):
    """An address that an organisation, or a municipality, is told of what concerns it.

    Messages are signed with `secret`.
    """

    __tablename__ = "webhooks"
    __table_args__ = (
        CheckConstraint("(organisation IS NULL) != (municipality IS NULL)", name="of_one_party"),
    )

    id: str = Field(primary_key=True)
    organisation: str | None = Field(default=None, foreign_key="organisations.number", index=True)
    municipality: str | None = Field(default=None, foreign_key="municipalities.number", index=True)
    url: str
    secret: str
    made_at: datetime
    made_by: str
    removed_at: datetime | None = None


class Notice(SQLModel, table=True):
    """A message to a party, put down with what it tells of and sent afterwards.

    Attributes
    ----------
    key
        The same for the same message to the same recipient: it is sent once.
    organisation
        Whose doing it tells of.
    recipient
        A role's address, or the id of a webhook.
    figures
        What its text needs: ids, dates and counts.
    due_at
        When it is to be sent, or tried again.
    failure
        Why it could not be sent: a stable code.
    """

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint(among("channel", CHANNELS), name="channel_known"),
        CheckConstraint(among("state", NOTICE_STATES), name="state_known"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at_some_time"),
        CheckConstraint("attempts >= 0", name="attempts"),
    )

    id: str = Field(primary_key=True)
    key: str = Field(unique=True)
    kind: str
    organisation: str = Field(foreign_key="organisations.number", index=True)
    round: str | None = Field(default=None, foreign_key="rounds.id", index=True)
    municipality: str | None = Field(default=None, index=True)
    unit: str | None = None
    channel: str
    recipient: str
    language: str
    figures: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    state: str
    attempts: int = 0
    made_at: datetime
    due_at: datetime = Field(index=True)
    sent_at: datetime | None = None
    failure: str | None = None


class RestoredNotice(SQLModel, table=True):
    """A notice that waited in a backup which was put back: it may have been sent before that.

    Beside the notice and not within it, so that what is put back is what was kept; the first
    worker that would send gives it up.
    """

    __tablename__ = "restored_notices"

    id: str = Field(primary_key=True)
