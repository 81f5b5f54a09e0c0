"""What comes after a plan: release, offers, placements, notices, audit.

Written out, so that this revision stays what it was when the tables of today have moved on.
Constraints without a name here are named as in `models.tables.naming`.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)

revision = "0002"
down_revision: str | None = "0001"

OFFER_STATES = (
    "state IN ('open', 'accepted', 'declined', 'expired', 'withdrawn', 'replaced', 'voided')"
)
PLACEMENT_STATES = "state IN ('planned', 'started', 'interrupted', 'completed', 'cancelled')"
STEPS = (
    "kind IN ('planned', 'supervised', 'started', 'contact', 'evaluation', 'interrupted', "
    "'completed', 'cancelled')"
)

WRITTEN_TO = ("organisations", "units", "municipalities")
"""Who says in which language they want to be written to."""

A_YEAR = {
    "postgresql": "UPDATE grants SET ends_on = CAST(granted_at AS date) + 365 "
    "WHERE role = 'candidate'",
    "sqlite": "UPDATE grants SET ends_on = date(granted_at, '+365 days') WHERE role = 'candidate'",
}
"""A candidate's right has to end: those given before hold for a year."""


def upgrade() -> None:
    """Make every table, those that others refer to first."""
    _columns()
    _publications()
    _offers()
    _placements()
    _placement_steps()
    _audit()
    _notices()
    _batches()


