"""Every operation accounts for itself: one entry for a change, one for a reading of people."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from httpx2 import Response
from sqlmodel import col, select

from api.rights import OPEN, PUBLIC, RIGHTS, SHOWS_PEOPLE
from models.database import Database
from models.scope import EVERYTHING
from models.store.audit import Link, followed, head
from models.store.sightings import said
from models.tables import AuditEntry
from tests.api.outside import seeing
from tests.api.outside.dumps import Dump, dump
from tests.api.outside.expectations import EXPECTED
from tests.api.outside.kept import Kept
from tests.api.outside.operations import Operation, operations
from tests.api.outside.people import Caller
from tests.api.outside.sweeping import Sweep, reaches, sweeping
from tests.api.outside.test_changes import condition
from tests.api.outside.world import Thing
from tests.databases import Files

SEVERAL = frozenset({"list_offers", "list_placements", "list_deadlines", "list_audit"}) | {
    "export_deadlines_ics",
    "get_plan_diff",
    "list_notices",
}
"""Operations whose answer may be of several rounds: an entry for each."""


OF_PEOPLE = frozenset({seeing.CANDIDATE, seeing.NAME, seeing.WAIVER, seeing.LATE}) | {
    *(seeing.REASON, seeing.WHY, seeing.OFFER, seeing.PLACEMENT, seeing.STEP, seeing.HANDOVER),
}
"""Kinds of planted strings that tell of candidates."""


@pytest.fixture(scope="module")
def sweep(sqlite_databases: Files, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sweep]:
    database = Database(sqlite_databases.migrated())
    with sweeping(database, tmp_path_factory.mktemp("accounts")) as found:
        yield found
    database.close()


def test_every_operation_is_a_change_a_reading_of_people_or_open() -> None:
    reading = {each.id for each in operations().values() if each.method == "GET"}
    assert reading == OPEN | SHOWS_PEOPLE | PUBLIC
    assert len(OPEN) + len(SHOWS_PEOPLE) + len(PUBLIC) == len(reading)
    assert all(each.changes for each in operations().values() if each.id not in reading)
    assert RIGHTS.keys() >= OPEN | SHOWS_PEOPLE


def test_every_operation_enters_what_it_does(sweep: Sweep) -> None:
    kept = Kept(sweep.served.database)
    faults, undone, refused = [], set[str](), 0
    for operation in map(operations().get, EXPECTED):
        if operation is None or operation.id in PUBLIC:
            continue  # that none is missing is asked elsewhere
        done = False
        for caller, thing in _asked(sweep, operation):
            headers = _headers(sweep, caller, operation, thing)
            before, rows = _head(sweep), _rows(sweep, operation)
            answer = sweep.ask(caller, operation, thing, headers=headers)
            made = _since(sweep, before)
            entered = _is_shown(sweep, operation, answer) or _rows(sweep, operation) != rows
            if answer.is_success and operation.changes and made:
                entered = True  # what met no row may be entered
            fault = _fault(operation, entered, made)
            if fault:
                faults.append(f"{operation.id} by {caller.name}: {answer.status_code}, {fault}")
            if operation.changes and answer.is_success:
                again = sweep.ask(caller, operation, thing, headers=headers)
                fault = _repeated_fault(sweep, operation, again, _head(sweep) - len(made) - before)
                if fault:
                    faults.append(f"{operation.id} by {caller.name}, again: {fault}")
                kept.restore()
            done = answer.is_success and bool(made or not operation.changes)
            refused += not answer.is_success
            if done:
                break
        undone |= set() if done else {operation.id}
    assert not undone, "nobody did it"
    assert not faults, "\n".join(faults)
    assert refused >= 10
    with sweep.served.database.reading(EVERYTHING) as session:
        assert followed(session, Link(), 10_000) == head(session)


def _asked(sweep: Sweep, operation: Operation) -> Iterator[tuple[Caller, Thing | None]]:
    """Yield who asks about what, a few of them: also for what is refused."""
    expected = EXPECTED[operation.id]
    admitted = [each for each in sweep.callers if each.roles & expected.roles]
    for caller in admitted:
        things: list[Thing | None] = [*sweep.about(operation)] if expected.of else [None]
        own = [each for each in things if each is None or reaches(caller, expected, each)]
        others = [each for each in things if each not in own]
        for thing in (*others[:1], *own[:8]):
            yield caller, thing


def _headers(
    sweep: Sweep, caller: Caller, operation: Operation, thing: Thing | None
) -> dict[str, str] | None:
    """Return under which condition something is changed, and by which key it is repeated."""
    if not operation.changes:
        return None
    its = {"If-Match": '"1"'} if thing is None else condition(sweep, caller, operation, thing)
    return {**its, "Idempotency-Key": operation.id}


def _rows(sweep: Sweep, operation: Operation) -> Dump | None:
    """Return everything that is kept, where an operation may change it.

    An answer that is kept for whoever repeats the request is no change.
    """
    if not operation.changes:
        return None
    rows = dump(sweep.served.database, audit=False)
    del rows["idempotency_keys"]
    return rows


def _fault(operation: Operation, entered: bool, made: list[AuditEntry]) -> str | None:
    """Return what is wrong with what was entered."""
    kind = "change" if operation.changes else "read"
    several = operation.id in SEVERAL and entered
    if any(each.operation != operation.id or each.action != kind for each in made):
        return f"other entries: {[(each.operation, each.action) for each in made]}"
    if len(made) != entered and not (several and made):
        return f"{len(made)} entries"
    unknown = [each.number for each in made if not each.actor.startswith("rotations-local|")]
    nobody = [each.number for each in made if not _says_whose(said(each))]
    if unknown or (nobody and operation.id in SHOWS_PEOPLE):
        return f"entries that say too little: {made}"
    return None


def _is_shown(sweep: Sweep, operation: Operation, answer: Response) -> bool:
    """Tell whether candidates were read."""
    is_reading = answer.is_success and not operation.changes
    shows = operation.id in SHOWS_PEOPLE or (is_reading and _tells_of_people(sweep, answer))
    return is_reading and shows


def _tells_of_people(sweep: Sweep, answer: Response) -> bool:
    """Tell whether an answer holds anything about a candidate."""
    found = sweep.world.aviary.found(answer)
    return any(each.kind in OF_PEOPLE and each.owner.municipality for each in found)


def _repeated_fault(sweep: Sweep, operation: Operation, again: Response, made: int) -> str | None:
    """Return what is wrong with the entries of an answer that was asked for a second time."""
    if again.headers.get("idempotency-replayed") != "true":
        return f"{again.status_code}, not replayed"
    entered = [said(each) for each in _since(sweep, _head(sweep) - made)]
    if any((each["operation"], each["action"]) != (operation.id, "read") for each in entered):
        return f"other entries: {entered}"
    if _tells_of_people(sweep, again) and not any(map(_says_whose, entered)):
        return "shown, and not entered"
    return None


def _says_whose(entry: dict[str, object]) -> bool:
    """Tell whether a reading says of whom: candidates, or everybody of something."""
    return not {"candidates", "round", "municipality"}.isdisjoint(entry)


def _head(sweep: Sweep) -> int:
    with sweep.served.database.reading(EVERYTHING) as session:
        return head(session).number


def _since(sweep: Sweep, number: int) -> list[AuditEntry]:
    with sweep.served.database.reading(EVERYTHING) as session:
        return list(session.exec(select(AuditEntry).where(col(AuditEntry.number) > number)))
