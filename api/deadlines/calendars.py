"""Deadlines as a calendar (iCalendar): one all-day event each, without names of persons."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Calendar, Event

from api.clock import NORWAY
from api.deadlines.deadline import Deadline
from data.sentences import Language, sentence


def calendar(deadlines: Iterable[Deadline], language: Language, today: date) -> bytes:
    """Return deadlines as an iCalendar file, the same bytes all day as long as they stand."""
    content = Calendar()
    content.add("prodid", "-//Rotations//deadlines//EN")
    content.add("version", "2.0")
    content.add("calscale", "GREGORIAN")
    content.add("method", "PUBLISH")
    content.add("x-wr-calname", sentence(language, "deadlines.calendar"))
    for deadline in deadlines:
        content.add_component(_event(deadline, language, today))
    encoded: bytes = content.to_ical()
    return encoded


def _event(deadline: Deadline, language: Language, today: date) -> Event:
    event = Event()
    event.add("uid", deadline.id)
    event.add("dtstamp", datetime.combine(today, time(), NORWAY).astimezone(UTC))
    event.add("summary", deadline.text(language))
    event.add("categories", [deadline.kind])
    event.add("dtstart", deadline.day)
    event.add("dtend", deadline.day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    return event
