"""Deadlines as a calendar (iCalendar): one all-day event each, without names of persons."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from api.clock import NORWAY
from api.deadlines.deadline import Deadline
from data.exports.icalendar import Event, calendar_file
from data.sentences import Language, sentence


def calendar(deadlines: Iterable[Deadline], language: Language, today: date) -> bytes:
    """Return deadlines as an iCalendar file, the same bytes all day as long as they stand."""
    events = [_event(deadline, language, today) for deadline in deadlines]
    return calendar_file("deadlines", sentence(language, "deadlines.calendar"), events)


def _event(deadline: Deadline, language: Language, today: date) -> Event:
    return Event(
        uid=deadline.id,
        stamp=datetime.combine(today, time(), NORWAY).astimezone(UTC),
        summary=deadline.text(language),
        start=deadline.day,
        end=deadline.day + timedelta(days=1),
        more={"CATEGORIES": deadline.kind},
    )
