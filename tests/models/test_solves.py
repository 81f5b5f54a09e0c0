"""The states of a plan that the solver makes, and who may change them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Barrier, Thread
from typing import Concatenate, ParamSpec, TypeVar

import pytest
from sqlmodel import Session

from models.database import Database
from models.scope import EVERYTHING, Scope
from models.store.audit import head
from models.store.orphans import drop, leases, wanting
from models.store.plan_events import Told
from models.store.sightings import said
from models.store.solves import begin, complete, fail, give_back, request_stop, stop_requested, tell
from models.store.studies import Question, remove
from models.store.studies import ask as ask_study
from models.store.work import SERVICE, Failure, Lease, LostLease, Order, Result
from models.store.workers import GivenUp, enter, give_up, leave, seen, show
from models.tables import AuditEntry, Plan, Snapshot, Study
from tests.asked import NOW, TRUST, asked, events_of, everything_of, plan_of, snapshot, states_of

P = ParamSpec("P")
T = TypeVar("T")

RESULT = Result(content="{}\n", hash="sha256:1", status="optimal")
FAILURE = Failure("refused", {"conflicts": []})
FIGURES = {"value": 3, "bound": 4, "seconds": 0.5, "position": 1, "of": 16}
PROGRESS = Told("progress", {"tier": "placed", "level": None} | FIGURES)
INCIDENT = Told("incident", {"tier": "wish", "level": 2, "outcome": "infeasible"})
LATER = NOW + timedelta(minutes=5)

CHANGES: tuple[Callable[[Session, Lease], object], ...] = (
    lambda session, lease: tell(session, lease, [PROGRESS, INCIDENT], LATER),
    stop_requested,
    lambda session, lease: complete(session, lease, RESULT, LATER),
    lambda session, lease: fail(session, lease, FAILURE, LATER),
    lambda session, lease: give_back(session, lease, LATER),
)


def written(
    database: Database,
    change: Callable[Concatenate[Session, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Change something in a transaction of its own."""
    with database.writing(EVERYTHING) as session:
        return change(session, *args, **kwargs)


def begun(database: Database, plan_id: str) -> Lease | None:
    return written(database, begin, plan_id, "w1", attempts=3, now=NOW)


@pytest.fixture
def lease(database: Database) -> Lease:
    """A plan in the hands of worker w1."""
    written(database, enter, "w1", NOW)
    taken = begun(database, asked(database, '{"a": "å"}', seconds=7))
    assert taken is not None
    return taken


