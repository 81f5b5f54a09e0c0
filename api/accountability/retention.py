"""How long what is kept: names until a round is long over, and rows that have served."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from dateutil.relativedelta import relativedelta
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlmodel import Session, col, select

from api.accountability.texts import nameless, rewrite_document, rewrite_list
from api.clock import norwegian_date
from models.database import Database
from models.scope import EVERYTHING
from models.store import forgetting
from models.store.audit import About, Told, append
from models.tables import Grant, IdempotencyKey, Notice, Snapshot, Submission, Webhook, Worker

BY = "rotations retain"
"""Who is recorded as having forgotten something."""

DEFAULTS = "defaults"
"""What stands for a policy file to go by `Policy` as it is."""


class UnfitPolicy(Exception):
    """The policy cannot be used; `fields` are what is wrong in it."""

    def __init__(self, *fields: str) -> None:
        super().__init__(*fields)
        self.fields = fields


class Policy(BaseModel):
    """How long what is kept.

    Attributes
    ----------
    names_months
        Names of candidates, after a round's decision, last plan and last placement.
    rights_months, notices_months, webhooks_months
        Rights after they have ended, notices after they were made, webhooks after their removal.
    answers_hours
        What was answered under an Idempotency-Key, which serves for 24 hours.
    workers_days
        Worker processes that were not seen again.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    names_months: int = Field(default=24, ge=0, le=1200)
    rights_months: int = Field(default=60, ge=0, le=1200)
    notices_months: int = Field(default=12, ge=0, le=1200)
    webhooks_months: int = Field(default=12, ge=0, le=1200)
    answers_hours: int = Field(default=24, ge=24, le=8760)
    workers_days: int = Field(default=7, ge=1, le=3650)

    @classmethod
    def read(cls, name: str) -> Policy:
        """Return the policy of a TOML file, or of `DEFAULTS`.

        Raises
        ------
        UnfitPolicy
            Naming the fields, and none of their values.
        """
        if name == DEFAULTS:
            return cls()
        try:
            return cls.model_validate(tomllib.loads(Path(name).read_text(encoding="utf-8")))
        except ValidationError as error:
            known = cls.model_fields.keys()
            wrong = (str(each["loc"][0]) for each in error.errors())
            raise UnfitPolicy(*(each if each in known else "?" for each in wrong)) from None
        except ValueError:
            raise UnfitPolicy("TOML") from None


def retain(database: Database, policy: Policy, now: datetime, *, really: bool) -> Mapping[str, int]:
    """Forget what a policy keeps no longer; return how many rows that concerns, by table.

    The audit is never shortened. Without `really` nothing is saved.
    """
    with database.writing(EVERYTHING) as session:
        nameless_rounds, counts = _without_names(session, policy, now)
        counts |= forgetting.removed(
            session,
            {
                IdempotencyKey: forgetting.answers_before(
                    now - timedelta(hours=policy.answers_hours)
                ),
                Worker: forgetting.workers_before(now - timedelta(days=policy.workers_days)),
                Notice: forgetting.notices_before(_months_ago(now, policy.notices_months)),
                Webhook: forgetting.webhooks_before(_months_ago(now, policy.webhooks_months)),
                Grant: forgetting.rights_before(_months_ago(now, policy.rights_months)),
            },
        )
        if not really:
            session.rollback()
        elif any(counts.values()):
            figures = {table: str(count) for table, count in counts.items()}
            about = [About(round=round_id) for round_id in nameless_rounds]
            entries = (*about, About(named=figures))
            append(session, [Told.change(BY, "retain", now, **each) for each in entries])
        return counts


def _without_names(
    session: Session, policy: Policy, now: datetime
) -> tuple[list[str], dict[str, int]]:
    """Take the names away from rounds that are long over; return these, and rows by table."""
    before = norwegian_date(_months_ago(now, policy.names_months))
    counts, found = {"submissions": 0, "snapshots": 0}, []
    for round_id in forgetting.rounds_over(session, before):
        lists = session.exec(select(Submission).where(col(Submission.round) == round_id))
        frozen = session.exec(select(Snapshot).where(col(Snapshot.round) == round_id))
        changed = sum(rewrite_list(row, nameless) for row in lists)
        documents = sum(rewrite_document(row, nameless) for row in frozen)
        counts["submissions"] += changed
        counts["snapshots"] += documents
        found += [round_id] if changed or documents else []
    return found, counts


def _months_ago(now: datetime, months: int) -> datetime:
    return now - relativedelta(months=months)
