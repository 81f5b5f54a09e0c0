"""How long what is kept: names until a round is long over, and rows that have served."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from dateutil.relativedelta import relativedelta
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from api.accountability.texts import ERASED, Change, nameless, rewrite_document, rewrite_list
from api.clock import norwegian_date
from models.database import Database
from models.scope import EVERYTHING
from models.store import forgetting
from models.store.audit import About, Told, append
from models.store.reasons import forget
from models.store.studies import remove, what_ifs
from models.tables import (
    AuditEntry,
    Grant,
    IdempotencyKey,
    Notice,
    Snapshot,
    Submission,
    Webhook,
    Worker,
)

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
        Names of candidates and reasons in words, after a round's decision, last plan and last
        placement; names of supervisors after the last list, stay or exemption that asked for them.
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

    Each round is a transaction of its own, so that nobody waits for all of them; where it is cut
    off, the next time goes on. The audit is never shortened. Without `really` nothing is saved.
    """
    old = _months_ago(now, policy.names_months)
    with database.reading(EVERYTHING) as session:
        over = list(forgetting.rounds_over(session, norwegian_date(old)))
    counts = Counter[str]()
    for round_id in over:
        with _changing(database, really=really) as session:
            about, changed = _without_names(session, round_id)
            _enter(session, now, [about] if changed.total() else [])
        counts.update(changed)
    with _changing(database, really=really) as session:
        outside = forget(session, col(AuditEntry.round).is_(None) & (col(AuditEntry.at) < old))
        counts["audit_reasons"] += len(outside)
        counts.update(_without_supervisors(session, old))
        counts.update(forgetting.removed(session, _served(policy, now)))
        reasons = [About(forgotten=outside)] if outside else []
        figures = {table: str(count) for table, count in counts.items()}
        _enter(session, now, [*reasons, About(named=figures)] if counts.total() else [])
    return counts


@contextmanager
def _changing(database: Database, *, really: bool) -> Iterator[Session]:
    """Open a session whose changes last if they are meant to."""
    with database.writing(EVERYTHING) as session:
        yield session
        if not really:
            session.rollback()


def _enter(session: Session, now: datetime, entries: Sequence[About]) -> None:
    append(session, [Told.change(BY, "retain", now, **each) for each in entries])


def _served(policy: Policy, now: datetime) -> Mapping[Any, ColumnElement[bool]]:
    """Return what has served, by table."""
    return {
        IdempotencyKey: forgetting.answers_before(now - timedelta(hours=policy.answers_hours)),
        Worker: forgetting.workers_before(now - timedelta(days=policy.workers_days)),
        Notice: forgetting.notices_before(_months_ago(now, policy.notices_months)),
        Webhook: forgetting.webhooks_before(_months_ago(now, policy.webhooks_months)),
        Grant: forgetting.rights_before(_months_ago(now, policy.rights_months)),
    }


def _without_names(session: Session, round_id: str) -> tuple[About, Counter[str]]:
    """Take names, reasons and what-ifs away from a round; return what to enter, and rows by table.

    Why a lead time was waived stays where the hashes of documents count it, and goes with her.
    """
    whom: set[str] = set()
    lists = session.exec(forgetting.telling_lists(round_id, ERASED))
    frozen = session.exec(select(Snapshot).where(col(Snapshot.round) == round_id))
    forgotten = forget(session, col(AuditEntry.round) == round_id)
    changed = Counter(forgetting.reasons_erased(session, round_id, ERASED))
    changed["audit_reasons"] = len(forgotten)
    changed["studies"] = remove(session, what_ifs(session, [round_id]))
    changed["submissions"] = sum(_forget_list(row, whom) for row in lists)
    changed["snapshots"] = sum(rewrite_document(row, _forgetting(whom)) for row in frozen)
    return About(round=round_id, candidates=sorted(whom), forgotten=forgotten), changed


def _without_supervisors(session: Session, before: datetime) -> Counter[str]:
    """Take away the names of supervisors whom nothing needs; the rows stay, for months count."""
    changed = Counter[str]()
    for row in forgetting.supervisors_unneeded(session, before):
        if row.name != ERASED:
            row.name = ERASED
            changed["supervisors"] += 1
    session.flush()
    return changed


def _forget_list(row: Submission, whom: set[str]) -> bool:
    """Take names and the reason out of a list; tell whether it had any."""
    had_reason = row.late_reason not in (None, ERASED)
    row.late_reason = row.late_reason and ERASED
    return rewrite_list(row, _forgetting(whom)) or had_reason


def _forgetting(whom: set[str]) -> Change:
    """Return what takes the name of a candidate away, and notes whose that was."""

    def forget_name(candidate: dict[str, Any]) -> None:
        if candidate.get("name") is not None:
            whom.add(candidate["id"])
        nameless(candidate)

    return forget_name


def _months_ago(now: datetime, months: int) -> datetime:
    return now - relativedelta(months=months)
