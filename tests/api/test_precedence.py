"""What somebody waits for goes before explanations, and the one that is read next before others."""

from __future__ import annotations

import json
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

import pytest

from api.solving.desk import Desk
from api.solving.jobs import LATER, Elsewhere, Jobs, prepare
from api.solving.studies import STUDIES, Given
from data.documents import write_plan, write_round
from data.exports.explanations import explanation_record
from data.files import load_round
from data.synthetic import generate
from models.database import Database
from models.scope import EVERYTHING
from models.store.precedence import hurry
from models.store.solves import ask, begin, request_stop
from models.store.studies import ask_why
from models.store.workers import enter
from models.tables import Snapshot, Study
from scheduler.canonical import encode
from scheduler.explain import explanations
from scheduler.planner import plan_round
from scheduler.watch import Limits, Stop, Watch
from tests.api.test_jobs import kept
from tests.api.test_worker_process import Workers, explained, study_of, workers
from tests.api.test_worker_solver import in_work, saying, solver
from tests.asked import NOW, SAMPLE, enqueued, plan_of, snapshot, wait_for
from tests.databases import mostly

__all__ = ["workers"]


def explaining(database: Database, document: str = "{}", plan: str = "{}") -> str:
    """Ask why a plan is as it is, and tell the workers."""
    prepare(database)
    of = snapshot(database, document)
    with database.writing(EVERYTHING) as session:
        made = ask(session, session.get_one(Snapshot, of), None, author="x", now=NOW)
        made.state, made.content = "completed", plan
        study = ask_why(session, made, author="x", now=NOW).id
        Jobs(database).enqueue(session, study, later=True)
        return study


def handed_on(database: Database, study: str) -> Any:
    """Return what a worker that begins a study is asked."""
    with database.writing(EVERYTHING) as session:
        enter(session, "w2", NOW)
        lease = begin(session, study, "w2", attempts=3, now=NOW)
        assert lease is not None
        return json.loads(str(lease.order.asked))


def hurried(database: Database, study: str, *candidates: str) -> None:
    with database.writing(EVERYTHING) as session:
        for each in candidates:
            hurry(session, study, each)


@pytest.mark.parametrize("databases", mostly("postgresql"), indirect=True)
def test_a_plan_that_is_asked_for_while_another_is_explained_is_made_meanwhile(
    database: Database, workers: Workers
) -> None:
    """With one worker, which explains on when the plan is made."""
    round_ = generate("nord", 1)
    plan = write_plan(plan_round(round_, Limits(seconds=2))).decode()
    study = explaining(database, write_round(round_).decode(), plan)
    workers.start()
    wait_for(lambda: explained(database, study))
    asked_for = enqueued(database, SAMPLE.read_text(encoding="utf-8"))
    wait_for(lambda: plan_of(database, asked_for).state == "completed")
    before = explained(database, study)
    wait_for(lambda: len(explained(database, study)) > len(before))
    assert explained(database, study).items() >= before.items()
    goes_on = study_of(database, study)
    made = plan_of(database, asked_for).ended_at
    assert made is not None
    assert goes_on.started_at is not None
    assert (goes_on.attempt, goes_on.started_at > made) == (1, True)
    with database.writing(EVERYTHING) as session:
        request_stop(session, Study, study, NOW)
    wait_for(lambda: study_of(database, study).state == "cancelled")


def test_explanations_that_make_room_wait_and_go_on_from_what_is_found(
    database: Database,
) -> None:
    study = explaining(database)
    found = {"candidate": "a", "municipality": "m", "content": "{}"}
    code = saying({"ready": True}, {"explained": found}, then="time.sleep(600)")
    with in_work(solver(database, code), study) as raised:
        wait_for(lambda: explained(database, study))
        assert study_of(database, study).state == "running"
        enqueued(database, "{}")
    assert [type(error) for error in raised] == [Elsewhere]
    row = study_of(database, study)
    assert (row.state, row.attempt) == ("queued", 0)
    assert handed_on(database, study) == {"first": [], "found": ["a"]}


