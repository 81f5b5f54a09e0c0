"""Offers by the clock: the days of an answer, the nights of the clock change, a clock set back."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlmodel import select

from api.calendar import end_of_day
from api.releasing.answering import expire
from api.releasing.publishing import earliest_answer
from models.scope import EVERYTHING
from models.tables import Offer, Placement
from tests.api.deadlines.test_deadlines import plant_offer
from tests.api.routes.collected import at
from tests.api.routes.placed import HER, placed
from tests.api.routes.planned import finnmark, locked
from tests.api.routes.said import problem
from tests.api.routes.test_offers import ALTAS, answer, offers
from tests.api.routes.test_release import published, rows
from tests.api.served import ALTA, Served


@pytest.mark.parametrize(
    ("published_at", "over"),
    [
        ("2026-11-19T22:59", "2026-11-24T23:00"),  # a Thursday's last minute
        ("2026-11-19T23:00", "2026-11-25T23:00"),  # Friday
        (
            "2027-03-23T12:00",
            "2027-03-31T22:00",
        ),  # Easter, and summer time
        ("2027-03-28T00:30", "2027-04-01T22:00"),  # Easter Sunday, the night without 02:30
        ("2027-03-28T01:30", "2027-04-01T22:00"),
        ("2027-05-13T12:00", "2027-05-19T22:00"),  # 17 May and Whit Monday on one day
        ("2028-05-15T12:00", "2028-05-19T22:00"),  # 17 May, a Wednesday
        ("2027-10-27T12:00", "2027-11-01T23:00"),  # over the night that has 02:30 twice
        ("2027-10-31T00:30", "2027-11-03T23:00"),  # at the first of them
        ("2027-10-31T01:30", "2027-11-03T23:00"),  # at the second
        ("2026-12-22T12:00", "2026-12-28T23:00"),  # Christmas Eve is a working day
        ("2026-12-29T12:00", "2027-01-04T23:00"),  # New Year's Eve as well
        ("2028-02-25T12:00", "2028-03-01T23:00"),  # 29 February
        ("2027-01-29T12:00", "2027-02-03T23:00"),
    ],
)
def test_three_working_days_are_over_at_midnight_in_norway(published_at: str, over: str) -> None:
    moment = datetime.fromisoformat(published_at + "+00:00")
    assert earliest_answer(moment) == datetime.fromisoformat(over + "+00:00")


@pytest.mark.parametrize("last", ["2027-10-31", "2027-03-28", "2028-02-29"])
def test_an_offer_holds_to_the_last_second_of_its_day(embedded: Served, last: str) -> None:
    ends = end_of_day(date.fromisoformat(last))
    plant_offer(placed(embedded, state="cancelled"), ends)
    night = datetime.combine(date.fromisoformat(last), datetime.min.time(), ends.tzinfo)
    for moment in (night + timedelta(minutes=30), night + timedelta(minutes=90)):  # 02:30, if ever
        expire(embedded.database, embedded.service.settings, moment)
    at(embedded, ends)
    herself = embedded.as_("candidate", municipality=ALTA, candidate=HER)
    assert problem(answer(herself, HER, "decline")) == (409, "offer-expired")
    at(embedded, ends - timedelta(seconds=1))
    expire(embedded.database, embedded.service.settings, embedded.clock())
    herself = embedded.as_("candidate", municipality=ALTA, candidate=HER)
    assert answer(herself, HER, "decline").json()["state"] == "declined"
    expire(embedded.database, embedded.service.settings, ends)
    with embedded.database.reading(EVERYTHING) as session:
        assert session.exec(select(Offer.state)).all() == ["declined"]


def test_a_clock_set_back_two_hours_takes_no_answer_away(embedded: Served) -> None:
    """Nor adds time: the offer ends when it was said to end."""
    published(embedded, locked(embedded, finnmark()))
    before = offers(embedded.coordinator())[ALTAS[0]]
    embedded.clock.forward(hours=-2)
    embedded.people.clear()
    assert offers(embedded.coordinator())[ALTAS[0]] == before
    assert answer(embedded.coordinator(), ALTAS[0], "accept").status_code == 200
    assert answer(embedded.coordinator(), ALTAS[1], "decline").status_code == 200
    (placement,) = (p for p in rows(embedded, Placement) if p.candidate == ALTAS[0])
    assert placement.state == "planned"
    after = offers(embedded.coordinator())
    assert [after[each]["answer_by"] for each in ALTAS[:2]] == [before["answer_by"]] * 2
    assert after[ALTAS[0]]["ended_at"] < before["offered_at"]
    embedded.clock.forward(hours=2)
    assert problem(answer(embedded.coordinator(), ALTAS[0], "decline")) == (409, "offer-ended")
