"""Races, in threads and between two processes: one winner each, and what is taken stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import cycle, product

import pytest
from httpx2 import Response
from sqlmodel import col, func, select

from models.scope import EVERYTHING
from models.tables import (
    Grant,
    Notice,
    Offer,
    Placement,
    Plan,
    Snapshot,
    Submission,
    Window,
)
from tests.api.outside.arena import (
    CANDIDATE,
    UNIT,
    Arena,
    Hand,
    approved,
    fresh,
    in_processes,
    in_threads,
    list_of,
)
from tests.api.routes.planned import finnmark, finnmark_plan
from tests.api.served import ALTA
from tests.databases import KINDS, Databases

RUNNERS = 8
ROUNDS = 2
LIST = f"/municipalities/{ALTA}/requests"
MANY = 32
OFFERED = sorted(
    p.candidate for p in finnmark_plan().placements if p.candidate not in finnmark().accepted
)
"""Candidates to whom the sample's plan offers a place."""
VACANCY = {"opens": "2027-08-01", "closes": "2028-02-01", "positions": 1}


@pytest.fixture(scope="module", params=product(("threads", "processes"), KINDS), ids="-".join)
def arena(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Arena]:
    where, kind = request.param
    folder = tmp_path_factory.mktemp(where)
    source: Databases = request.getfixturevalue(f"{kind}_databases")
    url = fresh(source.migrated() if kind == "postgresql" else None, folder)
    with (in_threads if where == "threads" else in_processes)(url, folder) as found:
        yield found
    if kind == "postgresql":
        source.drop(url)