def test_explanations_make_room_for_no_other_explanations(database: Database) -> None:
    study = explaining(database)
    code = saying({"ready": True}, then="time.sleep(4); print('{\"result\": {}}')")
    with in_work(solver(database, code), study) as raised:
        wait_for(lambda: study_of(database, study).state == "running")
        explaining(database)
    assert (raised, study_of(database, study).state) == ([], "completed")


def test_each_explanation_has_the_time_that_a_plan_has(database: Database) -> None:
    """All of them take longer than that, and are not given up for it."""
    study = explaining(database)
    found = (
        f'{{"explained": {{"candidate": "{each}", "municipality": "m", "content": "{{}}"}}}}'
        for each in "abc"
    )
    told = "".join(f"time.sleep(1.5); print({line!r}, flush=True);" for line in found)
    code = saying({"ready": True}, then=f"{told} print('{{\"result\": {{}}}}')")
    solver(database, code, solve_seconds=1.0, allowance=1.5).work(study)
    row = study_of(database, study)
    assert (row.state, row.failure) == ("completed", None)
    assert list(explained(database, study)) == ["a", "b", "c"]


def test_explanations_wait_behind_what_was_asked_for_later(database: Database) -> None:
    study, plan = explaining(database), enqueued(database, "{}")
    waiting = {row["workflow_uuid"]: row["priority"] for row in kept(database, "workflow_status")}
    assert waiting == {study: LATER, plan: 0}
    assert LATER > 0  # the lowest goes first


def test_whoever_is_looked_for_is_explained_next(database: Database) -> None:
    """Also while others are explained, and each one once."""
    study = explaining(database)
    hurried(database, study, "b", "c", "b")
    tell = "print(json.dumps({'explained': {'candidate': said['first'][0], 'municipality': 'm', "
    hears = f"said = json.loads(sys.stdin.readline()); {tell} 'content': '{{}}'}}}}), flush=True);"
    code = f"import json; {saying({'ready': True})} {hears} time.sleep(600)"
    making = solver(database, code)
    with in_work(making, study):
        wait_for(lambda: explained(database, study))
        making.leave(60)
    assert list(explained(database, study)) == ["b"]
    assert handed_on(database, study) == {"first": ["b", "c"], "found": ["b"]}


def test_nobody_hurries_what_has_ended(database: Database) -> None:
    study = explaining(database)
    with database.writing(EVERYTHING) as session:
        request_stop(session, Study, study, NOW)
    hurried(database, study, "b", "nobody")
    assert json.loads(study_of(database, study).asked) == {}


def test_the_order_in_which_a_plan_is_explained_changes_no_explanation() -> None:
    round_ = load_round(SAMPLE)
    plan = plan_round(round_)
    ids = [each.id for each in round_.candidates]
    heard: SimpleQueue[bytes] = SimpleQueue()
    told: dict[str, str] = {}

    def tell(kind: str, what: Any) -> None:
        if kind == "explained":
            told[what["candidate"]] = what["content"]
            with suppress(StopIteration):
                heard.put(json.dumps({"first": [next(later)]}).encode())

    later = iter([ids[9], "nobody", ids[3]])
    asked = json.dumps({"first": [ids[5], ids[0]], "found": [ids[0], ids[1]]})
    documents = write_round(round_).decode(), write_plan(plan).decode()
    stop = Stop()
    desk = Desk(tell, heard, stop)
    ended, said = STUDIES["explanations"](Given(*documents, asked), 600, Watch(stop=stop), desk)
    assert (ended, said) == ("result", {"figures": {"explained": len(ids)}})
    assert list(told)[:4] == [ids[5], ids[9], ids[2], ids[3]]
    assert sorted(told) == sorted(ids[2:])
    whole = {each.candidate: each for each in explanations(round_, plan)}
    assert told == {each: encode(explanation_record(whole[each])).decode() for each in told}
