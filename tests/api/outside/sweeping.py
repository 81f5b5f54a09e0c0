"""The sweep: calls of everybody to everything, each held against what may be shown."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from httpx2 import Response
from sqlalchemy import event

from models.database import Database
from tests.api.outside import seeing
from tests.api.outside.canaries import told
from tests.api.outside.expectations import EXPECTED, Expected
from tests.api.outside.operations import Operation
from tests.api.outside.people import Caller, callers
from tests.api.outside.planted_plans import plant_world
from tests.api.outside.requests import body_for, nowhere, query_for
from tests.api.outside.world import Thing, World
from tests.api.served import Served, serving


@dataclass
class Sweep:
    """A served world with everybody in it, and a count of what was asked."""

    served: Served
    world: World
    callers: list[Caller]
    counted: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def expect(self, holds: bool, *what: object) -> None:
        """Note what does not hold, and go on."""
        if not holds:
            self.faults.append(" | ".join(map(str, what)))

    def send(
        self, caller: Caller, operation: Operation, at: Mapping[str, str], **sent: Any
    ) -> Response:
        """Send a request as it is given."""
        headers = {**caller.headers(), **sent.pop("headers", {})}
        path = operation.path.format(**at)
        self.counted["calls"] += 1
        self.counted[operation.method] += 1
        client = self.served.client
        return client.request(operation.method, path, headers=headers, **sent)

    def ask(
        self,
        caller: Caller,
        operation: Operation,
        thing: Thing | None,
        at: Mapping[str, str] | None = None,
        **headers: str,
    ) -> Response:
        """Send a request that is well formed, and hold the answer against what may be shown."""
        sent = body_for(operation, thing, self.world)
        sent["headers"] = sent.get("headers", {}) | headers
        if operation.conditional and not headers:
            sent["headers"]["If-Match"] = '"1"'
        at = (thing.at if thing else {}) if at is None else at
        response = self.send(caller, operation, at, params=query_for(operation, thing), **sent)
        self.hold(caller, operation, thing, response)
        return response

    def hold(
        self, caller: Caller, operation: Operation, thing: Thing | None, response: Response
    ) -> None:
        """Make sure that an answer shows nothing that its reader may not see."""
        at = where(caller, operation, thing)
        self.expect(response.status_code < 500, at, response.text)
        expected = EXPECTED[operation.id]
        rights = caller.rights_as(expected.roles)
        sent = f"{response.request.url} {response.request.content!r}" if expected.of else ""
        for canary in self.world.aviary.found(response):
            if response.is_success:
                self.seen.add(canary.text)
            elif canary.text in sent:
                continue  # it was said by the caller
            elsewhere = thing is not None and canary.owner.round not in {None, thing.owner.round}
            shown = canary.kind in expected.shows and seeing.may_see(rights, canary)
            self.expect(shown and not elsewhere, at, "shows", canary)

    def about(self, operation: Operation) -> list[Thing]:
        """Return every thing that an operation can be asked about."""
        kind = EXPECTED[operation.id].of
        return self.world.of(kind) if kind else []


def reaches(caller: Caller, expected: Expected, thing: Thing) -> bool:
    """Tell whether an operation lets somebody have what it is about."""
    rights = caller.rights_as(expected.roles)
    if expected.owned:
        return any(seeing.changes(right, thing.owner) for right in rights)
    kind = seeing.SEEN_AS.get(thing.kind, seeing.REGISTER)
    return any(seeing.sees(right, kind, thing.owner) for right in rights)


def likenesses(
    caller: Caller, operation: Operation, thing: Thing
) -> Iterator[tuple[dict[str, str], bool]]:
    """Yield addresses of nothing to compare with, and whether the same is looked up for each.

    Where the caller sees the round and not the part in it, the likeness names the same round.
    """
    sees_round = any(
        seeing.sees(right, seeing.ROUND, thing.traits["round_owner"])
        for right in caller.rights
        if "round_owner" in thing.traits
    )
    first = True
    for name, at in nowhere(thing, operation):
        if sees_round and name == "id":
            yield at, False
        else:
            yield at, first
            first = False


def where(caller: Caller, operation: Operation, thing: Thing | None) -> str:
    """Return what is asked by whom."""
    about = f" {thing.kind} {dict(thing.at)} of {thing.owner}" if thing else ""
    return f"{caller.name}: {operation.id}{about}"


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Note every statement sent to a database, without its values."""
    noted: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        noted.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield noted
    event.remove(database.engine, "before_cursor_execute", note)


@contextmanager
def sweeping(database: Database, folder: Path) -> Iterator[Sweep]:
    """Serve a world with everybody in it; streams end at once, as when the service stops."""
    with serving(database, folder) as served:
        world = plant_world(database)
        served.service.stopping.set()
        yield Sweep(served, world, callers(served, world))


class Kept:
    """A copy of an embedded database, to begin from again."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._file = Path(str(database.engine.url.database))
        self._copy = self._file.with_suffix(".kept")
        database.engine.dispose()
        shutil.copyfile(self._file, self._copy)

    def restore(self) -> None:
        """Let the database be as it was."""
        self._database.engine.dispose()
        beside = self._file.with_suffix(".next")
        shutil.copyfile(self._copy, beside)
        os.replace(beside, self._file)  # noqa: PTH105 - as one act
