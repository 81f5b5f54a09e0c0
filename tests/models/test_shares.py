"""Shares of a plan in the making: who may take them, and whose outcome is kept."""

from __future__ import annotations

from functools import partial

import pytest
from sqlmodel import select

from models.database import Database
from models.scope import EVERYTHING
from models.store.shares import Offered, Taken, bring, brought, let_go, offer, take, waiting
from models.store.solves import begin, complete, give_back, request_stop
from models.store.work import Lease, LostLease, Result
from models.store.workers import GivenUp, enter, leave
from models.tables import Plan, Share
from tests.asked import NOW, asked
from tests.models.test_solves import together, written

SHARES = [Offered('{"numbers":[1]}', 7.5), Offered('{"numbers":[2]}', None)]


@pytest.fixture
def lease(database: Database) -> Lease:
    """A plan in the hands of worker w1, with two shares on offer; w2 is there too."""
    written(database, enter, "w1", NOW)
    written(database, enter, "w2", NOW)
    lease = written(database, begin, asked(database), "w1", attempts=3, now=NOW)
    assert lease is not None
    assert written(database, offer, lease, SHARES) == [1, 2]
    return lease


def taken(database: Database, lease: Lease, worker: str, attempts: int | None = 3) -> Taken:
    found = written(database, take, lease.id, worker, attempts)
    assert found is not None
    return found


def test_of_many_who_take_at_once_each_has_another_share(database: Database, lease: Lease) -> None:
    both = together(*(partial(taken, database, lease, each) for each in ("w1", "w2")))
    assert sorted(each.number for each in both if isinstance(each, Taken)) == [1, 2]
    written(database, enter, "w3", NOW)
    assert written(database, take, lease.id, "w3", 3) is None


def test_what_a_dead_worker_had_is_anothers_and_its_outcome_is_refused(
    database: Database, lease: Lease
) -> None:
    lost = taken(database, lease, "w2")
    written(database, leave, "w2")
    again = taken(database, lease, "w1")
    assert (again.number, again.offered) == (lost.number, SHARES[0])
    with pytest.raises(LostLease):
        written(database, bring, lost, "{}")
    with pytest.raises(LostLease):
        written(database, let_go, lost)
    with pytest.raises(GivenUp):
        written(database, take, lease.id, "w2", 3)
    written(database, bring, again, '{"a": 1}')
    with pytest.raises(LostLease):
        written(database, bring, again, '{"a": 2}')
    assert written(database, brought, lease.id, [1, 2]) == {1: '{"a": 1}'}


def test_what_was_brought_is_kept_for_the_next_attempt_and_what_was_not_is_void(
    database: Database, lease: Lease
) -> None:
    first, second = (taken(database, lease, each) for each in ("w1", "w2"))
    written(database, bring, first, "{}")
    written(database, give_back, lease, NOW)
    assert not written(database, waiting, lease.id)
    anew = written(database, begin, lease.id, "w1", attempts=3, now=NOW)
    assert anew is not None
    with pytest.raises(LostLease):
        written(database, offer, lease, SHARES)
    assert written(database, offer, anew, [Offered("{}", 1.0), SHARES[0]]) == [3, 1]
    assert written(database, brought, lease.id, [1, 3]) == {1: "{}"}
    with pytest.raises(LostLease):
        written(database, bring, second, "{}")


def test_who_helps_leaves_what_kills_to_the_holder(database: Database, lease: Lease) -> None:
    for _ in range(3):
        written(database, let_go, taken(database, lease, "w2"))
    assert taken(database, lease, "w2").number == 2
    assert taken(database, lease, "w1", None).number == 1


def test_shares_end_with_the_plan(database: Database, lease: Lease) -> None:
    share = taken(database, lease, "w2")
    assert written(database, waiting, lease.id)
    written(database, request_stop, Plan, lease.id, NOW)
    assert not written(database, waiting, lease.id)
    written(database, complete, lease, Result("{}", "sha256:1", "feasible"), NOW)
    with database.reading(EVERYTHING) as session:
        assert session.exec(select(Share)).all() == []
    with pytest.raises(LostLease):
        written(database, bring, share, "{}")
