"""The database fails at every point of every core change: nothing of it is left, nothing told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import Response
from sqlalchemy import MetaData
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from models.database import Database
from models.scope import EVERYTHING
from models.tables import Organisation, Placement
from tests.api.outside.arena import UNIT, Arena, approved, in_threads, list_of
from tests.api.outside.dumps import dump, every_table
from tests.api.outside.faulty import (
    HANGING_UP,
    NONSENSE,
    Fault,
    failing_commit,
    failing_statement,
)
from tests.api.routes.planned import bare, finnmark_plan
from tests.api.served import ALTA, FINNMARK
from tests.databases import THOROUGH, Databases, mostly
from tests.small_rounds import small_round

LIST = f"/municipalities/{ALTA}/requests"
VACANCY = {"opens": "2027-08-01", "closes": "2028-02-01", "positions": 1}

LEAST_POINTS = {"commit": 1, "statement": 4, "connection": 4}
"""Points at which every change is made to fail, at least."""

STEPS = {"commit": 1, "statement": 1, "connection": 1 if THOROUGH else 3}
"""From each point to the next: a lost connection is met where a failed statement is."""


@dataclass(frozen=True)
class Change:
    """A core change, ready to be made once."""

    role: str
    method: str
    path: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    key: str = field(default_factory=lambda: uuid4().hex)

    def make(self, arena: Arena) -> Response:
        """Send it, each time with the same key."""
        headers = {"Authorization": f"Bearer {arena.token(self.role)}", "Idempotency-Key": self.key}
        client, path = arena.clients[0], f"/v1{self.path}"
        return client.request(self.method, path, headers=headers | self.headers, json=self.body)


def _first_list(arena: Arena) -> Change:
    path = arena.opened() + LIST
    return Change("coordinator", "PUT", path, list_of(1), {"If-None-Match": "*"})


def _next_list(arena: Arena) -> Change:
    first = _first_list(arena)
    arena.done("coordinator", "PUT", first.path, first.body, If_None_Match="*")
    return Change("coordinator", "PUT", first.path, list_of(2), {"If-Match": '"1"'})


def _lock(arena: Arena) -> Change:
    list_ = _first_list(arena)
    arena.done("coordinator", "PUT", list_.path, list_.body, If_None_Match="*")
    round_ = list_.path.removesuffix(LIST)
    return Change("planner", "POST", f"{round_}/lock", None, {"If-Match": arena.tag(round_)})


def _reopen(arena: Arena) -> Change:
    round_, reason = arena.locked(), {"reason": "Et foretak har trukket en stilling"}
    return Change("planner", "POST", f"{round_}/reopen", reason, {"If-Match": arena.tag(round_)})


def _plan(arena: Arena) -> Change:
    return Change("planner", "POST", f"{arena.locked()}/plans", {"seconds": 60})


def _publish(arena: Arena) -> Change:
    """With offers, notices and a placement that was held before."""
    (plan,) = approved(arena, 1)
    with arena.database.writing(EVERYTHING) as session:
        for placement in session.exec(select(Placement)):
            placement.state = "cancelled"  # of rounds before this one
    return Change("planner", "POST", f"{plan}/publish", None, {"If-Match": '"2"'})


def _void(arena: Arena) -> Change:
    publish = _publish(arena)
    done = arena.done("planner", "POST", publish.path, If_Match='"2"')
    tag = {"If-Match": done.headers["etag"]}
    path = publish.path.replace("/publish", "/void")
    return Change("planner", "POST", path, {"reason": "Feil plan"}, tag)


def _republish(arena: Arena) -> Change:
    """After a declined offer: one is replaced, the others are kept."""
    first = _publish(arena)
    round_ = arena.done("planner", "POST", first.path, If_Match='"2"').json()["round"]
    own, everybodys = (
        arena.done(role, "GET", f"/offers?limit=200&round={round_}").json()["items"]
        for role in ("coordinator", "planner")
    )
    declined, replaced = own
    assert len(everybodys) > len(own), "nothing is kept"
    arena.done("coordinator", "POST", f"/offers/{declined['id']}/decline", If_Match='"1"')
    address = f"/rounds/{round_}"
    why, tag = {"reason": "En har takket nei"}, arena.tag(address)
    arena.done("planner", "POST", f"{address}/replan", why, If_Match=tag)
    plan = bare(finnmark_plan())
    plan["round"] = arena.done("planner", "GET", address).json()["label"]
    gone = {declined["candidate"], replaced["candidate"]}
    plan["placements"] = [each for each in plan["placements"] if each["candidate"] not in gone]
    made = arena.done("planner", "POST", f"{address}/plans/hand", plan).headers["location"]
    path = made.removeprefix("/v1")
    arena.done("approver", "POST", f"{path}/approve", If_Match='"1"')
    return Change("planner", "POST", f"{path}/publish", None, {"If-Match": '"2"'})


def _void_again(arena: Arena) -> Change:
    """What was replaced is open again."""
    publish = _republish(arena)
    done = arena.done("planner", "POST", publish.path, If_Match='"2"')
    path = publish.path.replace("/publish", "/void")
    tag = {"If-Match": done.headers["etag"]}
    return Change("planner", "POST", path, {"reason": "Feil plan"}, tag)


def _accept(arena: Arena) -> Change:
    publish = _publish(arena)
    done = arena.done("planner", "POST", publish.path, If_Match='"2"')
    asked = f"/offers?limit=200&round={done.json()['round']}"
    offer = arena.done("coordinator", "GET", asked).json()["items"][0]["id"]
    return Change("coordinator", "POST", f"/offers/{offer}/accept", None, {"If-Match": '"1"'})


def _window(arena: Arena) -> Change:
    made = arena.done("unit_leader", "POST", f"/units/{UNIT}/windows", VACANCY)
    path = made.headers["location"].removeprefix("/v1")
    return Change("unit_leader", "PUT", path, VACANCY | {"positions": 2}, {"If-Match": '"1"'})


def _grant(arena: Arena) -> Change:
    right = {"issuer": "https://issuer.example", "subject": f"person-{next(arena.numbers)}"}
    right |= {"role": "coordinator", "municipality": ALTA, "organisation": FINNMARK}
    return Change("administrator", "POST", "/grants", right)


def _import(arena: Arena) -> Change:
    document = small_round(0)
    document["round"]["id"] = f"import-{next(arena.numbers)}"
    return Change("planner", "POST", f"/rounds/import?organisation={FINNMARK}", document)


CHANGES: dict[str, Callable[[Arena], Change]] = {
    "put_requests, the first list": _first_list,
    "put_requests, the next list": _next_list,
    "lock_round": _lock,
    "reopen_round": _reopen,
    "create_plan": _plan,
    "accept_offer": _accept,
    "put_window": _window,
    "create_grant": _grant,
    "import_round": _import,
}

PUBLICATIONS: dict[tuple[str, str], Callable[[Arena], Change]] = {
    ("postgresql", "publish_plan"): _publish,
    ("postgresql", "void_plan"): _void,
    ("sqlite", "publish_plan, after another"): _republish,
    ("sqlite", "void_plan, after another"): _void_again,
}
"""Of very many statements: the first one is made to fail on a server, what follows in a file."""


@pytest.fixture(scope="module", params=mostly("postgresql"))
def arena(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Arena]:
    source: Databases = request.getfixturevalue(f"{request.param}_databases")
    url = source.migrated()
    with in_threads(url, tmp_path_factory.mktemp("faults"), queued=True) as found:
        yield found
    source.drop(url)


@pytest.fixture(scope="module")
def tables(arena: Arena) -> MetaData:
    found = every_table(arena.database)
    assert any("workflow_status" in name for name in found.tables), "the queue is not among them"
    return found


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_that_fails_leaves_nothing(arena: Arena, tables: MetaData, name: str) -> None:
    """Wherever it fails; and when nothing fails any more, it is done as if nothing had."""
    _fail_everywhere(arena, tables, name, CHANGES[name])


@pytest.mark.parametrize(("arena", "name"), PUBLICATIONS, indirect=["arena"])
def test_a_publication_that_fails_leaves_nothing(arena: Arena, tables: MetaData, name: str) -> None:
    (prepared,) = (made for (_, known), made in PUBLICATIONS.items() if known == name)
    _fail_everywhere(arena, tables, name, prepared)


def _fail_everywhere(
    arena: Arena, tables: MetaData, name: str, prepared: Callable[[Arena], Change]
) -> None:
    database = arena.database
    for fault, failing in _faults(database).items():
        change = prepared(arena)
        arena.token(change.role)
        before = dump(database, tables)
        for n in count(1, STEPS[fault]):
            points = n
            with failing(n) as planted:
                answer = change.make(arena)
            if not planted.happened:
                break
            assert answer.status_code in {500, 503}, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json().keys() <= {"type", "title", "status", "code", "incident"}
            assert "planted" not in answer.text
            assert dump(database, tables) == before, f"{name}: {fault} {n}"
        assert points > LEAST_POINTS[fault]
        assert answer.is_success, answer.text
        assert "idempotency-replayed" not in answer.headers
        assert dump(database, tables) != before


def test_a_commit_that_fails_keeps_nobody_out(database: Database) -> None:
    """SQLite leaves the transaction open then, and its lock with it."""

    def registered() -> Organisation:
        return Organisation(number=FINNMARK, name="Foretak", kind="HF", trust="finnmark")

    def fail() -> None:
        with failing_commit(database, 1), database.writing(EVERYTHING) as session:
            session.add(registered())

    with pytest.raises(OperationalError):
        fail()
    others = Database(database.url)
    with others.writing(EVERYTHING) as session:
        assert session.get(Organisation, FINNMARK) is None
        session.add(registered())
    others.close()
    with database.writing(EVERYTHING) as session:
        assert session.get(Organisation, FINNMARK) is not None


def _faults(database: Database) -> dict[str, Callable[[int], AbstractContextManager[Fault]]]:
    """Return what can go wrong; a file has no connection that could be lost."""
    statements = {"statement": NONSENSE}
    if not database.embedded:
        statements["connection"] = HANGING_UP
    return {
        "commit": partial(failing_commit, database),
        **{
            name: partial(failing_statement, database, instead=instead)
            for name, instead in statements.items()
        },
    }
