"""The first tables.

Written out, so that this revision stays what it was when the tables of today have moved on.
Constraints without a name here are named as in `models.tables.naming`.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    """Make every table, those that others refer to first."""
    _hospitals()
    _municipalities()
    _vacancies()
    _rounds()
    _requests()
    _snapshots()
    _plans()
    _plan_events()
    _access()


def downgrade() -> None:
    """Drop every table, and all that was in it."""
    for table in (
        "workers",
        "idempotency_keys",
        "grants",
        "plan_events",
        "plans",
        "snapshots",
        "commitments",
        "standings",
        "submissions",
        "participations",
        "transitions",
        "rounds",
        "windows",
        "policies",
        "supervisors",
        "agreements",
        "municipalities",
        "units",
        "sites",
        "organisations",
    ):
        op.drop_table(table)


def _reference(name: str, target: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, String, ForeignKey(target), nullable=nullable, index=True)


def _hospitals() -> None:
    op.create_table(
        "organisations",
        Column("revision", Integer, nullable=False),
        Column("number", String, primary_key=True),
        Column("name", String, nullable=False),
        Column("kind", String, nullable=False),
        Column("trust", String, unique=True),
        _reference("parent", "organisations.number", nullable=True),
        CheckConstraint("length(number) = 9", name="number_nine_digits"),
        CheckConstraint("kind IN ('RHF', 'HF')", name="kind_known"),
        CheckConstraint("(kind = 'HF') = (trust IS NOT NULL)", name="trust_of_hf"),
        CheckConstraint("parent IS NULL OR kind = 'HF'", name="parent_of_hf"),
    )
    op.create_table(
        "sites",
        Column("revision", Integer, nullable=False),
        Column("id", String, primary_key=True),
        Column("name", String, nullable=False),
        _reference("organisation", "organisations.number"),
    )
    op.create_table(
        "units",
        Column("revision", Integer, nullable=False),
        Column("id", String, primary_key=True),
        Column("name", String, nullable=False),
        _reference("site", "sites.id"),
        Column("supervised_places", Integer),
        Column("learning_goals", JSON, nullable=False),
        CheckConstraint("supervised_places >= 0", name="supervised_places"),
    )


def _municipalities() -> None:
    op.create_table(
        "municipalities",
        Column("revision", Integer, nullable=False),
        Column("number", String, primary_key=True),
        Column("name", String, nullable=False),
        _reference("organisation", "organisations.number"),
        Column("registered_on", Date),
        Column("max_away", Integer),
        Column("contact", String),
        CheckConstraint("length(number) IN (4, 6)", name="number_digits"),
        CheckConstraint("max_away >= 0", name="max_away"),
    )
    op.create_table(
        "agreements",
        Column("revision", Integer, nullable=False),
        Column("municipality", String, ForeignKey("municipalities.number"), primary_key=True),
        Column(
            "organisation", String, ForeignKey("organisations.number"), primary_key=True, index=True
        ),
        Column("signed_on", Date, primary_key=True),
        Column("ends_on", Date),
        CheckConstraint("ends_on >= signed_on", name="ends_after_signing"),
    )
    op.create_table(
        "supervisors",
        Column("revision", Integer, nullable=False),
        Column("id", String, primary_key=True),
        _reference("municipality", "municipalities.number"),
        Column("name", String, nullable=False),
        Column("specialist", Boolean, nullable=False),
        Column("exempt_from", Date),
        Column("exempt_until", Date),
        Column("capacity", Integer, nullable=False),
        Column("hours_per_month", Integer, nullable=False),
        CheckConstraint(
            "specialist OR (exempt_from IS NOT NULL AND exempt_until IS NOT NULL)",
            name="specialist_or_exempt",
        ),
        CheckConstraint("exempt_until > exempt_from", name="exemption_period"),
        CheckConstraint("capacity >= 0", name="capacity"),
        CheckConstraint("hours_per_month >= 0", name="hours_per_month"),
    )


def _vacancies() -> None:
    op.create_table(
        "policies",
        Column("id", String, primary_key=True),
        _reference("organisation", "organisations.number"),
        Column("name", String, nullable=False),
        Column("version", Integer, nullable=False),
        Column("valid_from", Date, nullable=False),
        Column("content", JSON, nullable=False),
        Column("made_at", DateTime(timezone=True), nullable=False),
        Column("made_by", String, nullable=False),
        UniqueConstraint("organisation", "name", "version"),
        CheckConstraint("version >= 0", name="version"),
    )
    op.create_table(
        "windows",
        Column("revision", Integer, nullable=False),
        Column("id", String, primary_key=True),
        _reference("unit", "units.id"),
        Column("opens", Date, nullable=False),
        Column("closes", Date, nullable=False),
        Column("positions", Integer, nullable=False),
        Column("kind", String, nullable=False),
        Column("fte_percent", Integer, nullable=False),
        Column("min_gp_months", Integer, nullable=False),
        Column("release_on", Date),
        Column("certainty", String, nullable=False),
        Column("published_at", DateTime(timezone=True), nullable=False),
        Column("changed_at", DateTime(timezone=True), nullable=False, index=True),
        Column("withdrawn_at", DateTime(timezone=True)),
        CheckConstraint("opens < closes", name="opens_before_closing"),
        CheckConstraint("positions >= 1", name="positions"),
        CheckConstraint("fte_percent BETWEEN 1 AND 100", name="fte_percent"),
        CheckConstraint("min_gp_months >= 0", name="min_gp_months"),
        CheckConstraint("kind IN ('locum', 'earmarked')", name="kind_known"),
        CheckConstraint("certainty IN ('confirmed', 'tentative')", name="certainty_known"),
    )


def _rounds() -> None:
    op.create_table(
        "rounds",
        Column("revision", Integer, nullable=False),
        Column("id", String, primary_key=True),
        _reference("organisation", "organisations.number"),
        Column("label", String, nullable=False),
        Column("name", String),
        Column("decision_date", Date, nullable=False),
        Column("deadline", DateTime(timezone=True)),
        _reference("policy", "policies.id", nullable=True),
        Column("tentative_windows", Boolean, nullable=False),
        Column("state", String, nullable=False),
        Column("origin", String, nullable=False),
        Column("made_at", DateTime(timezone=True), nullable=False),
        Column("made_by", String, nullable=False),
        UniqueConstraint("organisation", "label"),
        CheckConstraint("state IN ('draft', 'open', 'locked')", name="state_known"),
        CheckConstraint("origin IN ('collected', 'imported')", name="origin_known"),
        CheckConstraint(
            "origin = 'imported' OR (policy IS NOT NULL AND deadline IS NOT NULL)",
            name="collected_by_policy",
        ),
        CheckConstraint("origin = 'collected' OR state = 'locked'", name="imported_is_locked"),
    )
    op.create_table(
        "transitions",
        Column("round", String, ForeignKey("rounds.id"), primary_key=True),
        Column("number", Integer, primary_key=True),
        Column("state", String, nullable=False),
        Column("reason", String),
        Column("changes", JSON),
        Column("moved_at", DateTime(timezone=True), nullable=False),
        Column("moved_by", String, nullable=False),
    )
    op.create_table(
        "participations",
        Column("round", String, ForeignKey("rounds.id"), primary_key=True),
        Column("municipality", String, primary_key=True, index=True),
    )


def _requests() -> None:
    op.create_table(
        "submissions",
        Column("id", String, primary_key=True),
        _reference("round", "rounds.id"),
        Column("municipality", String, nullable=False, index=True),
        Column("number", Integer, nullable=False),
        Column("content", Text, nullable=False),
        Column("hash", String, nullable=False),
        Column("submitted_at", DateTime(timezone=True), nullable=False),
        Column("submitted_by", String, nullable=False),
        Column("late_reason", String),
        UniqueConstraint("round", "municipality", "number"),
        CheckConstraint("number >= 1", name="number"),
    )
    op.create_table(
        "standings",
        Column("revision", Integer, nullable=False),
        Column("round", String, ForeignKey("rounds.id"), primary_key=True),
        Column("candidate", String, primary_key=True),
        Column("municipality", String, nullable=False, index=True),
        Column("submitted_on", Date, nullable=False),
        Column("rounds_waited", Integer, nullable=False),
        Column("lead_waiver", String),
        CheckConstraint("rounds_waited >= 0", name="rounds_waited"),
    )
    op.create_table(
        "commitments",
        Column("round", String, ForeignKey("rounds.id"), primary_key=True),
        Column("candidate", String, primary_key=True),
        Column("window", String, primary_key=True),
        Column("start", Date, primary_key=True),
        Column("state", String, nullable=False),
        CheckConstraint("state IN ('accepted', 'offered')", name="state_known"),
    )


def _snapshots() -> None:
    op.create_table(
        "snapshots",
        Column("id", String, primary_key=True),
        _reference("round", "rounds.id"),
        Column("number", Integer, nullable=False),
        Column("content", Text, nullable=False),
        Column("hash", String, nullable=False),
        Column("made_at", DateTime(timezone=True), nullable=False),
        Column("made_by", String, nullable=False),
        UniqueConstraint("round", "number"),
        CheckConstraint("number >= 1", name="number"),
    )


def _plans() -> None:
    op.create_table(
        "plans",
        Column("revision", Integer, nullable=False),
        Column("id", String, primary_key=True),
        _reference("round", "rounds.id"),
        _reference("snapshot", "snapshots.id"),
        Column("origin", String, nullable=False),
        Column("state", String, nullable=False),
        Column("seconds_limit", Float),
        Column("requested_at", DateTime(timezone=True), nullable=False),
        Column("requested_by", String, nullable=False),
        Column("started_at", DateTime(timezone=True)),
        Column("ended_at", DateTime(timezone=True)),
        Column("stop_requested_at", DateTime(timezone=True)),
        Column("attempt", Integer, nullable=False),
        Column("lease", String),
        Column("progress", JSON),
        Column("content", Text),
        Column("hash", String),
        Column("status", String),
        Column("incidents", Integer, nullable=False),
        Column("failure", String),
        Column("figures", JSON),
        Column("published_at", DateTime(timezone=True)),
        Column("published_by", String),
        CheckConstraint(
            "state IN ('queued', 'running', 'completed', 'failed', 'cancelled')", name="state_known"
        ),
        CheckConstraint("origin IN ('solver', 'hand')", name="origin_known"),
        CheckConstraint("(state = 'completed') = (content IS NOT NULL)", name="completed_has_it"),
        CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name="failed_says_why"),
        CheckConstraint("(state = 'running') = (lease IS NOT NULL)", name="running_is_leased"),
        CheckConstraint("published_at IS NULL OR state = 'completed'", name="published_is_done"),
        CheckConstraint("seconds_limit > 0", name="seconds_limit"),
        CheckConstraint("attempt >= 0", name="attempt"),
    )
    which = text("published_at IS NOT NULL")
    op.create_index(
        "uq_plans_published",
        "plans",
        ["round"],
        unique=True,
        sqlite_where=which,
        postgresql_where=which,
    )


def _plan_events() -> None:
    op.create_table(
        "plan_events",
        Column("plan", String, ForeignKey("plans.id"), primary_key=True),
        Column("number", Integer, primary_key=True),
        Column("kind", String, nullable=False),
        Column("data", JSON, nullable=False),
        Column("told_at", DateTime(timezone=True), nullable=False),
        CheckConstraint("number >= 1", name="number"),
    )


def _access() -> None:
    op.create_table(
        "grants",
        Column("id", String, primary_key=True),
        Column("issuer", String, nullable=False),
        Column("subject", String, nullable=False, index=True),
        Column("role", String, nullable=False),
        Column("organisation", String, nullable=False, index=True),
        Column("unit", String),
        Column("municipality", String),
        Column("candidate", String),
        Column("granted_at", DateTime(timezone=True), nullable=False),
        Column("granted_by", String, nullable=False),
        Column("revoked_at", DateTime(timezone=True)),
        CheckConstraint(
            "role IN ('planner', 'approver', 'unit_leader', 'coordinator', 'candidate', "
            "'regional_reader', 'auditor', 'administrator')",
            name="role_known",
        ),
        CheckConstraint("(role = 'unit_leader') = (unit IS NOT NULL)", name="unit_of_leader"),
        CheckConstraint(
            "(role IN ('coordinator', 'candidate')) = (municipality IS NOT NULL)",
            name="municipality_of_coordinator",
        ),
        CheckConstraint("(role = 'candidate') = (candidate IS NOT NULL)", name="candidate_own"),
        CheckConstraint("length(organisation) = 9", name="organisation_nine_digits"),
    )
    op.create_table(
        "idempotency_keys",
        Column("subject", String, primary_key=True),
        Column("key", String, primary_key=True),
        Column("request_hash", String, nullable=False),
        Column("status", Integer, nullable=False),
        Column("headers", JSON, nullable=False),
        Column("body", Text, nullable=False),
        Column("answered_at", DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "workers",
        Column("id", String, primary_key=True),
        Column("started_at", DateTime(timezone=True), nullable=False),
        Column("seen_at", DateTime(timezone=True), nullable=False, index=True),
    )
