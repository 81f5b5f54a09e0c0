"""What a batch asks for: a plan for each locked round that has none, once, whoever asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlmodel import col, select

from api.batch.asking import AUTHOR, Asking
from api.clock import utc_now
from api.solving.jobs import Jobs
from models.database import Database
from models.scope import EVERYTHING, Scope
from models.store.plans import MOST_UNFINISHED
from models.tables import AuditEntry, Plan
from tests.api.batch.locked import end_plans, lock, plans_of, refreeze
from tests.asked import NOW, TRUST

OTHER = "983974899"


def asking(database: Database, scope: Scope = EVERYTHING) -> Asking:
    return Asking(database, scope, utc_now, seconds=30.0)


def test_a_round_without_a_plan_gets_one_that_the_workers_know_of(database: Database) -> None:
    round_ = lock(database)
    batch = asking(database)
    assert batch.is_waiting()
    assert batch.is_waiting()
    [plan] = plans_of(database, round_)
    assert (plan.state, plan.requested_by, plan.seconds_limit) == ("queued", AUTHOR, 30.0)
    assert batch.asked == {plan.id} == Jobs(database).alive()
    with database.reading(EVERYTHING) as session:
        [entry] = session.exec(select(AuditEntry).where(col(AuditEntry.operation) == "batch"))
    assert (entry.actor, entry.action, entry.round) == (AUTHOR, "change", round_)
    end_plans(database)
    assert not batch.is_waiting()


def test_two_batches_at_once_ask_once(database: Database) -> None:
    locked = [lock(database) for _ in range(4)]
    barrier = Barrier(4)

    def ask(_: int) -> set[str]:
        batch = asking(database)
        barrier.wait()
        assert batch.is_waiting()
        return batch.asked

    with ThreadPoolExecutor(4) as threads:
        asked = [plan for each in threads.map(ask, range(4)) for plan in each]
    assert len(asked) == len(set(asked)) == 4
    assert [len(plans_of(database, each)) for each in locked] == [1] * 4


def test_what_has_a_plan_is_left_alone(embedded: Database) -> None:
    round_ = lock(embedded)
    asking(embedded).is_waiting()
    end_plans(embedded)
    assert not asking(embedded).is_waiting()
    assert len(plans_of(embedded, round_)) == 1


def test_others_rounds_are_not_asked_for(embedded: Database) -> None:
    round_ = lock(embedded)
    assert not asking(embedded, Scope(organisations=frozenset({OTHER}))).is_waiting()
    assert plans_of(embedded, round_) == []
    assert asking(embedded, Scope(organisations=frozenset({TRUST}))).is_waiting()


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_what_failed_is_asked_for_once_in_each_batch(embedded: Database, state: str) -> None:
    round_ = lock(embedded)
    batch = asking(embedded)
    batch.is_waiting()
    end_plans(embedded, state)
    assert not batch.is_waiting()
    assert asking(embedded).is_waiting()
    assert len(plans_of(embedded, round_)) == 2


def test_a_round_with_enough_in_the_making_waits_for_its_turn(
    embedded: Database,
) -> None:
    """Plans of an older document count: a worker is busy with them."""
    round_ = lock(embedded)
    asking(embedded).is_waiting()
    [first] = plans_of(embedded, round_)
    older = first.model_dump() | {"revision": 1}
    newest = refreeze(embedded, round_)
    with embedded.writing(EVERYTHING) as session:
        session.add_all(
            Plan(**older | {"id": f"older{n}", "requested_at": NOW})
            for n in range(MOST_UNFINISHED - 1)
        )
    assert asking(embedded).is_waiting()
    assert {each.snapshot for each in plans_of(embedded, round_)} == {first.snapshot}
    end_plans(embedded)
    assert asking(embedded).is_waiting()
    assert newest in {each.snapshot for each in plans_of(embedded, round_)}
