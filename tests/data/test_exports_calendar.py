"""The calendar: one all-day event a placement, moved and not doubled by a later plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from icalendar import Calendar

from data.exports.calendars import calendar, uid
from scheduler.plans import Plan
from scheduler.rounds import Round
from tests.data.made_up_plans import small_plan, small_round


def events(round_: Round, plan: Plan) -> dict[str, Any]:
    read = Calendar.from_ical(calendar(round_, plan, "nb"))
    return {str(event["UID"]): event for event in read.walk("VEVENT")}


def test_an_event_lasts_from_the_first_day_to_the_day_after_the_last() -> None:
    event = events(small_round(), small_plan())[uid("2027-Q1", "c1")]
    assert event["DTSTART"].dt == date(2027, 8, 1)
    assert event["DTEND"].dt == date(2028, 2, 1)
    assert event["DTSTAMP"].dt == datetime(2027, 1, 15, tzinfo=UTC)
    assert event["SUMMARY"] == "c1: Avdeling for medisin (hammerfest)"
    assert event["LOCATION"] == "hammerfest"
    assert event["STATUS"] == "TENTATIVE"


def test_only_what_was_accepted_is_confirmed() -> None:
    found = events(small_round(), small_plan())
    confirmed = [key for key, e in found.items() if e["STATUS"] == "CONFIRMED"]
    assert confirmed == [uid("2027-Q1", "c8")]


def test_every_placement_has_its_event() -> None:
    assert events(small_round(), small_plan()).keys() == {
        uid("2027-Q1", p.candidate) for p in small_plan().placements
    }


def test_a_later_plan_of_the_round_moves_the_event() -> None:
    plan = small_plan()
    moved = tuple(
        replace(p, window="w2", unit="hammerfest-kirurgi", start=date(2027, 9, 1))
        for p in plan.placements
    )
    later = events(small_round(), replace(plan, placements=moved))
    assert later.keys() == events(small_round(), plan).keys()


def test_uids_of_other_rounds_and_candidates_differ() -> None:
    pairs = [
        ("a", "b"),
        ("a", "c"),
        ("b", "a"),
        ("ab", ""),
        ("", "ab"),
        ('a","', "b"),
        ("a", '","b'),
    ]
    assert len({uid(*pair) for pair in pairs}) == len(pairs)


def test_a_uid_never_changes() -> None:
    assert uid("2027-Q1", "c1") == "d3b03585-0eb9-57b0-adf0-297de34cdf97"


def test_no_name_of_a_person_stands_in_the_calendar() -> None:
    content = calendar(small_round(), small_plan(), "nb").decode().replace("\r\n ", "")
    assert not [c.name for c in small_round().candidates if c.name and c.name in content]


def test_lines_are_folded_and_special_letters_come_back() -> None:
    name = "Sámi klinihkka; Kárášjohka, \\ " + "čđŋšŧž" * 40 + "\nny linje"
    round_ = small_round()
    round_ = round_.replace(units=tuple(replace(u, name=name) for u in round_.units))
    content = calendar(round_, small_plan(), "nb")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    read = Calendar.from_ical(content)
    assert {str(e["SUMMARY"]).split(": ", 1)[1] for e in read.walk("VEVENT")} >= {
        f"{name} (hammerfest)"
    }
