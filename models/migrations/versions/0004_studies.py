"""Studies of a frozen round: explanations, scenarios, capacity, the price of priority.

Written out, so that this revision stays what it was when the tables of today have moved on.
Constraints without a name here are named as in `models.tables.naming`.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    String,
    Text,
    text,
)

revision = "0004"
down_revision: str | None = "0003"

_RULES = {
    "state_known": "state IN ('queued', 'running', 'completed', 'failed', 'cancelled')",
    "failed_says_why": "(state = 'failed') = (failure IS NOT NULL)",
    "running_is_leased": "(state = 'running') = (lease IS NOT NULL)",
    "attempt": "attempt >= 0",
    "kind_known": "kind IN ('explanations', 'scenario', 'capacity', 'price')",
    "completed_has_it": (
        "(state = 'completed' AND kind != 'explanations') = (content IS NOT NULL)"
    ),
    "plan_explained": "(kind = 'explanations') = (plan IS NOT NULL)",
    "scenario_named": "(kind = 'scenario') = (name IS NOT NULL)",
}
"""What holds of a study, by the name of its constraint."""


def upgrade() -> None:
    """Make the tables, the one first that the other refers to."""
    _studies()
    _one_each()
    op.create_table(
        "explanations",
        Column("study", String, ForeignKey("studies.id"), primary_key=True),
        Column("candidate", String, primary_key=True),
        Column("municipality", String, nullable=False),
        Column("content", Text, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables, and all that was in them."""
    op.drop_table("explanations")
    op.drop_table("studies")


def _studies() -> None:
    op.create_table(
        "studies",
        Column("revision", Integer, nullable=False),
        Column("id", String, primary_key=True),
        Column("round", String, ForeignKey("rounds.id"), nullable=False, index=True),
        Column("snapshot", String, ForeignKey("snapshots.id"), nullable=False, index=True),
        Column("plan", String, ForeignKey("plans.id")),
        Column("kind", String, nullable=False),
        Column("name", String),
        Column("asked", Text, nullable=False),
        Column("state", String, nullable=False),
        Column("requested_at", DateTime(timezone=True), nullable=False),
        Column("requested_by", String, nullable=False),
        Column("started_at", DateTime(timezone=True)),
        Column("ended_at", DateTime(timezone=True)),
        Column("stop_requested_at", DateTime(timezone=True)),
        Column("attempt", Integer, nullable=False),
        Column("lease", String),
        Column("progress", JSON),
        Column("content", Text),
        Column("failure", String),
        Column("figures", JSON),
        *(CheckConstraint(rule, name=name) for name, rule in _RULES.items()),
    )


def _one_each() -> None:
    """Let one study that stands explain a plan, and one tell a document's price."""
    for kind, column in (("explanations", "plan"), ("price", "snapshot")):
        where = text(f"kind = '{kind}' AND state IN ('queued', 'running', 'completed')")
        op.create_index(
            f"uq_studies_{kind}",
            "studies",
            [column],
            unique=True,
            sqlite_where=where,
            postgresql_where=where,
        )
