"""The clock on the wall, read here and nowhere else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

NORWAY = ZoneInfo("Europe/Oslo")


def utc_now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


def norwegian_date(moment: datetime) -> date:
    """Return the date in Norway at a moment."""
    return moment.astimezone(NORWAY).date()
