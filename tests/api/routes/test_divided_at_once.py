"""Two who give up a divided stay at the same moment, each beginning at another end of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest
from httpx2 import Response
from sqlalchemy import text
from sqlmodel import col, select

from models.scope import EVERYTHING
from models.tables import Placement
from scheduler.domain import Commitment
from scheduler.planner import plan_round
from tests.api.routes.planned import Locked, locked
from tests.api.routes.said import problem
from tests.api.routes.test_offers import answer, offers
from tests.api.routes.test_offers_divided import (
    FIRST,
    HER,
    SECOND,
    accepted,
    places,
    step,
)
from tests.api.routes.test_plans_divided import divided
from tests.api.routes.test_release import act
from tests.api.running import awaited
from tests.api.served import Served

pytestmark = pytest.mark.parametrize("databases", ["postgresql"], indirect=True)

WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.fixture
def round_(served: Served) -> Locked:
    made = locked(served, divided()[0])
    assert act(served.planner, made.plan(divided()[1]), "publish").is_success
    return made


def at_once(served: Served, *acts: Callable[[], Response]) -> list[Response]:
    """Let all act while somebody holds her places, until each of them waits; return the answers."""
    with ThreadPoolExecutor(len(acts)) as threads:
        with held(served):
            asked = [threads.submit(each) for each in acts]
            awaited(lambda: waiting(served) == len(acts) or None, 10)
        return [each.result() for each in asked]


@contextmanager
def held(served: Served) -> Iterator[None]:
    hers = select(Placement).where(col(Placement.candidate) == HER).with_for_update()
    with served.database.writing(EVERYTHING) as session:
        assert len(session.exec(hers).all()) == 2
        yield


def waiting(served: Served) -> int:
    with served.database.engine.connect() as connection:
        return int(connection.execute(WAITING).scalar_one())


def withdrawals(served: Served) -> list[Callable[[], Response]]:
    """Return that she withdraws, from either part."""
    planner, reason = served.planner, "candidate-withdrew"
    return [
        partial(step, served, part, "cancel", planner, reason=reason) for part in places(served)
    ]


def test_of_two_who_withdraw_from_a_part_each_the_second_finds_it_done(
    served: Served, round_: Locked
) -> None:
    """Each withdrawal is of both parts: neither may hold what the other one needs."""
    accepted(served)
    answers = at_once(served, *withdrawals(served))
    (late,) = (each for each in answers if not each.is_success)
    assert problem(late) == (412, "stale")
    assert [each.state for each in places(served)] == ["cancelled"] * 2
    assert offers(served.planner)[HER]["state"] == "declined"


def test_the_same_holds_of_seats_that_no_offer_holds_together(served: Served) -> None:
    seats = [
        Commitment(candidate=HER, window=p.window, start=p.start, state="accepted", months=3)
        for p in (FIRST, SECOND)
    ]
    own = divided()[0].replace(commitments=(*divided()[0].commitments, *seats))
    made = locked(served, own)
    assert act(served.planner, made.plan(plan_round(own)), "publish").is_success
    answers = at_once(served, *withdrawals(served))
    assert sorted(each.status_code for each in answers) == [200, 412]
    assert [each.state for each in places(served)] == ["cancelled"] * 2


def test_an_offer_is_withdrawn_while_one_of_its_parts_is_cancelled(
    served: Served, round_: Locked
) -> None:
    first, planner = accepted(served)[0], served.planner
    form = {"reason": "Stillingen falt bort"}
    answers = at_once(
        served,
        lambda: step(served, first, "cancel", planner, reason="post-gone"),
        lambda: answer(planner, HER, "withdraw", json=form),
    )
    assert {each.status_code for each in answers} <= {200, 412}
    assert answers[1].is_success
    assert [each.state for each in places(served)] == ["cancelled"] * 2
    assert offers(planner)[HER]["state"] == "withdrawn"
