"""A plan as a calendar (iCalendar): one all-day event per placement, without names of persons."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid5

from icalendar import Calendar, Event

from data.exports.keyfigures import standing
from data.sentences import Language, sentence
from data.wording import Wording
from scheduler.canonical import encode
from scheduler.plans import Placement, Plan, by_candidate
from scheduler.rounds import Round

NAMESPACE = UUID("6f1c3f0e-5d0b-5a53-9a5e-3a1b1c6f7d20")
"""Drawn once for this project; a placement's UID is a UUID of version 5 within it."""


def calendar(round_: Round, plan: Plan, language: Language) -> bytes:
    """Return the plan as an iCalendar file."""
    words = Wording(round_, language)
    content = Calendar()
    content.add("prodid", "-//Rotations//plan//EN")
    content.add("version", "2.0")
    content.add("calscale", "GREGORIAN")
    content.add("method", "PUBLISH")
    content.add("x-wr-calname", sentence(language, "report.title") + f" {round_.id}")
    for own in by_candidate(plan.placements).values():
        for part, placement in enumerate(own, start=1):
            content.add_component(_event(words, placement, part))
    encoded: bytes = content.to_ical()
    return encoded


def uid(round_id: str, candidate: str, part: int = 1) -> str:
    """Return an event's UID: the same for a part of a candidate's stay in every plan of a round.

    So a calendar that reads a later plan moves the event instead of adding a second one.
    """
    whose = [round_id, candidate, *([part] if part > 1 else [])]
    return str(uuid5(NAMESPACE, encode(whose).decode()))


def _event(words: Wording, placement: Placement, part: int) -> Event:
    round_ = words.round
    stamp = datetime.combine(round_.decision_date, datetime.min.time(), tzinfo=UTC)
    accepted = standing(round_, placement) == "accepted"
    event = Event()
    event.add("uid", uid(round_.id, placement.candidate, part))
    event.add("dtstamp", stamp)
    event.add("summary", f"{placement.candidate}: {words.unit(placement.unit)}")
    event.add("location", round_.unit[placement.unit].site)
    event.add("dtstart", placement.start)
    event.add("dtend", placement.end)
    event.add("status", "CONFIRMED" if accepted else "TENTATIVE")
    event.add("transp", "TRANSPARENT")
    return event
