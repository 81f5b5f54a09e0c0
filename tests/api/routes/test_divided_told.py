"""What is told of a divided stay, whatever happens to it or to a part of it, and to whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from api.notices.wording import link, text
from api.releasing.answering import expire
from models.scope import EVERYTHING
from models.tables import (
    Municipality,
    Notice,
    Offer,
    Organisation,
    Placement,
    Publication,
    Unit,
)
from tests.api.routes.collected import at
from tests.api.routes.planned import Locked, finnmark, finnmark_plan, locked
from tests.api.routes.test_offers import answer, offers, replanned
from tests.api.routes.test_offers_divided import (
    FIRST,
    HER,
    SECOND,
    accepted,
    leader,
    noted,
    places,
    step,
)
from tests.api.routes.test_plans_divided import divided
from tests.api.routes.test_release import act, rows
from tests.api.served import ALTA, Served

ALIS = "alis@alta.example"
CONTACTS = {FIRST.unit: "first@hospital.example", SECOND.unit: "second@hospital.example"}

Told = tuple[str, str, str | None]
"""The kind of a notice, from when the first part is that it tells of, and from when the second."""

Happening = Callable[[Served, Locked], None]


@pytest.fixture
def round_(served: Served) -> Locked:
    made = locked(served, divided()[0])
    assert act(served.planner, made.plan(divided()[1]), "publish").is_success
    with served.database.writing(EVERYTHING) as session:
        session.get_one(Municipality, ALTA).contact = ALIS
        for unit, contact in CONTACTS.items():
            session.get_one(Unit, unit).contact = contact
    return made


def told(served: Served, recipient: str = ALIS) -> list[Told]:
    """Return what somebody was told of her stay since it was offered."""
    return sorted(
        (n.kind, n.figures["start"], n.figures.get("then_start"))
        for n in noted(served)
        if n.recipient == recipient and subject_of(served, n) is not None
    )


def subject_of(served: Served, notice: Notice) -> Offer | Placement | None:
    """Return the offer or placement that a notice is about; None = it is none of hers."""
    with served.database.reading(EVERYTHING) as session:
        id_ = notice.figures["subject"]
        found = session.get(Offer, id_) or session.get(Placement, id_)
    return found if found and found.candidate == HER else None


# -- what happens ---------------------------------------------------------------------------------


def decline(served: Served, _: Locked) -> None:
    assert answer(served.coordinator(), HER, "decline").is_success


def lapse(served: Served, _: Locked) -> None:
    at(served, datetime.fromisoformat(offers(served.planner)[HER]["answer_by"]))
    expire(served.database, served.service.settings, served.clock())


def accept(served: Served, _: Locked) -> None:
    assert answer(served.coordinator(), HER, "accept").is_success


def take_back(served: Served, _: Locked) -> None:
    form = {"reason": "Stillingen falt bort"}
    assert answer(served.planner, HER, "withdraw", json=form).is_success


def void(served: Served, _: Locked) -> None:
    (plan,) = {each.plan for each in rows(served, Publication)}
    assert act(served.planner, plan, "void", {"reason": "Feil plan"}).is_success


def plan_other_months(served: Served, round_: Locked) -> None:
    id_ = offers(served.planner)[HER]["id"]
    with served.database.writing(EVERYTHING) as session:
        offer = session.get_one(Offer, id_)
        offer.months, offer.then_months = 2, 4
    plan = round_.plan(divided()[1], snapshot=round_.refreeze())
    assert act(served.planner, plan, "publish").is_success


def cancel(number: int, reason: str) -> Happening:
    def happens(served: Served, _: Locked) -> None:
        part = places(served)[number]
        assert step(served, part, "cancel", served.planner, reason=reason).is_success

    return happens


def begin(served: Served, _: Locked) -> None:
    at(served, datetime(2027, 12, 20, 12, tzinfo=UTC))
    first = places(served)[0]
    assert step(served, first, "start", leader(served, first), day=str(first.start)).is_success


def interrupt(served: Served, _: Locked) -> None:
    form = {"day": "2027-12-15", "remaining_months": 1}
    assert step(served, places(served)[0], "interrupt", served.coordinator(), **form).is_success


def plan_anew(served: Served, round_: Locked) -> None:
    assert act(served.planner, replanned(served, round_)[1], "publish").is_success


WHOLE, FIRST_ALONE, SECOND_ALONE = (
    (str(FIRST.start), str(SECOND.start)),
    (str(FIRST.start), None),
    (str(SECOND.start), None),
)

ACCEPTED = ("offer-accepted", *WHOLE)

CASES: Mapping[str, tuple[Sequence[Happening], Sequence[Told]]] = {
    "declined": ([decline], [("offer-declined", *WHOLE)]),
    "not answered": ([lapse], [("offer-expired", *WHOLE)]),
    "taken back": ([take_back], [("offer-withdrawn", *WHOLE)]),
    "voided": ([void], [("offer-voided", *WHOLE)]),
    "moved": ([plan_other_months], [("offer-made", *WHOLE), ("offer-replaced", *WHOLE)]),
    "accepted, taken back": ([accept, take_back], [ACCEPTED, ("offer-withdrawn", *WHOLE)]),
    "accepted, voided": ([accept, void], [ACCEPTED, ("offer-voided", *WHOLE)]),
    "she withdraws": (
        [accept, cancel(1, "candidate-withdrew")],
        [ACCEPTED, ("offer-declined", *WHOLE)],
    ),
    "one post is gone": (
        [accept, cancel(1, "post-gone")],
        [ACCEPTED, ("placement-cancelled", *SECOND_ALONE)],
    ),
    "one post is gone, then the other": (
        [accept, cancel(1, "post-gone"), cancel(0, "other")],
        [
            ACCEPTED,
            ("offer-withdrawn", *FIRST_ALONE),
            ("placement-cancelled", *SECOND_ALONE),
        ],
    ),
    "one post is gone, then what is left is taken back": (
        [accept, cancel(1, "post-gone"), take_back],
        [
            ACCEPTED,
            ("offer-withdrawn", *FIRST_ALONE),
            ("placement-cancelled", *SECOND_ALONE),
        ],
    ),
    "one post is gone, and what is left is voided": (
        [accept, cancel(0, "post-gone"), void],
        [
            ACCEPTED,
            ("offer-voided", *SECOND_ALONE),
            ("placement-cancelled", *FIRST_ALONE),
        ],
    ),
    "one post is gone, and she withdraws from what is left": (
        [accept, cancel(0, "post-gone"), cancel(1, "candidate-withdrew")],
        [
            ACCEPTED,
            ("offer-declined", *SECOND_ALONE),
            ("placement-cancelled", *FIRST_ALONE),
        ],
    ),
    "one post is gone, and the plan made anew keeps what is left": (
        [accept, cancel(1, "post-gone"), plan_anew],
        [ACCEPTED, ("placement-cancelled", *SECOND_ALONE)],
    ),
    "she withdraws when one part has begun": (
        [accept, begin, cancel(1, "candidate-withdrew")],
        [ACCEPTED, ("placement-cancelled", *SECOND_ALONE)],
    ),
    "one part is broken off": (
        [accept, begin, interrupt],
        [ACCEPTED, ("placement-interrupted", *FIRST_ALONE)],
    ),
}


@pytest.mark.parametrize(("happens", "tells"), CASES.values(), ids=CASES)
def test_kinds_say_what_has_become_of_what_they_are_about(
    served: Served,
    round_: Locked,
    happens: Sequence[Happening],
    tells: Sequence[Told],
) -> None:
    """Of an offer only where it is over, to the municipality whole, to units in part."""
    for happening in happens:
        happening(served, round_)
    assert told(served) == sorted(tells)
    for part in (FIRST, SECOND):
        own = sorted((kind, str(part.start)) for kind, *on in tells if str(part.start) in on)
        assert told(served, CONTACTS[part.unit]) == [(*each, None) for each in own]
    for notice in noted(served):
        subject, become = subject_of(served, notice), notice.kind.partition("-")[2]
        assert subject is None or become in (subject.state, "made", "accepted"), notice.kind


def test_who_reads_of_a_part_is_led_to_that_part(served: Served, round_: Locked) -> None:
    first, _ = accepted(served)
    cancel(0, "other")(served, round_)
    (letter,) = (
        n for n in noted(served) if n.kind == "placement-cancelled" and n.recipient == ALIS
    )
    assert link(letter) == f"/v1/placements/{first.id}"
    assert first.unit in text(letter, None)
    assert SECOND.unit not in text(letter, None)


@pytest.mark.parametrize(("reason", "asked"), [("candidate-withdrew", 1), ("post-gone", 0)])
def test_planners_hear_of_a_seat_that_she_gives_up(
    served: Served, round_: Locked, reason: str, asked: int
) -> None:
    """The other part has begun, so the offer stands and cannot tell; a post they have seen go."""
    with served.database.writing(EVERYTHING) as session:
        for organisation in session.exec(select(Organisation)).all():
            organisation.contact = "plan@hospital.example"
    for happening in (accept, begin, cancel(1, reason)):
        happening(served, round_)
    heard = [n.kind for n in noted(served) if n.recipient == "plan@hospital.example"]
    assert heard.count("placement-cancelled") == asked


def test_a_place_that_was_held_before_the_round_comes_to_nothing_aloud(served: Served) -> None:
    """There is no offer that could tell of it."""
    whole = next(c for c in finnmark().commitments if c.state == "accepted")
    made = locked(served, finnmark())
    assert act(served.planner, made.plan(finnmark_plan()), "publish").is_success
    (place,) = (each for each in rows(served, Placement) if each.candidate == whole.candidate)
    with served.database.writing(EVERYTHING) as session:
        session.get_one(Unit, place.unit).contact = "unit@hospital.example"
    assert step(served, place, "cancel", served.planner, reason="post-gone").is_success
    (told_,) = (n for n in noted(served) if n.recipient == "unit@hospital.example")
    assert (told_.kind, told_.figures["subject"]) == ("placement-cancelled", place.id)