def together(*acts: Callable[[], object]) -> list[object]:
    """Do things at the same time; return what each returned or raised."""
    results: list[object] = [None] * len(acts)
    barrier = Barrier(len(acts))

    def run(number: int, act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results[number] = act()
        except Exception as error:  # noqa: BLE001 - what it was is for the test to judge
            results[number] = error

    threads = [Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_a_plan_is_asked_for_begun_and_completed(database: Database, lease: Lease) -> None:
    assert (lease.order.round, lease.seconds, lease.attempt) == ('{"a": "å"}', 7, 1)
    written(database, tell, lease, [PROGRESS], NOW)
    written(database, complete, lease, RESULT, LATER)
    plan = plan_of(database, lease.id)
    assert (plan.content, plan.hash, plan.status) == ("{}\n", "sha256:1", "optimal")
    assert (plan.requested_at, plan.started_at, plan.ended_at) == (NOW, NOW, LATER)
    assert plan.lease is None
    events = events_of(database, lease.id)
    assert [event.number for event in events] == [1, 2, 3, 4]
    assert [event.kind for event in events] == ["state", "state", "progress", "state"]
    assert states_of(database, lease.id) == [("queued", 0), ("running", 1), ("completed", 1)]


def test_a_plan_that_cannot_be_made_says_why(database: Database, lease: Lease) -> None:
    written(database, fail, lease, FAILURE, LATER)
    plan = plan_of(database, lease.id)
    assert (plan.state, plan.failure, plan.figures) == ("failed", "refused", {"conflicts": []})
    assert (plan.content, plan.ended_at) == (None, LATER)
    assert begun(database, lease.id) is None


@pytest.mark.parametrize("then", ["begun by another", "completed", "failed", "given back"])
def test_a_late_holder_is_refused_and_leaves_no_trace(
    database: Database, lease: Lease, then: str
) -> None:
    match then:
        case "begun by another":
            assert begun(database, lease.id) is not None
        case "completed":
            written(database, complete, lease, RESULT, NOW)
        case "failed":
            written(database, fail, lease, FAILURE, NOW)
        case _:
            written(database, give_back, lease, NOW)
    before = everything_of(database, lease.id)
    for change in CHANGES:
        with pytest.raises(LostLease):
            written(database, change, lease)
    assert everything_of(database, lease.id) == before


def test_what_is_told_is_numbered_and_the_newest_progress_is_the_plans(
    database: Database, lease: Lease
) -> None:
    before = plan_of(database, lease.id)
    newer = Told("progress", {**PROGRESS.data, "value": 4})
    written(database, tell, lease, [PROGRESS, INCIDENT, newer], NOW)
    written(database, tell, lease, [INCIDENT], NOW)
    plan = plan_of(database, lease.id)
    assert plan.progress == newer.data
    assert plan.incidents == 2
    assert plan.revision == before.revision
    told = [(event.number, event.kind) for event in events_of(database, lease.id)]
    assert told[2:] == [(3, "progress"), (4, "incident"), (5, "progress"), (6, "incident")]


def test_numbers_have_no_gaps_though_many_tell_at_once(database: Database, lease: Lease) -> None:
    telling = partial(written, database, tell, lease, [PROGRESS, INCIDENT], NOW)
    stopping = partial(written, database, request_stop, Plan, lease.id, NOW)
    outcomes = together(*[telling] * 8, stopping)
    assert [o for o in outcomes if isinstance(o, Exception)] == []
    assert [event.number for event in events_of(database, lease.id)] == list(range(1, 19))
    assert plan_of(database, lease.id).incidents == 8


def test_the_limit_of_attempts_ends_a_plan_that_kills_its_workers(
    database: Database, lease: Lease
) -> None:
    for _ in range(2):
        assert begun(database, lease.id) is not None
    assert begun(database, lease.id) is None
    plan = plan_of(database, lease.id)
    assert (plan.state, plan.failure) == ("failed", "too-many-attempts")
    assert plan.figures == {"attempts": 3}
    assert begun(database, lease.id) is None


def test_what_is_given_back_is_no_attempt(database: Database, lease: Lease) -> None:
    held: Lease | None = lease
    for _ in range(5):
        assert held is not None
        assert held.attempt == 1
        written(database, give_back, held, NOW)
        held = begun(database, lease.id)
    again = [("queued", 0), ("running", 1), ("queued", 0), ("running", 1)]
    assert states_of(database, lease.id)[:4] == again


def test_a_plan_that_waits_is_cancelled_at_once(database: Database, lease: Lease) -> None:
    waiting = asked(database)
    assert written(database, request_stop, Plan, waiting, LATER)
    plan = plan_of(database, waiting)
    assert (plan.state, plan.ended_at, plan.stop_requested_at) == ("cancelled", LATER, LATER)
    assert states_of(database, waiting) == [("queued", 0), ("cancelled", 0)]
    assert begun(database, waiting) is None
    assert plan_of(database, lease.id).state == "running"


def test_a_search_in_work_is_asked_to_stop_and_its_plan_is_kept(
    database: Database, lease: Lease
) -> None:
    assert not written(database, stop_requested, lease)
    for now in (NOW, LATER):
        assert written(database, request_stop, Plan, lease.id, now)
    assert plan_of(database, lease.id).stop_requested_at == NOW
    assert written(database, stop_requested, lease)
    written(database, complete, lease, RESULT, LATER)
    assert plan_of(database, lease.id).state == "completed"


def test_a_plan_to_be_stopped_is_not_begun_anew(database: Database, lease: Lease) -> None:
    written(database, request_stop, Plan, lease.id, NOW)
    assert begun(database, lease.id) is None
    assert plan_of(database, lease.id).state == "cancelled"


ENDS: dict[str, tuple[str, Callable[[Database, Lease], object]]] = {
    "completed": ("complete_plan", lambda d, lease: written(d, complete, lease, RESULT, LATER)),
    "failed": ("fail_plan", lambda d, lease: written(d, fail, lease, FAILURE, LATER)),
    "lost": ("fail_plan", lambda d, lease: written(d, drop, lease.id, LATER)),
    "died of": ("fail_plan", lambda d, lease: [begun(d, lease.id) for _ in range(3)]),
    "stopped": (
        "cancel_plan",
        lambda d, lease: (written(d, request_stop, Plan, lease.id, NOW), begun(d, lease.id)),
    ),
}


def test_how_a_plan_ended_is_entered_with_it(database: Database) -> None:
    written(database, enter, "w1", NOW)
    for number, (how, (operation, end)) in enumerate(ENDS.items(), start=1):
        lease = begun(database, asked(database))
        assert lease is not None
        end(database, lease)
        plan = plan_of(database, lease.id)
        with database.reading(EVERYTHING) as session:
            assert head(session).number == number, how
            entry = session.get_one(AuditEntry, number)
        assert (entry.actor, entry.operation, entry.action) == (SERVICE, operation, "change")
        assert (entry.round, entry.organisation, entry.at) == (plan.round, TRUST, plan.ended_at)
        assert said(entry)["plan"] == plan.id


def test_a_plan_that_has_ended_is_not_stopped(database: Database, lease: Lease) -> None:
    written(database, complete, lease, RESULT, NOW)
    before = everything_of(database, lease.id)
    assert written(database, request_stop, Plan, lease.id, LATER)
    assert everything_of(database, lease.id) == before


def test_only_who_sees_a_plan_can_stop_it(database: Database, lease: Lease) -> None:
    for reach, found in (("983974881", False), (TRUST, True)):
        with database.writing(Scope(organisations=frozenset({reach}))) as session:
            assert (request_stop(session, Plan, lease.id, NOW) is not None) is found
            assert request_stop(session, Plan, "missing", NOW) is None


def test_either_a_plan_is_cancelled_or_it_is_begun_and_told_to_stop(database: Database) -> None:
    written(database, enter, "w1", NOW)
    for _ in range(5):
        plan_id = asked(database)
        beginning = partial(begun, database, plan_id)
        held, _ = together(beginning, partial(written, database, request_stop, Plan, plan_id, NOW))
        plan = plan_of(database, plan_id)
        assert plan.stop_requested_at == NOW
        assert plan.state == ("cancelled" if held is None else "running")


@pytest.fixture
def inquiry(database: Database) -> Lease:
    """A study of the price of priority in the hands of worker w1."""
    written(database, enter, "w1", NOW)
    of = snapshot(database, '{"a": "å"}')
    with database.writing(EVERYTHING) as session:
        frozen = session.get_one(Snapshot, of)
        study = ask_study(session, frozen, Question("price"), author="somebody", now=NOW).id
    taken = begun(database, study)
    assert taken is not None
    return taken


def test_a_study_is_begun_told_of_and_completed(database: Database, inquiry: Lease) -> None:
    assert inquiry.order == Order("price", '{"a": "å"}', None, "{}")
    written(database, tell, inquiry, [Told("progress", {"done": 1, "of": 3})], NOW)
    assert study_of(database, inquiry).progress == {"done": 1, "of": 3}
    assert written(database, leases) == {inquiry.id: inquiry.token}
    written(database, complete, inquiry, Result(content="{}", figures={"lost": 2}), LATER)
    study = study_of(database, inquiry)
    assert (study.state, study.content, study.figures) == ("completed", "{}", {"lost": 2})
    assert written(database, wanting) == set()
    with database.reading(EVERYTHING) as session:
        entry = session.get_one(AuditEntry, 1)
    assert (entry.operation, entry.round) == ("complete_study", study.round)
    assert said(entry)["named"] == {"studies": inquiry.id}


@pytest.mark.parametrize("how", ["completed", "failed"])
def test_a_study_that_was_told_to_stop_is_cancelled_however_it_ends(
    database: Database, inquiry: Lease, how: str
) -> None:
    written(database, request_stop, Study, inquiry.id, NOW)
    assert written(database, stop_requested, inquiry)
    if how == "completed":
        written(database, complete, inquiry, Result(content="{}"), LATER)
    else:
        written(database, fail, inquiry, FAILURE, LATER)
    study = study_of(database, inquiry)
    assert (study.state, study.content, study.failure) == ("cancelled", None, None)


def test_what_is_said_of_a_study_that_was_removed_is_refused(
    database: Database, inquiry: Lease
) -> None:
    with database.writing(EVERYTHING) as session:
        remove(session, [session.get_one(Study, inquiry.id)])
    for change in CHANGES:
        with pytest.raises(LostLease):
            written(database, change, inquiry)
    assert begun(database, inquiry.id) is None


def study_of(database: Database, lease: Lease) -> Study:
    with database.reading(EVERYTHING) as session:
        return session.get_one(Study, lease.id)


def test_of_two_who_begin_a_plan_one_can_end_it(database: Database) -> None:
    written(database, enter, "w1", NOW)
    plan_id = asked(database)
    given = [
        held
        for held in together(*[partial(begun, database, plan_id)] * 2)
        if isinstance(held, Lease)
    ]
    assert sorted(held.attempt for held in given) == [1, 2]
    outcomes = together(
        *(partial(written, database, complete, held, RESULT, NOW) for held in given)
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["LostLease", "NoneType"]
    assert states_of(database, plan_id)[-1] == ("completed", 2)


def test_a_worker_that_was_given_up_begins_nothing_and_stays_given_up(database: Database) -> None:
    written(database, enter, "w1", NOW)
    plan_id = asked(database)
    assert written(database, give_up, "w1", NOW)
    with pytest.raises(GivenUp):
        written(database, show, "w1", LATER)
    with pytest.raises(GivenUp):
        begun(database, plan_id)
    assert plan_of(database, plan_id).state == "queued"


def test_of_many_who_give_a_worker_up_one_does(database: Database) -> None:
    written(database, enter, "w1", NOW)
    outcomes = together(*[partial(written, database, give_up, "w1", NOW)] * 8)
    assert sorted(outcomes, key=str) == [False] * 7 + [True]


def test_a_worker_that_was_seen_since_is_not_given_up(database: Database) -> None:
    written(database, enter, "w1", NOW)
    written(database, show, "w1", LATER)
    assert not written(database, give_up, "w1", NOW)
    assert written(database, seen) == {"w1": LATER}
    written(database, leave, "w1")
    assert written(database, seen) == {}
