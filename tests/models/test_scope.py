"""Who may see which rows, however they are asked for, on both databases.

What each party sees is written out in `sights`; what is asked in every way of `reaches` must be
just that, for every private table.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    delete,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlmodel import Session

import api
import models
from models.database import Database
from models.scope import (
    EVERYTHING,
    NOTHING,
    UNCONFINED,
    Scope,
    Unconfinable,
    conditions,
    confine,
    scope_of,
)
from models.tables import (
    METADATA,
    Municipality,
    Organisation,
    Plan,
    Round,
    Site,
    Transition,
    Unit,
)
from tests.databases import KINDS, Databases
from tests.models.made_up_rows import fill, municipality, region, trust
from tests.models.reaches import ALL, REACHES, Reach, asked, gotten, key, whole
from tests.models.sights import CALLED, SIGHTS

OPEN_TO_ALL = {
    "agreements",
    "municipalities",
    "organisations",
    "policies",
    "sites",
    "units",
    "windows",
}

UNSEEN = {"idempotency_keys", "sessions", "shares", "sign_in_links"}
OF_THE_SERVICE = UNSEEN | {"batches", "restored_notices", "workers"}
"""Read by no party: what the service keeps for itself."""


WHERE_TABLES_ARE_KNOWN = {
    "backup.py",
    "database.py",
    "migrate.py",
    "migrations",
    "scope.py",
    "tables",
}


@pytest.fixture(scope="module", params=KINDS)
def filled(request: pytest.FixtureRequest) -> Iterator[Database]:
    source: Databases = request.getfixturevalue(f"{request.param}_databases")
    database = Database(source.migrated())
    fill(database)
    yield database
    database.close()
    source.drop(database.url)


@pytest.mark.parametrize("party", SIGHTS)
def test_a_party_sees_its_own_and_no_more(filled: Database, party: str) -> None:
    _compare(filled, party, (whole, gotten))


@pytest.mark.parametrize("reach", REACHES, ids=lambda reach: reach.__name__)
def test_however_it_asks(filled: Database, reach: Reach) -> None:
    for party in ("a trust", "a municipality"):
        _compare(filled, party, (reach,))


def _compare(database: Database, party: str, reaches: tuple[Reach, ...]) -> None:
    scope, sight = SIGHTS[party]
    for table in CALLED:
        shown = frozenset(key(row) for row in ALL[table] if sight.shows(row))
        for reach in reaches:
            with _session(database, scope) as session:
                seen = reach(session, table)
            expected = len(shown) if isinstance(seen, int) else shown
            assert seen == expected, f"{party}, {table.__name__}, {reach.__name__}"


def test_the_service_sees_everything(filled: Database) -> None:
    for scope, options in ((EVERYTHING, {}), (NOTHING, UNCONFINED)):
        for table in CALLED:
            with _session(filled, scope) as session:
                every: Any = select(table)
                rows = session.exec(every, execution_options=options).scalars()
                assert {key(row) for row in rows} == {key(row) for row in ALL[table]}


def test_a_session_of_nobody_sees_nothing(filled: Database) -> None:
    with Session(filled.engine) as session:
        assert scope_of(session) == NOTHING
        assert [whole(session, table) for table in CALLED] == [frozenset()] * len(CALLED)


def test_every_table_is_private_or_said_to_be_open() -> None:
    private = {str(table.__tablename__) for table in CALLED}
    confined = {str(table.__tablename__) for table, _ in conditions(NOTHING)}
    assert confined == private | UNSEEN
    assert private | OPEN_TO_ALL | OF_THE_SERVICE == set(METADATA.tables)
    assert len(private) + len(OPEN_TO_ALL) + len(OF_THE_SERVICE) == len(METADATA.tables)


def test_every_row_of_the_country_is_seen_by_somebody_and_not_by_all() -> None:
    for table in CALLED:
        for row in ALL[table]:
            seen = [sight.shows(row) for _, sight in SIGHTS.values()]
            assert not all(seen)
        assert any(sight.shows(row) for row in ALL[table] for _, sight in SIGHTS.values())


@pytest.mark.parametrize(
    "statement",
    [
        text("SELECT id FROM plans"),
        select(text("id")).select_from(text("plans")),
        select(METADATA.tables["plans"]),
        select(Plan).from_statement(text("SELECT * FROM plans")),
        update(METADATA.tables["plans"]).values(incidents=1),
        delete(METADATA.tables["plan_events"]),
        insert(Transition).from_select(
            ["round", "number", "state", "moved_at", "moved_by"],
            select(Round.id, literal(9), Round.state, Round.made_at, Round.made_by),  # type: ignore[call-overload]
        ),
    ],
)
def test_what_no_scope_can_be_part_of_is_refused(filled: Database, statement: Any) -> None:
    party = Scope(municipalities=frozenset({municipality(1)}))
    with _session(filled, party) as session, pytest.raises(Unconfinable):
        session.exec(statement)
    with _session(filled, EVERYTHING) as session:
        session.exec(statement)


@pytest.mark.parametrize(
    ("scope", "owned"),
    [
        (NOTHING, ([], [], [], [])),
        (
            Scope(organisations=frozenset({trust(1)})),
            ([trust(1)], ["site1"], ["unit1"], []),
        ),
        (
            Scope(organisations=frozenset({region(1)})),
            ([trust(1), region(1)], ["site1"], ["unit1"], [municipality(1)]),
        ),
        (Scope(units=frozenset({"unit2"})), ([], [], ["unit2"], [])),
        (
            Scope(municipalities=frozenset({municipality(2)})),
            ([], [], [], [municipality(2)]),
        ),
        (Scope(candidates=frozenset({(municipality(2), "5602-1")})), ([], [], [], [])),
        (
            EVERYTHING,
            (
                [trust(1), trust(2), region(1), region(2)],
                ["site1", "site2"],
                ["unit1", "unit2"],
                [municipality(1), municipality(2)],
            ),
        ),
    ],
)
def test_who_may_change_what_all_may_read(
    filled: Database, scope: Scope, owned: tuple[list[str], ...]
) -> None:
    ways: list[tuple[Any, Callable[[Any], Any]]] = [
        (Organisation.number, scope.owns_organisation),
        (Site.id, scope.owns_site),
        (Unit.id, scope.owns_unit),
        (Municipality.number, scope.owns_municipality),
    ]
    with _session(filled, scope) as session:
        found = tuple(
            sorted(asked(session, select(column).where(owns(column))).scalars())
            for column, owns in ways
        )
    assert found == owned


def test_nobody_goes_round_the_scope_but_where_it_is_said() -> None:
    """Over a bare connection or a plain table a scope is no part of a statement."""
    ways = {"METADATA", "UNCONFINED", "__table__", "connection", "engine", "exec_driver_sql"}
    ways |= {"get_bind", "open_engine", "reader", "text", "writer"}
    folders = [Path(str(package.__file__)).parent for package in (api, models)]
    files = {
        file.relative_to(folder.parent): file for folder in folders for file in folder.rglob("*.py")
    }
    used = {
        (path.as_posix(), name)
        for path, file in files.items()
        if path.parts[1] not in WHERE_TABLES_ARE_KNOWN
        for name in ways & set(_names_used(file))
    }
    by_the_store = {(path, name) for path, name in used if path.startswith("models/store/")}
    beneath = {path for path, name in by_the_store if name != "UNCONFINED"}
    assert beneath == {"models/store/soundness.py"}, "it looks at the file, not at what rows say"
    assert used - by_the_store == {
        ("api/solving/jobs.py", "connection"),
        ("api/solving/jobs.py", "writer"),
        ("api/releasing/answering.py", "UNCONFINED"),
        ("api/routes/policies.py", "UNCONFINED"),
    }


def _names_used(file: Path) -> Iterator[str]:
    """Return what a module takes from the database's modules, or off any object."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(
            ("sqlalchemy", "models")
        ):
            yield from (each.name for each in node.names)
        if isinstance(node, ast.Attribute) and node.attr != "text":
            yield node.attr


@contextmanager
def _session(database: Database, scope: Scope) -> Iterator[Session]:
    """Open a session whose changes are taken back."""
    with Session(database.writer) as session:
        confine(session, scope)
        yield session
