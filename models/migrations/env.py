"""Run by Alembic: migrates over the connection that it is handed, and opens none itself."""

from __future__ import annotations

from typing import Any

from alembic import context

from models.tables import METADATA


def _is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave out tables that others keep in the same database."""
    return kind != "table" or name in METADATA.tables


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    include_name=_is_ours,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
