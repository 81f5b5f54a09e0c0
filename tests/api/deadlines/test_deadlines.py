"""Deadlines over HTTP: each party sees its own, in the order of the days in Norway."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from icalendar import Calendar
from sqlmodel import select

from api.calendar import end_of_day
from models.scope import EVERYTHING
from models.tables import Agreement, Offer, Placement, Publication
from tests.api.routes.collected import (
    at,
    candidate,
    list_of,
    opened,
    plant_policy,
    plant_supervisor,
    plant_window,
    wish,
)
from tests.api.routes.placed import Placed, placed
from tests.api.served import ALTA, BERGEN, FINNMARK, NOW, TROMS, VADSO, Person, Served

UNIT = "hammerfest-medisin"
HER = f"{ALTA}-1"


def asked(who: Person, **params: str) -> list[dict[str, Any]]:
    """Return the deadlines that somebody sees."""
    answer = who.get("/v1/deadlines", params={"limit": "200"} | params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def brief(who: Person, **params: str) -> list[tuple[str, str]]:
    return [(each["day"], each["kind"]) for each in asked(who, **params)]


def leader(served: Served, unit: str = UNIT) -> Person:
    return served.as_("unit_leader", unit=unit)


def her(served: Served, candidate: str = HER) -> Person:
    return served.as_("candidate", municipality=ALTA, candidate=candidate)


def plant_offer(placed_: Placed, answer_by: datetime) -> None:
    with placed_.served.database.writing(EVERYTHING) as session:
        publication = session.exec(
            select(Publication.id).where(Publication.round == placed_.round)
        ).one()
        session.add(
            Offer(
                id=uuid4().hex,
                publication=publication,
                round=placed_.round,
                municipality=ALTA,
                candidate=HER,
                unit=UNIT,
                window="w1",
                start=date(2028, 2, 1),
                end=date(2028, 8, 1),
                state="open",
                offered_at=NOW,
                answer_by=answer_by,
            )
        )


def test_whoever_has_not_handed_in_is_told_and_so_is_the_planner(served: Served) -> None:
    round_ = opened(served)  # until 15 December at noon
    due = ("2026-12-15", "list-due")
    assert brief(served.coordinator(ALTA)) == [due]
    assert brief(served.planner) == [due, due]
    assert brief(served.as_("auditor")) == [due, due]
    assert brief(served.as_("planner", BERGEN)) == brief(leader(served)) == brief(her(served)) == []
    assert round_.hand_in(list_of(candidate())).status_code == 201
    told = asked(served.planner, kind="list-due")
    assert [(each["municipality"], each["over"]) for each in told] == [(VADSO, False)]
    assert told[0]["sentence"] == "Kommune 5607 må levere listen til runde 2027-Q1."


def test_each_wish_has_its_marks_by_the_lead_times_of_its_trust(served: Served) -> None:
    lead = {"minimum_months": 6, "target_months": 9, "counts_from": "decision"}
    by_trust = {"finnmark": {"minimum_months": 3}, "unn": {"target_months": 12}}
    round_ = opened(served, policy=plant_policy(served, lead=lead | {"by_trust": by_trust}))
    wishes = [
        wish(earliest="2027-08-31", latest="2027-12-01"),
        wish("finnmark", earliest="2028-02-29", latest="2028-06-01"),
    ]
    assert round_.hand_in(list_of(candidate(wishes=wishes))).status_code == 201
    marks = asked(served.coordinator(), until="2027-11-30")
    assert [(each["day"], each["kind"], each["number"]) for each in marks] == [
        ("2026-11-30", "wish-target", 1),
        ("2027-05-31", "wish-target", 2),
        ("2027-05-31", "wish-minimum", 1),
        ("2027-11-30", "wish-minimum", 2),
    ]
    assert asked(served.coordinator(), until="2027-11-29") == marks[:3]
    assert {each["candidate"] for each in marks} == {HER}
    assert asked(served.coordinator(VADSO), kind="wish-target") == []
    assert asked(leader(served)) == asked(her(served)) == []


def test_a_round_with_a_plan_in_force_has_no_marks(embedded: Served) -> None:
    round_ = opened(embedded)
    round_.hand_in(list_of(candidate()))
    assert brief(embedded.planner, party="municipality", municipality=ALTA) == [
        ("2027-02-01", "wish-minimum")
    ]
    placed(embedded, round_.id)
    assert brief(embedded.planner, party="municipality", municipality=ALTA) == []


def test_windows_are_released_on_their_day(embedded: Served) -> None:
    plant_window(embedded, release_on=date(2028, 2, 29))
    plant_window(embedded, release_on=date(2026, 11, 21))
    plant_window(embedded, release_on=date(2027, 1, 1), withdrawn_at=NOW)
    plant_window(embedded)
    assert brief(leader(embedded)) == [("2028-02-29", "window-release")]
    assert brief(embedded.planner) == [("2028-02-29", "window-release")]
    assert brief(leader(embedded, "kirkenes-medisin")) == brief(embedded.coordinator()) == []


def test_an_offer_is_to_be_answered_by_the_end_of_a_day(embedded: Served) -> None:
    plant_offer(placed(embedded), end_of_day(date(2026, 11, 25)))
    for who in (her(embedded), embedded.coordinator(), leader(embedded), embedded.planner):
        (offer,) = asked(who, kind="offer-answer")
        assert (offer["day"], offer["at"]) == ("2026-11-25", "2026-11-25T23:00:00Z")
        assert (offer["party"], offer["candidate"], offer["over"]) == ("candidate", HER, False)
    assert asked(her(embedded, f"{ALTA}-2")) == asked(embedded.coordinator(VADSO)) == []
    (offer,) = asked(her(embedded))
    assert offer["sentence"].endswith("fra 1. feb. 2028 til 31. juli 2028.")
    at(embedded, datetime(2026, 11, 25, 22, 59, 59, tzinfo=UTC))
    assert [each["over"] for each in asked(her(embedded))] == [False]
    at(embedded, datetime(2026, 11, 25, 23, 0, tzinfo=UTC))
    assert [each["over"] for each in asked(her(embedded))] == [True]


def test_a_clock_stepped_back_two_hours_loses_no_deadline(embedded: Served) -> None:
    """At 0:30 in Norway it goes back to 22:30 of the day before."""
    plant_window(embedded, release_on=date(2026, 12, 1))
    plant_offer(placed(embedded), end_of_day(date(2026, 11, 30)))
    after = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    at(embedded, after)
    late = asked(embedded.planner)
    at(embedded, after - timedelta(hours=2))
    early = asked(embedded.planner)
    assert [each | {"over": False} for each in late] == early
    assert [each["over"] for each in late] == [True, False]
    assert [each["day"] for each in early] == ["2026-11-30", "2026-12-01"]


def test_the_night_with_two_half_past_twos_ends_once(embedded: Served) -> None:
    plant_offer(placed(embedded), end_of_day(date(2026, 10, 25)))
    for hour, over in ((0, False), (1, False), (22, False), (23, True)):
        at(embedded, datetime(2026, 10, 25, hour, 30, tzinfo=UTC))
        (offer,) = asked(her(embedded))
        assert (offer["day"], offer["over"]) == ("2026-10-25", over)


def test_exemptions_and_agreements_end_on_their_last_day(embedded: Served) -> None:
    exempt: dict[str, Any] = {"specialist": False, "exempt_from": date(2024, 3, 1)}
    id_ = plant_supervisor(embedded, exempt_until=date(2028, 3, 1), **exempt)
    plant_supervisor(embedded, exempt_until=NOW.date(), **exempt)
    with embedded.database.writing(EVERYTHING) as session:
        for number, signed, ends in (
            (ALTA, date(2021, 5, 1), date(2027, 3, 1)),
            (ALTA, date(2019, 5, 1), date(2019, 5, 1)),
            (VADSO, date(2021, 5, 1), date(2027, 1, 1)),
            (VADSO, date(2027, 1, 1), None),
        ):
            session.merge(
                Agreement(
                    municipality=number,
                    organisation=FINNMARK,
                    signed_on=signed,
                    ends_on=ends,
                    revision=1,
                )
            )
    expected = [("2027-02-28", "agreement-ends"), ("2028-02-29", "exemption-ends")]
    assert brief(embedded.coordinator()) == brief(embedded.planner) == expected
    assert asked(embedded.coordinator())[1]["subject"] == id_
    assert brief(embedded.coordinator(VADSO)) == brief(embedded.as_("planner", TROMS)) == []


def test_placements_are_to_be_started_and_evaluated(embedded: Served) -> None:
    stay = placed(embedded)  # from August 2027 to January 2028
    at(embedded, datetime(2027, 7, 31, 21, 59, tzinfo=UTC))
    assert asked(leader(embedded)) == []
    at(embedded, datetime(2027, 7, 31, 22, 0, tzinfo=UTC))
    assert brief(leader(embedded)) == brief(embedded.coordinator()) == [("2027-08-01", "start-due")]
    with embedded.database.writing(EVERYTHING) as session:
        session.get_one(Placement, stay.id).state = "started"
    at(embedded, datetime(2027, 12, 20, 12, tzinfo=UTC))
    assert asked(leader(embedded)) == []
    at(embedded, datetime(2027, 12, 21, 12, tzinfo=UTC))
    due = [("2028-01-31", "evaluation-due")]
    assert brief(leader(embedded)) == due
    at(embedded, datetime(2028, 2, 1, 12, tzinfo=UTC))
    assert [each["over"] for each in asked(leader(embedded))] == [True]


def test_a_stay_that_is_over_is_due_until_it_is_completed(embedded: Served) -> None:
    """Of the unit, from the invitation on; and of whoever plans, after a month."""
    stay = placed(embedded)  # to the end of January 2028
    at(embedded, datetime(2028, 1, 5, 12, tzinfo=UTC))
    stay.start()
    for day in ("2028-02-03", "2028-01-20"):
        stay.done("evaluation", stay.leader, day=day)
    due = ("2028-01-31", "completion-due")
    assert brief(leader(embedded)) == brief(embedded.coordinator()) == brief(embedded.planner)
    assert brief(embedded.planner) == [due]
    stay.done("evaluation", stay.leader, day="2028-02-10")
    due = ("2028-02-10", "completion-due")
    at(embedded, datetime(2028, 2, 29, 22, 59, tzinfo=UTC))
    assert brief(embedded.planner) == [due]
    at(embedded, datetime(2028, 2, 29, 23, 0, tzinfo=UTC))
    late = [due, ("2028-03-01", "placement-overdue")]
    assert brief(embedded.planner) == late
    assert brief(embedded.planner, party="organisation") == late[1:]
    for who in (leader(embedded), embedded.coordinator(), her(embedded)):
        assert brief(who) == [due]
    assert asked(embedded.as_("planner", TROMS)) == []
    stay.done("complete", stay.leader, day="2028-01-31", goals={"ALM-055": True, "ALM-085": True})
    assert asked(embedded.planner) == asked(leader(embedded)) == []


def test_the_calendar_says_the_same(embedded: Served) -> None:
    stay = placed(embedded)
    plant_offer(stay, end_of_day(date(2026, 11, 25)))
    plant_window(embedded, release_on=date(2028, 2, 29))
    answer = embedded.planner.get("/v1/deadlines.ics", headers={"Accept-Language": "en"})
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert (
        answer.content
        == embedded.planner.get("/v1/deadlines.ics", headers={"Accept-Language": "en"}).content
    )
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    told = asked(embedded.planner)
    assert [(e["uid"], e.decoded("dtstart").isoformat()) for e in events] == [
        (each["id"], each["day"]) for each in told
    ]
    assert events[1].decoded("dtend") == date(2028, 3, 1)
    assert str(events[0]["summary"]).startswith("Answer the offer to 5601-1 of a place at")
    assert (
        embedded.planner.get("/v1/deadlines.ics", params={"party": "unit"}).text.count(
            "BEGIN:VEVENT"
        )
        == 1
    )


@pytest.mark.parametrize("role", ["regional_reader", "administrator"])
def test_who_is_no_party_has_no_deadlines(embedded: Served, role: str) -> None:
    assert embedded.as_(role).get("/v1/deadlines").status_code == 403
