"""The batch by the clock: begun once for each time, made up for once, and brought to its end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlmodel import col, select

from api.batch.asking import asked_plan
from api.batch.scheduled import keep_schedule
from api.settings import Settings
from models.database import Database
from models.scope import EVERYTHING
from models.tables import Batch, Notice, Webhook
from tests.api.batch.locked import LONG_AGO, end_plans, lock, plans_of
from tests.asked import TRUST

BEFORE = datetime(2026, 10, 1, tzinfo=UTC)
DUE = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
"""The first of two times at which the clocks show 02:30 in that night."""


@pytest.fixture
def settings() -> Settings:
    return Settings(batch="01-15,04-15,07-15,10-25 02:30")


class Killed(BaseException):
    """Stands for the end of a process."""


def batches(database: Database) -> list[Batch]:
    with database.reading(EVERYTHING) as session:
        return list(session.exec(select(Batch).order_by(col(Batch.due_at))))


def due(database: Database) -> list[datetime]:
    """When batches were due, but for the one that stands for the beginning."""
    return [each.due_at for each in batches(database)][1:]


def test_without_a_schedule_nothing_is_due(embedded: Database) -> None:
    round_ = lock(embedded)
    keep_schedule(embedded, Settings(), DUE)
    assert not batches(embedded)
    assert not plans_of(embedded, round_)


def test_a_schedule_begins_with_the_next_time(embedded: Database, settings: Settings) -> None:
    round_ = lock(embedded)
    keep_schedule(embedded, settings, BEFORE)
    keep_schedule(embedded, settings, DUE - timedelta(seconds=1))
    assert due(embedded) == plans_of(embedded, round_) == []
    keep_schedule(embedded, settings, DUE)
    assert due(embedded) == [DUE]
    assert len(plans_of(embedded, round_)) == 1


def test_a_night_that_shows_the_time_twice_and_a_clock_set_back_begin_one_batch(
    embedded: Database, settings: Settings
) -> None:
    keep_schedule(embedded, settings, BEFORE)
    minutes = [*range(-120, 240, 15), *range(-120, 60, 15)]
    for moment in (DUE + timedelta(minutes=m) for m in minutes):
        keep_schedule(embedded, settings, moment)
    assert due(embedded) == [DUE]


def test_an_outage_is_made_up_for_once(embedded: Database, settings: Settings) -> None:
    keep_schedule(embedded, settings, BEFORE)
    back = DUE + timedelta(days=400)
    for seconds in range(0, 60, 10):
        keep_schedule(embedded, settings, back + timedelta(seconds=seconds))
    assert due(embedded) == [datetime(2027, 10, 25, 0, 30, tzinfo=UTC)]


def test_a_clock_that_ran_years_ahead_holds_up_no_batch_when_it_is_right(
    embedded: Database, settings: Settings
) -> None:
    """Nor do the batches that it began count for those times; the first one of all may be such."""
    keep_schedule(embedded, settings, DUE + timedelta(days=3650))
    keep_schedule(embedded, settings, BEFORE)
    for ahead in (100, 3650):
        keep_schedule(embedded, settings, DUE + timedelta(days=ahead))
    keep_schedule(embedded, settings, DUE + timedelta(minutes=1))
    assert due(embedded) == [DUE]
    again = DUE + timedelta(days=100)
    keep_schedule(embedded, settings, again)
    assert due(embedded) == [DUE, datetime(2027, 1, 15, 1, 30, tzinfo=UTC)]


def test_several_workers_begin_one_batch_and_ask_once(
    database: Database, settings: Settings
) -> None:
    rounds = [lock(database) for _ in range(3)]
    keep_schedule(database, settings, BEFORE)
    barrier = Barrier(4)

    def work(_: int) -> None:
        barrier.wait()
        keep_schedule(database, settings, DUE)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    keep_schedule(database, settings, DUE)
    assert due(database) == [DUE]
    assert [len(plans_of(database, each)) for each in rounds] == [1] * 3
    [kept] = batches(database)[1:]
    asked = {plan.id for each in rounds for plan in plans_of(database, each)}
    assert set(kept.summary["asked"]) == asked
    assert kept.ended_at is None


@pytest.fixture
def webhook(embedded: Database) -> str:
    lock(embedded)
    with embedded.writing(EVERYTHING) as session:
        session.add(
            Webhook(
                id="hook",
                organisation=TRUST,
                url="https://example.invalid/rotations",
                secret="s",
                made_at=BEFORE,
                made_by="test",
            )
        )
    return "hook"


def test_a_batch_ends_with_every_plan_and_tells_whom_it_concerns(
    embedded: Database, settings: Settings, webhook: str
) -> None:
    late = lock(embedded, decision_date=LONG_AGO)
    keep_schedule(embedded, settings, BEFORE)
    keep_schedule(embedded, settings, DUE)
    keep_schedule(embedded, settings, DUE + timedelta(minutes=1))
    assert batches(embedded)[1].ended_at is None
    assert end_plans(embedded) == 2
    end = DUE + timedelta(minutes=2)
    for moment in (end, end, end + timedelta(minutes=1)):
        keep_schedule(embedded, settings, moment)
    kept = batches(embedded)[1]
    assert kept.ended_at == end
    assert [(line["round"] == late, line["needs"]) for line in kept.summary["rounds"]] == [
        (True, ["overdue"]),
        (False, []),
    ]
    with embedded.reading(EVERYTHING) as session:
        [told] = session.exec(select(Notice)).all()
    assert (told.kind, told.round, told.recipient) == ("round-needs-a-person", late, webhook)


def test_what_failed_is_told_and_asked_for_again_by_the_next_batch_alone(
    embedded: Database, settings: Settings, webhook: str
) -> None:
    keep_schedule(embedded, settings, BEFORE)
    for start in (DUE, datetime(2027, 1, 15, 1, 30, tzinfo=UTC)):
        keep_schedule(embedded, settings, start)
        assert end_plans(embedded, "failed") == 1
        for minutes in (1, 2):
            keep_schedule(embedded, settings, start + timedelta(minutes=minutes))
        assert end_plans(embedded) == 0
    assert [each.summary["rounds"][0]["needs"] for each in batches(embedded)[1:]] == [
        ["failed"],
        ["failed"],
    ]
    with embedded.reading(EVERYTHING) as session:
        assert len(session.exec(select(Notice)).all()) == 2


def test_a_batch_that_broke_off_is_carried_on(
    embedded: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the worker is killed between asking for one plan and for the next."""
    rounds = [lock(embedded) for _ in range(3)]
    keep_schedule(embedded, settings, BEFORE)
    calls = []

    def killed(*args: object, **named: object) -> str | None:
        calls.append(args)
        if len(calls) == 2:
            raise Killed
        return asked_plan(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("api.batch.scheduled.asked_plan", killed)
    with pytest.raises(Killed):
        keep_schedule(embedded, settings, DUE)
    keep_schedule(embedded, settings, DUE)
    assert [len(plans_of(embedded, each)) for each in rounds] == [1] * 3
    assert len(batches(embedded)[1].summary["asked"]) == 3
