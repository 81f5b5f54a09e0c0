"""The sweep: calls of everybody to everything, each held against what may be shown."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest
from httpx2 import ASGITransport, AsyncClient, Response
from sqlalchemy import event

from models.database import Database
from tests.api.outside import seeing
from tests.api.outside.canaries import Canary
from tests.api.outside.expectations import EXPECTED, Expected
from tests.api.outside.operations import Operation
from tests.api.outside.people import Caller, callers
from tests.api.outside.planted_plans import plant_world
from tests.api.outside.requests import body_for, nowhere, query_for
from tests.api.outside.world import Thing, World
from tests.api.served import FINNMARK, Served, serving

LISTED = ("part", "list", "receipt")
"""Things that hold a municipality's list."""


@dataclass
class Sweep:
    """A served world with everybody in it, and a count of what was asked.

    Attributes
    ----------
    seen
        Planted strings that somebody was rightly shown.
    faults
        What did not hold.
    """

    served: Served
    world: World
    callers: list[Caller]
    client: AsyncClient
    runner: asyncio.Runner
    counted: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def called(self, name: str) -> Caller:
        """Return somebody by name."""
        (caller,) = (each for each in self.callers if each.name == name)
        return caller

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
        return self.runner.run(self.client.request(operation.method, path, headers=headers, **sent))

    def ask(
        self,
        caller: Caller,
        operation: Operation,
        thing: Thing | None,
        at: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send a request that is well formed, and hold the answer against what may be shown.

        Parameters
        ----------
        at
            Names for the address in place of the thing's own.
        headers
            Preconditions and keys; by default that the thing is as it was planted.
        """
        sent = body_for(operation, thing, self.world)
        usual = {"If-Match": '"1"'} if operation.conditional else {}
        sent["headers"] = {**sent.get("headers", {}), **(usual if headers is None else headers)}
        query = query_for(operation)
        if operation.id == "get_plan_diff" and thing is not None:
            query["against"] = self._other_plan(caller, thing).at["id"]
        at = (thing.at if thing else {}) if at is None else at
        response = self.send(caller, operation, at, params=query, **sent)
        self.hold(caller, operation, thing, response)
        return response

    def _other_plan(self, caller: Caller, thing: Thing) -> Thing:
        """Return a plan that somebody may compare with another, by preference of another round."""
        seen = [
            plan
            for plan in self.world.of("plan")
            if plan.traits["state"] == "completed"
            and reaches(caller, EXPECTED["get_plan_diff"], plan)
        ]
        return max(seen, key=lambda plan: plan.owner.round != thing.owner.round, default=thing)

    def hold(
        self, caller: Caller, operation: Operation, thing: Thing | None, response: Response
    ) -> None:
        """Make sure that an answer shows nothing that its reader may not see."""
        at = where(caller, operation, thing)
        self.expect(response.status_code < 500, at, response.status_code, response.text[:200])
        request = response.request
        said = f"{request.url} {request.content!r}" if not response.is_success else ""
        for canary in self.world.aviary.found(response):
            if canary.text in said:
                continue
            self.seen.add(canary.text)
            # What is compared with another round's plan tells of that round, too.
            one = thing.owner.round if thing else None
            here = one is None or canary.owner.round in {None, one}
            elsewhere = not here and operation.id != "get_plan_diff"
            shown = self._is_shown(caller, operation, thing, canary) and not elsewhere
            self.expect(shown, at, "shows", canary)

    def _is_shown(
        self, caller: Caller, operation: Operation, thing: Thing | None, canary: Canary
    ) -> bool:
        expected = EXPECTED[operation.id]
        rights = caller.rights_as(expected.roles)
        if operation.id in {"list_grants", "get_grant"} and canary.kind == seeing.CANDIDATE:
            # Who gives a candidate her right names her; these were given by Finnmark.
            return any(seeing.covers(right, {FINNMARK}) for right in rights)
        if canary.kind == seeing.SUPERVISOR and thing is not None and thing.kind in LISTED:
            # Whoever reads a list reads whom it names, though no more of them.
            return canary.owner.municipality == thing.owner.municipality
        if canary.kind not in expected.shows:
            return False
        if expected.of == "handover" and any(seeing.takes_over(r, canary.owner) for r in rights):
            return True
        return seeing.may_see(rights, canary)

    def about(self, operation: Operation) -> list[Thing]:
        """Return what an operation is to be asked about; of what all may read, two suffice."""
        expected = EXPECTED[operation.id]
        things = self.world.of(expected.of) if expected.of else []
        guarded = expected.owned or (things and things[0].kind in seeing.SEEN_AS)
        return things if guarded else [*things[:1], *things[1:][-1:]]


def reaches(caller: Caller, expected: Expected, thing: Thing) -> bool:
    """Tell whether an operation lets somebody have what it is about."""
    rights = caller.rights_as(expected.roles)
    if expected.owned:
        return any(seeing.changes(right, thing.owner) for right in rights)
    kind = seeing.SEEN_AS.get(thing.kind, seeing.REGISTER)
    return any(seeing.sees(right, kind, thing.owner) for right in rights)


def likenesses(
    caller: Caller, operation: Operation, thing: Thing
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield addresses of nothing that must be answered as another's thing is, and what they are.

    The first is one for which the same must be looked up. Where the caller sees a round, and not
    the part in it, that names the same round.
    """
    rights = caller.rights_as(EXPECTED[operation.id].roles)
    round_ = thing.traits.get("round")
    found = list(nowhere(thing, operation))
    if round_ and any(seeing.sees(right, seeing.ROUND, round_) for right in rights):
        found.reverse()
    yield from found


def where(caller: Caller, operation: Operation, thing: Thing | None) -> str:
    """Return what is asked by whom."""
    about = f" {thing.kind} {dict(thing.at)}" if thing else ""
    return f"{caller.name}: {operation.id}{about}"


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Note every statement sent to a database, without its values.

    Whether a connection has to be told what it is for hangs on who had it before.
    """
    noted: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("PRAGMA query_only"):
            noted.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield noted
    event.remove(database.engine, "before_cursor_execute", note)


def _unsafe(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


async def _at_once(handler: Callable[..., Any], *given: Any, **_: Any) -> Any:
    return handler(*given)


@contextmanager
def sweeping(database: Database, folder: Path) -> Iterator[Sweep]:
    """Serve a world with everybody in it; streams end at once, as when the service stops.

    There are thousands of requests, and one at a time: no thread is between them and the handlers.
    """
    with (
        serving(database, folder) as served,
        asyncio.Runner() as runner,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(anyio.to_thread, "run_sync", _at_once)
        if database.embedded:  # every reading of people is written down, and no power fails here
            event.listen(database.engine, "connect", _unsafe)
            database.close()
        world = plant_world(database)
        served.service.stopping.set()
        transport = ASGITransport(served.app, raise_app_exceptions=False)
        client = AsyncClient(transport=transport, base_url="http://testserver")
        yield Sweep(served, world, callers(served, world), client, runner)
        runner.run(client.aclose())
