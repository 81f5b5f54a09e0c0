"""Every operation, asked by everybody about everything: nobody is shown what is not theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from models.database import Database
from tests.api.outside.canaries import told
from tests.api.outside.dumps import dump
from tests.api.outside.expectations import EXPECTED, NO_TOKEN
from tests.api.outside.operations import Operation, operations
from tests.api.outside.people import Caller
from tests.api.outside.seeing import NOBODY
from tests.api.outside.sweeping import (
    Kept,
    Sweep,
    likenesses,
    reaches,
    statements,
    sweeping,
    where,
)
from tests.api.outside.world import Thing
from tests.databases import KINDS, Databases


@pytest.fixture(scope="module", params=KINDS)
def sweep(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sweep]:
    source: Databases = request.getfixturevalue(f"{request.param}_databases")
    url = source.migrated()
    database = Database(url)
    with sweeping(database, tmp_path_factory.mktemp("sweep")) as found:
        yield found
    database.close()
    source.drop(url)


def test_every_operation_has_its_row_and_every_row_its_operation() -> None:
    assert operations().keys() == EXPECTED.keys()


def test_nobody_is_shown_what_is_not_theirs(sweep: Sweep) -> None:
    before = dump(sweep.served.database)
    for operation in operations().values():
        for caller in sweep.callers:
            if not caller.roles & EXPECTED[operation.id].roles:
                _refused(sweep, caller, operation)
            elif EXPECTED[operation.id].of is None:
                if not operation.changes:
                    assert sweep.ask(caller, operation, None).is_success
            else:
                for thing in sweep.about(operation):
                    _asked(sweep, caller, operation, thing)
    assert not sweep.faults, "\n".join(sweep.faults)
    assert dump(sweep.served.database) == before
    unseen = {
        canary
        for text, canary in sweep.world.aviary.canaries.items()
        if text not in sweep.seen and canary.kind != NOBODY
    }
    assert not unseen, "planted where nobody looks: it proves nothing that nobody sees it"
    print(dict(sweep.counted))
    assert sweep.counted["calls"] > 6_000
    assert sweep.counted["others"] > 1_500
    assert sweep.counted["looked up alike"] > 1_000


def _refused(sweep: Sweep, caller: Caller, operation: Operation) -> None:
    """Somebody whose role is not asked for learns that, whatever they name; others nothing."""
    expected = EXPECTED[operation.id]
    things: list[Thing | None] = [*sweep.about(operation)[::5]] or [None]
    answers = {told(sweep.ask(caller, operation, thing)) for thing in things}
    if things[0] is not None:
        ((_, at), *_) = _nowhere(things[0], operation)
        answers.add(told(sweep.ask(caller, operation, things[0], at)))
    if expected.roles == NO_TOKEN:
        return
    status = b"403" if caller.token else b"401"
    alike = len(answers) == 1 and all(answer.startswith(status) for answer in answers)
    sweep.expect(alike, where(caller, operation, things[0]), "refused", answers)
    sweep.counted["refused"] += 1


def _nowhere(thing: Thing, operation: Operation) -> list[tuple[str, dict[str, str]]]:
    from tests.api.outside.requests import nowhere

    return list(nowhere(thing, operation))


def _asked(sweep: Sweep, caller: Caller, operation: Operation, thing: Thing) -> None:
    """What somebody may have is there; what they may not is as if it were not."""
    expected = EXPECTED[operation.id]
    if reaches(caller, expected, thing):
        if not operation.changes:
            answer = sweep.ask(caller, operation, thing)
            at_all = answer.status_code not in {401, 403, 404}
            sweep.expect(at_all, where(caller, operation, thing), "is not", answer.status_code)
            sweep.counted["own"] += 1
        return
    with statements(sweep.served.database) as noted:
        other = sweep.ask(caller, operation, thing)
    at = where(caller, operation, thing)
    sweep.expect(other.status_code == 404, at, "other's", other.status_code, other.text)
    sweep.counted["others"] += 1
    if expected.makes:
        return
    for likeness, alike in likenesses(caller, operation, thing):
        with statements(sweep.served.database) as looked_up:
            missing = sweep.ask(caller, operation, thing, likeness)
        sweep.expect(told(missing) == told(other), at, "unlike", likeness, missing.text)
        if alike and not expected.owned:
            sweep.expect(looked_up == noted, at, "looked up unlike", likeness)
            sweep.counted["looked up alike"] += 1
