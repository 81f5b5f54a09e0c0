"""Offers of divided stays: one question with one answer, and a place for each part."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from httpx2 import Response
from icalendar import Calendar
from sqlmodel import col, select

from api.accountability.copies import copy_of
from api.deadlines.reminders import remind
from api.notices.wording import text
from api.releasing.answering import expire
from models.scope import EVERYTHING
from models.store.personal import held
from models.tables import Municipality, Notice, Offer, Organisation, Placement, Unit
from scheduler.domain import Commitment
from scheduler.planner import plan_round
from scheduler.plans import by_candidate
from tests.api.routes.collected import at
from tests.api.routes.planned import Locked, bare, locked
from tests.api.routes.said import problem
from tests.api.routes.test_offers import answer, offers, replanned
from tests.api.routes.test_plans_divided import divided
from tests.api.routes.test_release import act, rows, states
from tests.api.served import ALTA, Person, Served

HER = f"{ALTA}-c1"
FIRST, SECOND = by_candidate(divided()[1].placements)[HER]
BOTH = sorted(c for c, own in by_candidate(divided()[1].placements).items() if len(own) > 1)
HELD, ASKED = divided()[0].accepted.keys(), divided()[0].offered.keys() - {*BOTH}
"""Whoever came with a seat, accepted or offered, that the plan does not divide."""

REACHED = {"ALM-055": True, "ALM-085": True}


@pytest.fixture
def round_(served: Served) -> Locked:
    made = locked(served, divided()[0])
    assert act(served.planner, made.plan(divided()[1]), "publish").status_code == 200
    return made


def accepted(served: Served) -> tuple[Placement, Placement]:
    assert answer(served.coordinator(), HER, "accept").status_code == 200
    return places(served)


def places(served: Served) -> tuple[Placement, Placement]:
    """Her placements, the first part first."""
    own = [each for each in rows(served, Placement) if each.candidate == HER]
    first, second = sorted(own, key=lambda each: each.start)
    return first, second


def step(served: Served, placement: Placement, name: str, who: Person, **form: Any) -> Response:
    with served.database.reading(EVERYTHING) as session:
        tag = f'"{session.get_one(Placement, placement.id).revision}"'
    return who.post(f"/v1/placements/{placement.id}/{name}", json=form, tag=tag)


def leader(served: Served, placement: Placement) -> Person:
    return served.as_("unit_leader", unit=placement.unit)


def noted(served: Served) -> list[Notice]:
    with served.database.reading(EVERYTHING) as session:
        return list(session.exec(select(Notice).order_by(col(Notice.key))).all())


# -- the offer ------------------------------------------------------------------------------------


def test_a_divided_stay_is_offered_once(served: Served, round_: Locked) -> None:
    """To herself and her municipality in both parts, to a unit its own part alone."""
    (offer,) = served.coordinator().get("/v1/offers").json()["items"][:1]
    whole = offers(served.planner)[HER]
    assert whole == offers(served.coordinator())[HER]
    herself = served.as_("candidate", municipality=ALTA, candidate=HER)
    assert offers(herself) == {HER: whole}
    assert (whole["unit"], whole["start"]) == (FIRST.unit, str(FIRST.start))
    assert whole["then"] == {
        "unit": SECOND.unit,
        "window": SECOND.window,
        "start": str(SECOND.start),
        "end": str(SECOND.end),
    }
    assert offer.keys() == whole.keys()
    for part, other in ((FIRST, SECOND), (SECOND, FIRST)):
        person = served.as_("unit_leader", unit=part.unit)
        seen = offers(person)[HER]
        assert (seen["window"], seen["start"], seen["then"]) == (part.window, str(part.start), None)
        shown = person.get(f"/v1/offers/{whole['id']}")
        told = person.get("/v1/deadlines").text
        assert str(part.start) in shown.text
        for said in (other.unit, other.window, str(other.start), str(other.end)):
            assert said not in shown.text, part
        assert other.unit not in told
        assert HER in told
    asked = herself.get("/v1/deadlines", headers={"Accept-Language": "en"}).json()["items"]
    (due,) = (each for each in asked if each["kind"] == "offer-answer")
    assert "then at" in due["sentence"]
    assert states(served) == {"open": len(BOTH)}


def test_the_preview_tells_how_many_offers_are_made(served: Served) -> None:
    made = locked(served, divided()[0])
    plan = made.plan(divided()[1])
    with served.database.writing(EVERYTHING) as session:
        for unit in (FIRST.unit, SECOND.unit):
            session.get_one(Unit, unit).contact = "same@hospital.example"
        session.get_one(Municipality, ALTA).contact = "alis@alta.example"
    seen = served.planner.get(f"/v1/plans/{plan}/release").json()
    assert (seen["made"], seen["kept"], seen["moved"]) == (len(BOTH), 0, [])
    assert act(served.planner, plan, "publish").status_code == 200
    told = sorted((n.kind, n.recipient) for n in noted(served))
    assert told == sorted((r["kind"], r["recipient"]) for r in seen["recipients"])


def test_letters_name_the_days_of_whom_they_go_to(served: Served) -> None:
    """The municipality is told of both parts, each unit of its own; planners once."""
    made = locked(served, divided()[0])
    with served.database.writing(EVERYTHING) as session:
        for unit in (FIRST.unit, SECOND.unit):
            session.get_one(Unit, unit).contact = "same@hospital.example"
        session.get_one(Municipality, ALTA).contact = "alis@alta.example"
        session.get_one(Organisation, "983974880").contact = "plan@trust.example"
    assert act(served.planner, made.plan(divided()[1]), "publish").status_code == 200
    offer = offers(served.planner)[HER]
    own = [n for n in noted(served) if n.figures["subject"] == offer["id"]]
    told = sorted((n.recipient, n.figures["start"], n.figures.get("then_start")) for n in own)
    assert told == [
        ("alis@alta.example", str(FIRST.start), str(SECOND.start)),
        ("same@hospital.example", str(FIRST.start), None),
        ("same@hospital.example", str(SECOND.start), None),
    ]
    letters = {n.figures["start"]: text(n, None) for n in own if "then_start" not in n.figures}
    (to_all,) = (text(n, None) for n in own if "then_start" in n.figures)
    for part in (FIRST, SECOND):
        assert part.unit in to_all
        assert part.unit in letters[str(part.start)]
    assert SECOND.unit not in letters[str(FIRST.start)]
    assert FIRST.unit not in letters[str(SECOND.start)]
    assert answer(served.coordinator(), HER, "decline").status_code == 200
    declined = [n for n in noted(served) if n.kind == "offer-declined"]
    assert sum(n.recipient == "plan@trust.example" for n in declined) == 1
    assert len(declined) == 4


def test_who_has_not_answered_is_reminded_of_both_parts(served: Served, round_: Locked) -> None:
    with served.database.writing(EVERYTHING) as session:
        session.get_one(Municipality, ALTA).contact = "alis@alta.example"
    offer = offers(served.planner)[HER]
    last = datetime.fromisoformat(offer["answer_by"]) - timedelta(hours=20)
    remind(served.database, served.service.settings, last)
    (told,) = (n for n in noted(served) if n.figures["subject"] == offer["id"])
    assert (told.kind, told.figures["then_unit"]) == ("offer-unanswered", SECOND.unit)
    assert SECOND.unit in text(told, None)


# -- the answer -----------------------------------------------------------------------------------


def test_yes_is_a_place_for_each_part(served: Served, round_: Locked) -> None:
    first, second = accepted(served)
    assert (first.unit, first.start, first.number) == (FIRST.unit, FIRST.start, 1)
    assert (second.unit, second.start, second.number) == (SECOND.unit, SECOND.start, 2)
    assert first.offer == second.offer is not None
    assert (first.months_needed, second.months_needed) == (3, 3)
    for part, other in ((first, second), (second, first)):
        person = leader(served, part)
        (seen,) = (
            each
            for each in person.get("/v1/placements").json()["items"]
            if each["candidate"] == HER
        )
        assert seen["id"] == part.id
        assert person.get(f"/v1/placements/{other.id}").status_code == 404
        assert person.get(f"/v1/placements/{part.id}").json()["parts"] == [part.id]
    herself = served.as_("candidate", municipality=ALTA, candidate=HER)
    assert len(herself.get("/v1/placements").json()["items"]) == 2
    for person in (herself, served.coordinator(), served.planner):
        for part in (first, second):
            seen = person.get(f"/v1/placements/{part.id}").json()
            assert seen["parts"] == [first.id, second.id]


def test_no_is_no_to_both(served: Served, round_: Locked) -> None:
    assert answer(served.coordinator(), HER, "decline").status_code == 200
    said, plan = replanned(served, round_)
    assert said["left"] == [HER]
    assert (said["accepted"], said["offered"]) == (len(HELD), len(BOTH) - 1 + len(ASKED))
    seen = served.planner.get(f"/v1/plans/{plan}/release").json()
    assert (seen["moved"], seen["kept"]) == ([], len(BOTH) - 1)


def test_a_divided_offer_lapses_as_a_whole(served: Served, round_: Locked) -> None:
    late = offers(served.planner)[HER]["answer_by"]
    at(served, datetime.fromisoformat(late))
    assert problem(answer(served.coordinator(), HER, "accept")) == (409, "offer-expired")
    expire(served.database, served.service.settings, served.clock())
    assert states(served) == {"expired": len(BOTH)}


def test_both_parts_need_room_or_neither_is_taken(served: Served, round_: Locked) -> None:
    """The last seat of the second window was given by another round meanwhile."""
    offer = offers(served.planner)[HER]
    with served.database.writing(EVERYTHING) as session:
        mine = session.get_one(Offer, offer["id"])
        for number in range(divided()[0].window[SECOND.window].positions):
            session.add(
                Placement(
                    id=f"p{number}", publication=mine.publication, round=mine.round,
                    municipality="5501", candidate=f"5501-{number}", unit=SECOND.unit,
                    window=SECOND.window, start=SECOND.start, end=SECOND.end,
                    fte_percent=100, months_needed=3, state="planned",
                )
            )  # fmt: skip
    assert problem(answer(served.coordinator(), HER, "accept")) == (409, "seat-taken")
    assert HER not in {each.candidate for each in rows(served, Placement)}
    assert offers(served.planner)[HER]["state"] == "open"


# -- the places -----------------------------------------------------------------------------------


def test_the_second_part_begins_when_the_first_is_over(served: Served, round_: Locked) -> None:
    """From the promise to the last evaluation, each part by its own unit."""
    first, second = accepted(served)
    at(served, datetime(2028, 1, 10, 12, tzinfo=UTC))
    early = step(served, second, "start", leader(served, second), day="2028-01-05")
    assert problem(early) == (409, "part-not-over")
    begun = step(served, first, "start", leader(served, first), day=str(first.start))
    assert begun.json()["state"] == "started"
    early = step(served, second, "start", leader(served, second), day="2028-01-05")
    assert problem(early) == (409, "part-not-over")
    assert str(first.end) not in early.text
    assert step(served, first, "evaluation", leader(served, first), day="2028-01-10").is_success
    at(served, datetime(2028, 2, 3, 12, tzinfo=UTC))
    done = step(served, first, "complete", leader(served, first), day="2028-01-14", goals=REACHED)
    assert (done.status_code, done.json()["state"]) == (200, "completed")
    assert served.coordinator().get(f"/v1/municipalities/{ALTA}/needs").json()["items"] == []
    begun = step(served, second, "start", leader(served, second), day="2028-02-01")
    assert begun.status_code == 200, begun.text
    at(served, datetime(2028, 5, 3, 12, tzinfo=UTC))
    assert step(served, second, "evaluation", leader(served, second), day="2028-04-25").is_success
    done = step(served, second, "complete", leader(served, second), day="2028-04-30", goals=REACHED)
    assert done.status_code == 200, done.text
    assert [each.state for each in places(served)] == ["completed"] * 2


def test_a_goal_that_either_part_has_reached_is_reached(served: Served, round_: Locked) -> None:
    needs = f"/v1/municipalities/{ALTA}/needs"
    goals = {"ALM-055": True, "ALM-085": False}
    for number, part in enumerate(accepted(served)):
        at(served, datetime.combine(part.end, time(12), UTC))
        unit = leader(served, part)
        last = str(part.end - timedelta(days=1))
        assert step(served, part, "start", unit, day=str(part.start)).is_success
        assert step(served, part, "evaluation", unit, day=last).is_success
        reached = dict(zip(goals, sorted(goals.values(), reverse=not number), strict=True))
        assert step(served, part, "complete", unit, day=last, goals=reached).is_success
        assert served.coordinator().get(needs).json()["items"] == []


def test_each_part_counts_and_has_its_deadlines(served: Served, round_: Locked) -> None:
    first, second = accepted(served)
    for part in (first, second):
        service = served.planner.get(f"/v1/placements/{part.id}/service").json()
        assert len(service["months"]) == 3
    at(served, datetime(2028, 2, 3, 12, tzinfo=UTC))
    for part in (first, second):
        due = leader(served, part).get("/v1/deadlines").json()["items"]
        assert [e["subject"] for e in due if e["kind"] == "start-due"] == [part.id]


def test_what_is_left_of_one_part_is_a_need_although_the_other_is_to_come(
    served: Served, round_: Locked
) -> None:
    first, second = accepted(served)
    at(served, datetime(2027, 12, 20, 12, tzinfo=UTC))
    assert step(served, first, "start", leader(served, first), day=str(first.start)).is_success
    form = {"day": "2027-12-15", "remaining_months": 1}
    assert step(served, first, "interrupt", served.coordinator(), **form).is_success
    (need,) = served.coordinator().get(f"/v1/municipalities/{ALTA}/needs").json()["items"]
    assert (need["placement"], need["reason"]) == (first.id, "interrupted")
    assert need["candidate"]["months_needed"] == 1
    assert step(served, second, "cancel", served.planner, reason="post-gone").is_success
    (need,) = served.coordinator().get(f"/v1/municipalities/{ALTA}/needs").json()["items"]
    assert need["candidate"]["months_needed"] == 4


def test_who_withdraws_gives_up_both_parts(served: Served, round_: Locked) -> None:
    _, second = accepted(served)
    gone = step(served, second, "cancel", served.planner, reason="candidate-withdrew")
    assert gone.status_code == 200, gone.text
    assert [each.state for each in places(served)] == ["cancelled"] * 2
    assert offers(served.planner)[HER]["state"] == "declined"
    assert replanned(served, round_)[0]["left"] == [HER]
    assert served.coordinator().get(f"/v1/municipalities/{ALTA}/needs").json()["items"] == []


def test_a_part_that_stands_is_kept_by_the_next_plan(served: Served, round_: Locked) -> None:
    """As a seat of some of her months; the offer stands, and the other seat is free."""
    first, second = accepted(served)
    gone = step(served, second, "cancel", served.planner, reason="post-gone")
    assert gone.status_code == 200, gone.text
    assert [each.state for each in places(served)] == ["planned", "cancelled"]
    assert offers(served.planner)[HER]["state"] == "accepted"
    said, plan = replanned(served, round_)
    assert (said["left"], said["accepted"]) == ([], len(HELD) + 1)
    document = served.planner.get(f"/v1/rounds/{round_.id}/document").json()
    (seat,) = (each for each in document["commitments"] if each["candidate"] == HER)
    assert (seat["window"], seat["state"], seat["months"]) == (first.window, "accepted", 3)
    assert act(served.planner, plan, "publish").status_code == 200
    assert [each.state for each in places(served)] == ["planned", "cancelled"]
    (need,) = served.coordinator().get(f"/v1/municipalities/{ALTA}/needs").json()["items"]
    assert (need["placement"], need["candidate"]["months_needed"]) == (second.id, 3)


def test_of_two_who_cancel_a_part_each_the_second_ends_the_offer(
    served: Served, round_: Locked
) -> None:
    both, planner = accepted(served), served.planner

    def cancel(placement: Placement) -> int:
        return step(served, placement, "cancel", planner, reason="other").status_code

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(cancel, both)) == [200, 200]
    assert offers(served.planner)[HER]["state"] == "withdrawn"


def test_who_withdraws_from_what_is_left_needs_nothing(served: Served, round_: Locked) -> None:
    first, second = accepted(served)
    assert step(served, first, "cancel", served.planner, reason="post-gone").is_success
    gone = step(served, second, "cancel", served.planner, reason="candidate-withdrew")
    assert gone.status_code == 200, gone.text
    assert offers(served.planner)[HER]["state"] == "declined"
    assert served.coordinator().get(f"/v1/municipalities/{ALTA}/needs").json()["items"] == []
    assert replanned(served, round_)[0]["left"] == [HER]


def test_a_plan_anew_keeps_an_accepted_divided_stay(served: Served, round_: Locked) -> None:
    first, second = accepted(served)
    before = places(served)
    said, plan = replanned(served, round_)
    assert (said["accepted"], said["offered"]) == (len(HELD) + 1, len(BOTH) - 1 + len(ASKED))
    document = served.planner.get(f"/v1/rounds/{round_.id}/document").json()
    own = [each for each in document["commitments"] if each["candidate"] == HER]
    seats = sorted(own, key=lambda each: str(each["start"]))
    assert [(each["window"], each["state"], each["months"]) for each in seats] == [
        (first.window, "accepted", 3),
        (second.window, "accepted", 3),
    ]
    seen = served.planner.get(f"/v1/plans/{plan}/release").json()
    assert (seen["kept"], seen["moved"], seen["changes"]) == (len(BOTH), [], [])
    assert act(served.planner, plan, "publish").status_code == 200
    assert places(served) == before
    assert offers(served.planner)[HER]["state"] == "accepted"


def test_a_plan_without_an_open_divided_offer_says_why_it_moves(
    served: Served, round_: Locked
) -> None:
    round_.refreeze()
    made = served.planner.post(f"{round_.address}/hand", json=bare_without(HER))
    assert made.status_code == 201, made.text
    plan = made.json()["id"]
    (moved,) = served.planner.get(f"/v1/plans/{plan}/release").json()["moved"]
    assert (moved["candidate"], moved["rules"]) == (HER, ["FEWEST"])
    accepted(served)
    refused = served.planner.get(f"/v1/plans/{plan}/release")
    assert problem(refused) == (409, "accepted-not-kept")


def bare_without(*candidates: str) -> dict[str, Any]:
    """Return the plan as somebody writes it by hand, each part with its months."""
    document = bare(divided()[1], *candidates)
    kept = (p for p in divided()[1].placements if p.candidate not in candidates)
    for row, placement in zip(document["placements"], kept, strict=True):
        if placement.months is not None:
            row["months"] = placement.months
    return document


def test_the_same_first_days_for_other_months_are_another_offer(
    served: Served, round_: Locked
) -> None:
    offer = offers(served.planner)[HER]
    with served.database.writing(EVERYTHING) as session:
        row = session.get_one(Offer, offer["id"])
        row.months, row.then_months = 2, 4
    plan = round_.plan(divided()[1], snapshot=round_.refreeze())
    seen = served.planner.get(f"/v1/plans/{plan}/release").json()
    assert (seen["made"], seen["kept"]) == (1, len(BOTH) - 1)
    assert [each["candidate"] for each in seen["moved"]] == [HER]


def test_a_publication_that_is_taken_back_takes_both_places(served: Served, round_: Locked) -> None:
    accepted(served)
    (plan,) = (
        each["plan"]
        for each in served.planner.get(f"/v1/rounds/{round_.id}/publications").json()["items"]
    )
    reason = {"reason": "Feil plan"}
    assert act(served.planner, plan, "void", reason).status_code == 200
    assert [each.state for each in places(served)] == ["cancelled"] * 2
    assert states(served) == {"voided": len(BOTH)}


def test_an_offer_is_withdrawn_with_both_places(served: Served, round_: Locked) -> None:
    accepted(served)
    reason = {"reason": "Stillingen falt bort"}
    assert answer(served.planner, HER, "withdraw", json=reason).status_code == 200
    assert [each.state for each in places(served)] == ["cancelled"] * 2
    assert offers(served.planner)[HER]["state"] == "withdrawn"


def test_an_offer_of_which_a_part_has_begun_is_not_withdrawn(
    served: Served, round_: Locked
) -> None:
    first, _ = accepted(served)
    at(served, datetime(2027, 11, 1, 12, tzinfo=UTC))
    assert step(served, first, "start", leader(served, first), day=str(first.start)).is_success
    reason = {"reason": "Stillingen falt bort"}
    refused = answer(served.planner, HER, "withdraw", json=reason)
    assert problem(refused) == (409, "placement-begun")
    assert [each.state for each in places(served)] == ["started", "planned"]


def test_two_seats_that_were_accepted_before_are_two_places(served: Served) -> None:
    """She holds them since before the round; a second publication enters none of them again."""
    old = divided()[0]
    seats = [
        Commitment(candidate=HER, window=p.window, start=p.start, state="accepted", months=3)
        for p in (FIRST, SECOND)
    ]
    own = old.replace(commitments=(*old.commitments, *seats))
    made = locked(served, own)
    assert act(served.planner, made.plan(plan_round(own)), "publish").status_code == 200
    first, second = places(served)
    assert (first.number, second.number, first.offer, second.offer) == (1, 2, None, None)
    _, plan = replanned(served, made)
    assert act(served.planner, plan, "publish").status_code == 200
    assert {each.id for each in places(served)} == {first.id, second.id}


# -- what counts one per candidate ----------------------------------------------------------------


def test_personnel_are_told_of_both_parts(served: Served, round_: Locked) -> None:
    accepted(served)
    content = served.planner.get(f"/v1/rounds/{round_.id}/hr-list.csv").content
    lines = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
    own = [line for line in lines if line["candidate"] == HER]
    assert sorted((line["unit"], line["start"]) for line in own) == sorted(
        (part.unit, str(part.start)) for part in (FIRST, SECOND)
    )


def test_a_calendar_has_an_event_for_each_part(served: Served, round_: Locked) -> None:
    plan = served.planner.get(f"/v1/rounds/{round_.id}/plans").json()["items"][0]["id"]
    herself = served.as_("candidate", municipality=ALTA, candidate=HER)
    found = Calendar.from_ical(herself.get(f"/v1/plans/{plan}/export.ics").content)
    events = [(e.decoded("dtstart"), e.decoded("dtend")) for e in found.walk("VEVENT")]
    assert sorted(events) == [(FIRST.start, FIRST.end), (SECOND.start, SECOND.end)]


def test_her_copy_holds_both_parts(served: Served, round_: Locked) -> None:
    accepted(served)
    with served.database.reading(EVERYTHING) as session:
        copy = copy_of(held(session, ALTA, HER), ())
    (offer,) = copy["offers"]
    assert (offer["unit"], offer["then_unit"]) == (FIRST.unit, SECOND.unit)
    assert {each["unit"] for each in copy["placements"]} == {FIRST.unit, SECOND.unit}


def test_the_board_counts_her_once(served: Served, round_: Locked) -> None:
    accepted(served)
    with served.database.writing(EVERYTHING) as session:
        for offer in session.exec(select(Offer).where(col(Offer.state) == "open")):
            offer.state, offer.ended_at = "accepted", offer.offered_at
    figures = served.planner.get(f"/v1/rounds/{round_.id}/board-figures").json()
    assert figures["total"]["candidates"] == len(divided()[0].candidates)