def downgrade() -> None:
    """Drop the tables, and all that was in them."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_stands ON audit_reasons")
        op.execute("DROP TRIGGER audit_stands ON audit")
        op.execute("DROP FUNCTION audit_stands()")
    for table in (
        "batches",
        "restored_notices",
        "notices",
        "webhooks",
        "audit_reasons",
        "audit",
        "placement_steps",
        "placements",
        "offers",
        "publications",
    ):
        op.drop_table(table)
    op.drop_column("grants", "ends_on")
    for table in WRITTEN_TO:
        with op.batch_alter_table(table) as parties:
            parties.drop_constraint("language_known", type_="check")
            parties.drop_column("language")
    for table in ("organisations", "units"):
        op.drop_column(table, "contact")
    op.execute("UPDATE rounds SET state = 'locked' WHERE state = 'closed'")
    _round_states("'draft', 'open', 'locked'", "state = 'locked'")
    with op.batch_alter_table("plans") as plans:
        for name in (
            *("two_people", "two_people_release"),
            *("approved_by_somebody", "published_by_somebody"),
        ):
            plans.drop_constraint(name, type_="check")
        plans.drop_column("approved_at")
        plans.drop_column("approved_by")


def _reference(name: str, target: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, String, ForeignKey(target), nullable=nullable, index=True)


def _only_one(name: str, table: str, columns: list[str], condition: str) -> None:
    where = text(condition)
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)


def _columns() -> None:
    for table in ("organisations", "units"):
        op.add_column(table, Column("contact", String))
    for table in WRITTEN_TO:
        with op.batch_alter_table(table) as parties:
            parties.add_column(Column("language", String, nullable=False, server_default="nb"))
            parties.create_check_constraint("language_known", "language IN ('nb', 'en')")
    op.add_column("grants", Column("ends_on", Date))
    op.execute(A_YEAR[op.get_bind().dialect.name])
    _round_states("'draft', 'open', 'locked', 'closed'", "state IN ('locked', 'closed')")
    with op.batch_alter_table("plans") as plans:
        plans.add_column(Column("approved_at", DateTime(timezone=True)))
        plans.add_column(Column("approved_by", String))
        plans.create_check_constraint("two_people", "approved_by != requested_by")
        plans.create_check_constraint("two_people_release", "approved_by != published_by")
        for done in ("approved", "published"):
            plans.create_check_constraint(
                f"{done}_by_somebody", f"({done}_at IS NULL) = ({done}_by IS NULL)"
            )


def _round_states(known: str, frozen: str) -> None:
    """Let rounds be in these states alone, and imported ones in those whose document stands."""
    with op.batch_alter_table("rounds") as rounds:
        for name, holds in (
            ("state_known", f"state IN ({known})"),
            ("imported_is_locked", f"origin = 'collected' OR {frozen}"),
        ):
            rounds.drop_constraint(name, type_="check")
            rounds.create_check_constraint(name, holds)


def _publications() -> None:
    op.create_table(
        "publications",
        Column("id", String, primary_key=True),
        _reference("round", "rounds.id"),
        Column("number", Integer, nullable=False),
        _reference("plan", "plans.id"),
        Column("replaces", String, ForeignKey("publications.id")),
        Column("published_at", DateTime(timezone=True), nullable=False),
        Column("published_by", String, nullable=False),
        Column("ended_at", DateTime(timezone=True)),
        Column("ended_by", String),
        Column("ending", String),
        Column("reason", String),
        CheckConstraint("ending IN ('replaced', 'voided')", name="ending_known"),
        CheckConstraint("(ending IS NULL) = (ended_at IS NULL)", name="ended_somehow"),
        CheckConstraint("ending != 'voided' OR reason IS NOT NULL", name="voided_with_reason"),
        UniqueConstraint("round", "number", name="uq_publications_number"),
    )
    _only_one("uq_publications_in_force", "publications", ["round"], "ended_at IS NULL")


def _offers() -> None:
    op.create_table(
        "offers",
        Column("revision", Integer, nullable=False),
        Column("id", String, primary_key=True),
        _reference("publication", "publications.id"),
        _reference("round", "rounds.id"),
        Column("municipality", String, nullable=False, index=True),
        Column("candidate", String, nullable=False),
        Column("unit", String, nullable=False, index=True),
        Column("window", String, nullable=False, index=True),
        Column("start", Date, nullable=False),
        Column("end", Date, nullable=False),
        Column("wish_class", Integer),
        Column("state", String, nullable=False),
        Column("offered_at", DateTime(timezone=True), nullable=False),
        Column("answer_by", DateTime(timezone=True), nullable=False),
        Column("ended_at", DateTime(timezone=True)),
        Column("ended_by", String),
        Column("reason", String),
        Column("replaced_by", String, ForeignKey("publications.id")),
        CheckConstraint(OFFER_STATES, name="state_known"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="open_until_it_ends"),
        CheckConstraint("state != 'withdrawn' OR reason IS NOT NULL", name="withdrawn_with_reason"),
        CheckConstraint("(state = 'replaced') = (replaced_by IS NOT NULL)", name="replaced_by_one"),
    )
    _only_one(
        "uq_offers_live",
        "offers",
        ["round", "municipality", "candidate"],
        "state IN ('open', 'accepted')",
    )


def _placements() -> None:
    op.create_table(
        "placements",
        Column("revision", Integer, nullable=False),
        Column("id", String, primary_key=True),
        Column("offer", String, ForeignKey("offers.id")),
        _reference("publication", "publications.id"),
        _reference("round", "rounds.id"),
        Column("municipality", String, nullable=False, index=True),
        Column("candidate", String, nullable=False),
        Column("unit", String, nullable=False, index=True),
        Column("window", String, nullable=False, index=True),
        Column("start", Date, nullable=False),
        Column("end", Date, nullable=False),
        Column("fte_percent", Integer, nullable=False),
        Column("months_needed", Integer, nullable=False),
        Column("supervisor", String),
        Column("state", String, nullable=False),
        Column("remaining_months", Integer),
        Column("goals", JSON),
        CheckConstraint(PLACEMENT_STATES, name="state_known"),
        CheckConstraint("fte_percent BETWEEN 1 AND 100", name="fte_percent"),
        CheckConstraint("months_needed >= 1", name="months_needed"),
        CheckConstraint(
            "(state = 'interrupted') = (remaining_months IS NOT NULL)", name="interrupted_leaves"
        ),
        CheckConstraint("remaining_months >= 0", name="remaining_months"),
        CheckConstraint("(state = 'completed') = (goals IS NOT NULL)", name="completed_says_goals"),
        UniqueConstraint("offer"),
    )
    _only_one(
        "uq_placements_underway",
        "placements",
        ["municipality", "candidate"],
        "state IN ('planned', 'started')",
    )


def _placement_steps() -> None:
    op.create_table(
        "placement_steps",
        Column("placement", String, ForeignKey("placements.id"), primary_key=True),
        Column("number", Integer, primary_key=True),
        Column("kind", String, nullable=False),
        Column("day", Date, nullable=False),
        Column("figures", JSON),
        Column("noted_at", DateTime(timezone=True), nullable=False),
        Column("noted_by", String, nullable=False),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint(STEPS, name="kind_known"),
    )


def _audit() -> None:
    """Make the audit, whose rows the database itself refuses to change or to let go.

    The reasons beside it may go, one by one.
    """
    op.create_table(
        "audit",
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("at", DateTime(timezone=True), nullable=False, index=True),
        Column("actor", String, nullable=False, index=True),
        Column("operation", String, nullable=False),
        Column("action", String, nullable=False),
        Column("organisation", String, index=True),
        Column("round", String, index=True),
        Column("municipality", String, index=True),
        Column("content", Text, nullable=False),
        Column("previous", String, nullable=False),
        Column("hash", String, nullable=False, unique=True),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("action IN ('change', 'read')", name="action_known"),
    )
    op.create_table(
        "audit_reasons",
        Column(
            "number", Integer, ForeignKey("audit.number"), primary_key=True, autoincrement=False
        ),
        Column("salt", String, nullable=False),
        Column("text", Text, nullable=False),
    )
    _standing("audit", "UPDATE", "DELETE")
    _standing("audit_reasons", "UPDATE")


def _standing(table: str, *events: str) -> None:
    """Let the database refuse what would change rows of a table."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION audit_stands() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'entries of the audit stand'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER audit_stands BEFORE {' OR '.join((*events, 'TRUNCATE'))} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_stands()"
        )
    else:
        for event in events:
            op.execute(
                f"CREATE TRIGGER {table}_stands_{event.lower()} BEFORE {event} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'entries of the audit stand'); END"
            )


