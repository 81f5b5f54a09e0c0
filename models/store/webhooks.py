"""Webhooks that stand, and those removed for good."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from models.tables import Webhook


def standing(session: Session, organisation: str | None, municipality: str | None) -> list[Webhook]:
    """Return the webhooks of a party that have not been removed."""
    rows = select(Webhook).where(col(Webhook.removed_at).is_(None)).order_by(col(Webhook.id))
    if organisation is not None:
        rows = rows.where(col(Webhook.organisation) == organisation)
    else:
        rows = rows.where(col(Webhook.municipality) == municipality)
    return list(session.exec(rows))


def remove(session: Session, row: Webhook, now: datetime) -> None:
    """Remove a webhook and forget its secret; notices that name it keep it on record."""
    row.removed_at, row.secret = now, ""
    session.flush()
