"""iCalendar files (RFC 5545): events of whole days.

A library that can read them too loads for longer than a small plan takes to write; tests read with
one what is written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

OCTETS = 74
"""Longest line, without the space that a continued one begins with."""

_SPECIAL = re.compile(r"[\\;,]")
_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Event:
    """What happens on whole days.

    Attributes
    ----------
    stamp
        When this was said, in UTC.
    end
        The day after the last one.
    more
        Other texts by property.
    """

    uid: str
    stamp: datetime
    summary: str
    start: date
    end: date
    more: Mapping[str, str] = field(default_factory=dict)


def calendar_file(product: str, name: str, events: Iterable[Event]) -> bytes:
    """Return events as a file to subscribe to; none of them makes anybody busy.

    Parameters
    ----------
    product
        What of this program writes it.
    name
        What people call the calendar.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//Rotations//{product}//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(name)}",
        *(line for event in events for line in _lines(event)),
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _lines(event: Event) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"SUMMARY:{_escaped(event.summary)}"
    yield f"DTSTART;VALUE=DATE:{_day(event.start)}"
    yield f"DTEND;VALUE=DATE:{_day(event.end)}"
    yield f"DTSTAMP:{_day(event.stamp)}T{event.stamp:%H%M%S}Z"
    yield f"UID:{_escaped(event.uid)}"
    for name, text in event.more.items():
        yield f"{name}:{_escaped(text)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _day(day: date) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}"


def _escaped(text: str) -> str:
    return _BREAK.sub(r"\\n", _SPECIAL.sub(r"\\\g<0>", text))


def _folded(line: str) -> str:
    """Return a line in pieces; none parts a letter, nor a backslash from what it escapes."""
    pieces, octets = [""], 0
    for letter in line:
        size = len(letter.encode())
        if octets + size > OCTETS:
            begun = "\\" if pieces[-1].endswith("\\") else ""
            pieces[-1] = pieces[-1].removesuffix(begun)
            pieces.append(begun)
            octets = len(begun)
        pieces[-1] += letter
        octets += size
    return "\r\n ".join(pieces)