def _notices() -> None:
    op.create_table(
        "webhooks",
        Column("revision", Integer, nullable=False),
        Column("id", String, primary_key=True),
        _reference("organisation", "organisations.number", nullable=True),
        _reference("municipality", "municipalities.number", nullable=True),
        Column("url", String, nullable=False),
        Column("secret", String, nullable=False),
        Column("made_at", DateTime(timezone=True), nullable=False),
        Column("made_by", String, nullable=False),
        Column("removed_at", DateTime(timezone=True)),
        CheckConstraint("(organisation IS NULL) != (municipality IS NULL)", name="of_one_party"),
    )
    op.create_table(
        "notices",
        Column("id", String, primary_key=True),
        Column("key", String, nullable=False, unique=True),
        Column("kind", String, nullable=False),
        _reference("organisation", "organisations.number"),
        _reference("round", "rounds.id", nullable=True),
        Column("municipality", String, index=True),
        Column("unit", String),
        Column("channel", String, nullable=False),
        Column("recipient", String, nullable=False),
        Column("language", String, nullable=False),
        Column("figures", JSON, nullable=False),
        Column("state", String, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("made_at", DateTime(timezone=True), nullable=False),
        Column("due_at", DateTime(timezone=True), nullable=False, index=True),
        Column("sent_at", DateTime(timezone=True)),
        Column("failure", String),
        CheckConstraint("channel IN ('email', 'webhook')", name="channel_known"),
        CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="state_known"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at_some_time"),
        CheckConstraint("attempts >= 0", name="attempts"),
    )
    op.create_table("restored_notices", Column("id", String, primary_key=True))


def _batches() -> None:
    op.create_table(
        "batches",
        Column("id", String, primary_key=True),
        Column("due_at", DateTime(timezone=True), nullable=False, unique=True),
        Column("begun_at", DateTime(timezone=True), nullable=False),
        Column("ended_at", DateTime(timezone=True)),
        Column("summary", JSON, nullable=False),
    )
