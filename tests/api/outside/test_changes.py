"""What may be changed is changed by whom it belongs to, who is shown nothing else on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

import pytest

from models.database import Database
from tests.api.outside.expectations import EXPECTED
from tests.api.outside.kept import Kept
from tests.api.outside.operations import Operation, operations
from tests.api.outside.people import Caller
from tests.api.outside.sweeping import Sweep, reaches, sweeping, where
from tests.api.outside.world import Thing
from tests.databases import Files

CHANGES = [each.id for each in operations().values() if each.changes]

MOST_THINGS = 6
"""Of so many things somebody changes each one by one."""


@pytest.fixture(scope="module")
def sweep(sqlite_databases: Files, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sweep]:
    database = Database(sqlite_databases.migrated())
    with sweeping(database, tmp_path_factory.mktemp("changes")) as found:
        yield found
    database.close()


@pytest.fixture(scope="module")
def kept(sweep: Sweep) -> Kept:
    return Kept(sweep.served.database)


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_ones_own_can_be_changed(sweep: Sweep, kept: Kept, name: str) -> None:
    operation = operations()[name]
    statuses: Counter[int] = Counter()
    sweep.faults.clear()
    for caller in sweep.callers:
        if not caller.roles & EXPECTED[name].roles:
            continue
        for thing in islice(_own(sweep, caller, operation), MOST_THINGS):
            headers = None if thing is None else condition(sweep, caller, operation, thing)
            answer = sweep.ask(caller, operation, thing, headers=headers)
            statuses[answer.status_code] += 1
            at = where(caller, operation, thing)
            sweep.expect(answer.status_code not in {401, 403, 404}, at, answer.text)
            if answer.is_success:
                kept.restore()
    assert not sweep.faults, "\n".join(sweep.faults)
    assert any(200 <= status < 300 for status in statuses), f"nobody did it: {dict(statuses)}"


def _own(sweep: Sweep, caller: Caller, operation: Operation) -> Iterator[Thing | None]:
    expected = EXPECTED[operation.id]
    if expected.of is None:
        yield None
        return
    for thing in sweep.about(operation):
        if reaches(caller, expected, thing):
            yield thing


def condition(sweep: Sweep, caller: Caller, operation: Operation, thing: Thing) -> dict[str, str]:
    """Return the precondition under which a thing can be changed: that it is as it is now."""
    if not operation.conditional:
        return {}
    reading = {each.path: each for each in operations().values() if each.method == "GET"}
    for path in (operation.path, operation.path.rpartition("/")[0]):
        if path in reading:
            tag = sweep.send(caller, reading[path], thing.at).headers.get("etag")
            return {"If-None-Match": "*"} if tag is None else {"If-Match": tag}
    return {}
