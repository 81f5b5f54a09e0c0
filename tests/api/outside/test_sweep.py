"""Every operation, asked by everybody about everything: nobody is shown what is not theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import cycle

import pytest

from models.database import Database
from tests.api.outside.canaries import told
from tests.api.outside.dumps import dump
from tests.api.outside.expectations import EXPECTED, NO_TOKEN
from tests.api.outside.operations import Operation, operations
from tests.api.outside.people import Caller
from tests.api.outside.requests import nowhere
from tests.api.outside.seeing import NOBODY
from tests.api.outside.sweeping import (
    Sweep,
    likenesses,
    reaches,
    statements,
    sweeping,
    where,
)
from tests.api.outside.world import Thing
from tests.databases import THOROUGH, Databases, mostly

FLOORS = {
    "sqlite": {"calls": 3_500, "refused": 800, "own": 1_000, "others": 1_000, "alike": 900},
    "postgresql": {"calls": 1_000, "own": 500, "others": 350, "alike": 350},
}


@pytest.fixture(scope="module", params=mostly("sqlite"))
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
    """What is theirs is asked for by all; what is not by a third in turns, in longer runs by all.

    Roles, and changes, are the same on any database.
    """
    database = sweep.served.database
    asked = [each for each in operations().values() if database.embedded or not each.changes]
    before = dump(database, audit=False)
    for turn, operation in enumerate(asked):
        expected = EXPECTED[operation.id]
        admitted = [each for each in sweep.callers if each.roles & expected.roles]
        for number, caller in enumerate(admitted):
            _admitted(sweep, caller, operation, THOROUGH or number % 3 == turn % 3)
        if expected.roles == NO_TOKEN:
            sweep.ask(sweep.callers[-1], operation, next(iter(sweep.about(operation)), None))
        elif database.embedded:
            _refused(sweep, operation)
    assert not sweep.faults, "\n".join(sweep.faults[:40])
    assert dump(database, audit=False) == before
    if database.embedded:
        canaries = sweep.world.aviary.canaries
        unseen = [c for text, c in canaries.items() if c.kind != NOBODY and text not in sweep.seen]
        assert not unseen, "nobody was shown these: that nobody else was, proves nothing"
    kind = "sqlite" if database.embedded else "postgresql"
    print(kind, dict(sweep.counted))
    for name, least in FLOORS[kind].items():
        assert sweep.counted[name] >= least, name


def _refused(sweep: Sweep, operation: Operation) -> None:
    """Whose role is not asked for learns that, and strangers nothing, whatever they name."""
    thing = next(iter(sweep.about(operation)[-1:]), None)
    named = [thing.at, next(nowhere(thing, operation))[1]] if thing else [None]
    answers: dict[bool, set[bytes]] = {True: set(), False: set()}
    for caller, at in zip(sweep.callers, cycle(named), strict=False):
        if caller.roles & EXPECTED[operation.id].roles:
            continue
        answers[caller.token is None].add(told(sweep.ask(caller, operation, thing, at)))
        sweep.counted["refused"] += 1
    for is_stranger, status in ((True, b"401"), (False, b"403")):
        alike = len(answers[is_stranger]) <= 1
        right = all(answer.startswith(status) for answer in answers[is_stranger])
        sweep.expect(alike and right, operation.id, "refused", answers[is_stranger])


def _admitted(sweep: Sweep, caller: Caller, operation: Operation, and_others: bool) -> None:
    """What somebody may have is there; what they may not is as if it were not."""
    expected = EXPECTED[operation.id]
    if expected.of is None:
        if not operation.changes:
            answer = sweep.ask(caller, operation, None)
            sweep.expect(answer.is_success, where(caller, operation, None), answer.text)
        return
    nothing = _Nothing(sweep, caller, operation)
    for thing in sweep.about(operation):
        if not reaches(caller, expected, thing):
            if and_others:
                nothing.compare(thing)
        elif not operation.changes:
            status = sweep.ask(caller, operation, thing).status_code
            found = status not in {401, 403, 404}
            sweep.expect(found, where(caller, operation, thing), "is not there:", status)
            sweep.counted["own"] += 1


@dataclass
class _Nothing:
    """What somebody is answered who asks an operation for what is not, and how it is looked for."""

    sweep: Sweep
    caller: Caller
    operation: Operation
    answers: dict[tuple[str, ...], tuple[bytes, list[str]]] = field(default_factory=dict)
    compared: set[object] = field(default_factory=set)

    def compare(self, thing: Thing) -> None:
        """Make sure that another's thing is answered as what is not, and looked for alike.

        Of things that are the same people's, in the same part of their lives, one is enough.
        """
        sweep, expected = self.sweep, EXPECTED[self.operation.id]
        owner = replace(thing.owner, candidate=None, unit=None, round=None)
        if owner in self.compared:
            return
        self.compared.add(owner)
        at = where(self.caller, self.operation, thing)
        other, looked_up = self._asked(thing, None)
        sweep.expect(other.startswith(b"404"), at, "another's:", other)
        sweep.counted["others"] += 1
        if expected.makes:
            return  # what is not there would be made
        likely = list(likenesses(self.caller, self.operation, thing))
        for name, likeness in likely:
            key = (name, likely[0][0])
            if key not in self.answers:
                self.answers[key] = self._asked(thing, likeness)
            missing, looked_for = self.answers[key]
            sweep.expect(missing == other, at, "unlike", likeness, missing)
            if not expected.owned and name == likely[0][0]:
                sweep.expect(looked_for == looked_up, at, "looked for unlike", likeness)
                sweep.counted["alike"] += 1

    def _asked(self, thing: Thing, at: dict[str, str] | None) -> tuple[bytes, list[str]]:
        with statements(self.sweep.served.database) as noted:
            answer = self.sweep.ask(self.caller, self.operation, thing, at)
        return told(answer), noted
