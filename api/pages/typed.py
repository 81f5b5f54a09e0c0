"""Between people and the interface: what they type in a field, and a last day instead of an end."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from api.clock import norwegian_date

DAY = timedelta(days=1)


def whole(text: str) -> int | str:
    """Return a whole number; what is none goes on as it is typed, for the interface to refuse."""
    said = text.strip()
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else said


def given(text: str) -> str | None:
    """Return a text; None where the field was left empty."""
    return text.strip() or None


def end_of(text: str) -> str:
    """Return the day after a last day; what is no date goes on as it is typed."""
    try:
        return (date.fromisoformat(text.strip()) + DAY).isoformat()
    except (ValueError, OverflowError):
        return text.strip()


def last_day(end: str) -> str:
    """Return the last day before an end."""
    return (date.fromisoformat(end) - DAY).isoformat()


def day_before(instant: str) -> str:
    """Return the last whole day, in Norway, that lies before an instant."""
    return norwegian_date(datetime.fromisoformat(instant) - timedelta(seconds=1)).isoformat()