def statuses(answers: list[Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


@pytest.mark.parametrize("_", range(ROUNDS))
def test_of_many_lists_on_one_state_one_is_taken(arena: Arena, _: int) -> None:
    address = arena.opened() + LIST
    months = iter(range(100))

    def first(hand: Hand) -> Response:
        return hand.send("PUT", address, list_of(next(months)), If_None_Match="*")

    def next_one(hand: Hand) -> Response:
        return hand.send("PUT", address, list_of(next(months)), If_Match='"1"')

    for act, status, number in ((first, 201, 1), (next_one, 200, 2)):
        answers = arena.race("coordinator", act, RUNNERS)
        assert statuses(answers) == {status: 1, 412: RUNNERS - 1}
        (taken,) = (answer.json() for answer in answers if answer.is_success)
        receipt = arena.done("coordinator", "GET", f"{address}/receipts/{number}").json()
        assert taken["number"] == number
        assert taken["hash"] == receipt["hash"]
    with arena.database.reading(EVERYTHING) as session:
        kept = select(func.count()).where(col(Submission.round) == address.split("/")[2])
        assert session.exec(kept).one() == 2


@pytest.mark.parametrize("_", range(ROUNDS))
def test_a_list_that_was_taken_is_in_what_is_locked(arena: Arena, _: int) -> None:
    """Or it came too late, and was told so."""
    round_ = arena.opened()
    arena.done("coordinator", "PUT", round_ + LIST, list_of(1), If_None_Match="*")
    tag = arena.tag(round_)

    def hand_in(hand: Hand) -> Response:
        return hand.send("PUT", round_ + LIST, list_of(2), If_Match='"1"')

    def lock(hand: Hand) -> Response:
        return hand.send("POST", f"{round_}/lock", If_Match=tag)

    handed_in, *locked = arena.clash(("coordinator", hand_in), *[("planner", lock)] * (RUNNERS - 1))
    assert statuses(locked)[200] == 1
    assert statuses(locked).keys() <= {200, 409, 412}
    document = arena.done("planner", "GET", f"{round_}/document").json()
    (person,) = document["candidates"]
    assert person["id"] == CANDIDATE
    if handed_in.status_code == 200:
        assert person["gp_months"] == 2
    else:
        assert handed_in.json()["code"] == "round-not-open"
        assert person["gp_months"] == 1
    with arena.database.reading(EVERYTHING) as session:
        kept = select(func.count()).where(col(Snapshot.round) == round_.split("/")[2])
        assert session.exec(kept).one() == 1


@pytest.mark.parametrize("_", range(ROUNDS))
def test_a_vacancy_that_is_changed_is_locked_as_it_was_or_is(arena: Arena, _: int) -> None:
    round_ = arena.opened()
    window = arena.done("unit_leader", "POST", f"/units/{UNIT}/windows", VACANCY)
    address, tag = window.headers["location"].removeprefix("/v1"), arena.tag(round_)
    changed = VACANCY | {"closes": "2028-08-01", "positions": 3}

    def change(hand: Hand) -> Response:
        return hand.send("PUT", address, changed, If_Match='"1"')

    def lock(hand: Hand) -> Response:
        return hand.send("POST", f"{round_}/lock", If_Match=tag)

    answers = arena.clash(("unit_leader", change), ("unit_leader", change), ("planner", lock))
    assert statuses(answers) == {200: 2, 412: 1}
    assert arena.done("planner", "GET", address).json()["positions"] == 3
    document = arena.done("planner", "GET", f"{round_}/document").json()
    (frozen,) = (each for each in document["windows"] if each["id"] == window.json()["id"])
    assert (frozen["closes"], frozen["positions"]) in {("2028-02-01", 1), ("2028-08-01", 3)}


@pytest.mark.parametrize("_", range(ROUNDS))
def test_one_plan_of_a_round_is_published(arena: Arena, _: int) -> None:
    """With its offers, once."""
    plans = cycle(approved(arena, 3))

    def publish(hand: Hand) -> Response:
        return hand.send("POST", f"{next(plans)}/publish", If_Match='"2"')

    answers = arena.race("planner", publish, MANY)
    assert statuses(answers)[200] == 1
    assert {a.json()["code"] for a in answers if not a.is_success} <= {"plan-published", "stale"}
    (winner,) = (answer.json() for answer in answers if answer.is_success)
    with arena.database.reading(EVERYTHING) as session:
        published = select(Plan.id).where(
            col(Plan.round) == winner["round"], col(Plan.published_at).is_not(None)
        )
        assert session.exec(published).all() == [winner["id"]]
        offered = session.exec(select(Offer).where(col(Offer.round) == winner["round"])).all()
        assert sorted(offer.candidate for offer in offered) == OFFERED
        told = select(Notice).where(col(Notice.round) == winner["round"])
        made = [each for each in session.exec(told) if each.kind == "offer-made"]
        assert len(made) == sum(offer.municipality == ALTA for offer in offered)


@pytest.mark.parametrize("number", range(2))
def test_an_offer_is_accepted_once(arena: Arena, number: int) -> None:
    (plan,) = approved(arena, 1)
    done = arena.done("planner", "POST", f"{plan}/publish", If_Match='"2"')
    candidate = [each for each in OFFERED if each.startswith(ALTA)][number]
    asked = f"/offers?limit=200&round={done.json()['round']}"
    offers = arena.done("coordinator", "GET", asked).json()["items"]
    (offer,) = (each["id"] for each in offers if each["candidate"] == candidate)

    def answer(hand: Hand) -> Response:
        what = next(acts)
        return hand.send("POST", f"/offers/{offer}/{what}", If_Match='"1"')

    acts = cycle(["accept", "accept", "accept", "decline"])
    answers = arena.race("coordinator", answer, MANY)
    assert statuses(answers)[200] == 1
    (winner,) = (each.json()["state"] for each in answers if each.is_success)
    with arena.database.reading(EVERYTHING) as session:
        begun = select(Placement).where(col(Placement.offer) == offer)
        assert len(session.exec(begun).all()) == (winner == "accepted")


@pytest.mark.parametrize("_", range(ROUNDS))
def test_what_is_sent_often_under_one_key_is_done_once(arena: Arena, _: int) -> None:
    round_ = arena.locked()
    key = round_

    def publish(hand: Hand) -> Response:
        return hand.send("POST", f"/units/{UNIT}/windows", VACANCY, Idempotency_Key=key)

    def ask(hand: Hand) -> Response:
        return hand.send("POST", f"{round_}/plans", {"seconds": 60}, Idempotency_Key=f"{key}!")

    with arena.database.reading(EVERYTHING) as session:
        before = session.exec(select(func.count()).select_from(Window)).one()
    for role, act, status in (("unit_leader", publish, 201), ("planner", ask, 202)):
        answers = arena.race(role, act, RUNNERS)
        done = [answer for answer in answers if answer.is_success]
        assert statuses(answers).keys() <= {status, 409}
        assert sum("idempotency-replayed" not in answer.headers for answer in done) == 1
        assert len({answer.content for answer in done}) == 1
    with arena.database.reading(EVERYTHING) as session:
        assert session.exec(select(func.count()).select_from(Window)).one() == before + 1
        plans = select(func.count()).where(col(Plan.round) == round_.split("/")[2])
        assert session.exec(plans).one() == 1


def test_a_plan_that_is_stopped_twice_ends_once(arena: Arena) -> None:
    plan = arena.done("planner", "POST", f"{arena.locked()}/plans", {"seconds": 60})
    address = plan.headers["location"].removeprefix("/v1")
    answers = arena.race("planner", lambda hand: hand.send("POST", f"{address}/cancel"), RUNNERS)
    assert statuses(answers) == {200: RUNNERS}
    assert {answer.json()["state"] for answer in answers} == {"cancelled"}
    assert len({answer.headers["etag"] for answer in answers}) == 1


def test_a_right_is_given_once_and_taken_back_once(arena: Arena) -> None:
    right = {
        "issuer": "https://issuer.example",
        "subject": "somebody",
        "role": "coordinator",
        "municipality": ALTA,
        "organisation": "983974880",
    }
    given = arena.race("administrator", lambda hand: hand.send("POST", "/grants", right), RUNNERS)
    assert statuses(given) == {201: 1, 409: RUNNERS - 1}
    (made,) = (answer.json()["id"] for answer in given if answer.is_success)
    path = f"/grants/{made}/revoke"
    taken = arena.race("administrator", lambda hand: hand.send("POST", path), RUNNERS)
    assert statuses(taken) == {200: RUNNERS}
    assert len({answer.json()["revoked_at"] for answer in taken}) == 1
    with arena.database.reading(EVERYTHING) as session:
        kept = select(Grant).where(col(Grant.subject) == "somebody")
        assert len(session.exec(kept).all()) == 1
