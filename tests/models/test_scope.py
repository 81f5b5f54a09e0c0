"""Who may see which rows, however they are asked for, on both databases.

What each party sees is written out in `SIGHTS`; what is asked in every way of `REACHES` must be
just that, for every private table.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    String,
    cast,
    delete,
    exists,
    func,
    insert,
    inspect,
    literal,
    select,
    text,
    true,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel

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
    Commitment,
    Grant,
    Municipality,
    Organisation,
    Participation,
    Plan,
    PlanEvent,
    Round,
    Site,
    Snapshot,
    Standing,
    Submission,
    Supervisor,
    Transition,
    Unit,
)
from tests.databases import KINDS, Databases
from tests.models.made_up_rows import every_row, fill, municipality, region, trust

_ORGANISATION: Any = Organisation
"""As the query language sees it."""

Keys = frozenset[tuple[Any, ...]]
Table = type[SQLModel]

OPEN_TO_ALL = {
    "agreements",
    "municipalities",
    "organisations",
    "policies",
    "sites",
    "units",
    "windows",
}

OF_THE_SERVICE = {"idempotency_keys", "workers"}
"""Read by no party: what the service keeps for itself."""


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What a party sees: by id, or by the round for rows that have none of their own."""

    rounds: str = ""
    participations: str = ""
    submissions: str = ""
    desk: str = ""
    plans: str = ""
    supervisors: str = ""
    grants: str = ""

    def shows(self, row: SQLModel) -> bool:
        """Tell whether a row is seen."""
        part, name = _CALLED[type(row)]
        return name.format(row) in getattr(self, part).split()


_CALLED: dict[Table, tuple[str, str]] = {
    Round: ("rounds", "{0.id}"),
    Transition: ("rounds", "{0.round}"),
    Participation: ("participations", "{0.round}-{0.municipality}"),
    Submission: ("submissions", "{0.id}"),
    Standing: ("submissions", "{0.round}-{0.municipality}"),
    Commitment: ("desk", "{0.round}"),
    Snapshot: ("desk", "{0.round}"),
    Plan: ("plans", "{0.id}"),
    PlanEvent: ("plans", "{0.plan}"),
    Supervisor: ("supervisors", "{0.id}"),
    Grant: ("grants", "{0.id}"),
}
"""Private table → the part of a sight that speaks of its rows, and what a row is called there."""

_TRUST = Sight(
    rounds="open1 draft1",
    participations="open1-5601 open1-5602 draft1-5601",
    submissions="open1-5601 open1-5602 draft1-5601",
    desk="open1 draft1",
    plans="open1-published open1-kept draft1-published draft1-kept",
    supervisors="supervisor1",
    grants="grant1",
)

SIGHTS: dict[str, tuple[Scope, Sight]] = {
    "nobody": (NOTHING, Sight()),
    "a trust": (Scope(organisations=frozenset({trust(1)})), _TRUST),
    "a region": (
        Scope(organisations=frozenset({region(1)})),
        Sight(
            rounds="open1 draft1 regional1",
            participations="open1-5601 open1-5602 draft1-5601 regional1-5601",
            submissions="open1-5601 open1-5602 draft1-5601 regional1-5601",
            desk="open1 draft1 regional1",
            plans="open1-published open1-kept draft1-published draft1-kept "
            "regional1-published regional1-kept",
            supervisors="supervisor1",
            grants="grant1",
        ),
    ),
    "a unit": (
        Scope(units=frozenset({"unit1"})),
        Sight(
            rounds="open1 draft1 regional1",
            plans="open1-published draft1-published regional1-published",
        ),
    ),
    "a municipality": (
        Scope(municipalities=frozenset({municipality(1)})),
        Sight(
            rounds="open1 regional1",
            participations="open1-5601 draft1-5601 regional1-5601",
            submissions="open1-5601 draft1-5601 regional1-5601",
            plans="open1-published regional1-published",
            supervisors="supervisor1",
        ),
    ),
    "a guest": (
        Scope(municipalities=frozenset({municipality(2)})),
        Sight(
            rounds="open1 open2 regional2",
            participations="open1-5602 open2-5602 draft2-5602 regional2-5602",
            submissions="open1-5602 open2-5602 draft2-5602 regional2-5602",
            plans="open1-published open2-published regional2-published",
            supervisors="supervisor2",
        ),
    ),
    "a candidate": (
        Scope(candidates=frozenset({(municipality(1), "5601-1")})),
        Sight(
            rounds="open1 regional1",
            participations="open1-5601 draft1-5601 regional1-5601",
            plans="open1-published regional1-published",
        ),
    ),
    "a stranger": (
        Scope(
            organisations=frozenset({"911111111"}),
            units=frozenset({"unit9"}),
            municipalities=frozenset({"9999"}),
            candidates=frozenset({("9999", "9999-1")}),
        ),
        Sight(),
    ),
}

ALL: dict[Table, list[SQLModel]] = {
    table: [row for row in every_row() if isinstance(row, table)] for table in _CALLED
}

Reach = Callable[[Session, Table], "Keys | int"]


def whole(session: Session, table: Table) -> Keys:
    return frozenset(_key(row) for row in _asked(session, select(table)).scalars())


def columns(session: Session, table: Table) -> Keys:
    return _found(session, select(*_names(table)))


def gotten(session: Session, table: Table) -> Keys:
    return frozenset(_key(row) for row in ALL[table] if session.get(table, _key(row)))


def counted(session: Session, table: Table) -> int:
    return int(_asked(session, select(func.count()).select_from(table)).scalar_one())


def counted_by_column(session: Session, table: Table) -> int:
    return int(_asked(session, select(func.count(_names(table)[0]))).scalar_one())


def counted_in_a_column(session: Session, table: Table) -> int:
    number = select(func.count()).select_from(table).scalar_subquery()
    return int(_asked(session, _carrier(number)).one()[1])


def by_alias(session: Session, table: Table) -> Keys:
    return _found(session, select(*_names(aliased(table))))


def in_a_subquery(session: Session, table: Table) -> Keys:
    inner = select(table).subquery()
    return _found(session, select(*(inner.c[name.key] for name in _names(table))))


def by_alias_of_a_subquery(session: Session, table: Table) -> Keys:
    return _found(session, select(*_names(aliased(table, select(table).subquery()))))


def in_a_cte(session: Session, table: Table) -> Keys:
    return _found(session, select(select(*_names(table)).cte()))


def in_a_union(session: Session, table: Table) -> Keys:
    one, other = select(*_names(table)), select(*_names(aliased(table)))
    return _found(session, union_all(one, other))


def joined(session: Session, table: Table) -> Keys:
    return _found(
        session, _carrier(*_names(table)).join(table, true()).with_only_columns(*_names(table))
    )


def joined_if_there(session: Session, table: Table) -> Keys:
    rows = _asked(session, _carrier(*_names(table)).outerjoin(table, true()))
    return frozenset(tuple(key) for _, *key in rows) - {(None,) * len(_names(table))}


def existing(session: Session, table: Table) -> Keys:
    flags = [exists().where(_is(table, row)) for row in ALL[table]]
    _, *seen = _asked(session, _carrier(*flags)).one()
    return frozenset(_key(row) for row, flag in zip(ALL[table], seen, strict=True) if flag)


def counted_in_a_change(session: Session, table: Table) -> int:
    """How many rows a change of another tells of, that everybody may see."""
    number = select(func.count()).select_from(table).scalar_subquery()
    change = update(Organisation).where(_is_trust_1(), number >= 0)
    told = change.values(name=cast(number, String)).returning(_ORGANISATION.name)
    return int(_asked(session, told).scalar_one())


def changed(session: Session, table: Table) -> Keys:
    same = {name.key: name for name in _names(table)}
    return _found(session, update(table).values(same).returning(*_names(table)))


def removed(session: Session, table: Table) -> Keys:
    _let_rows_dangle(session)
    return _found(session, delete(table).returning(*_names(table)))


REACHES: tuple[Reach, ...] = (
    whole,
    columns,
    gotten,
    counted,
    counted_by_column,
    counted_in_a_column,
    by_alias,
    in_a_subquery,
    by_alias_of_a_subquery,
    in_a_cte,
    in_a_union,
    joined,
    joined_if_there,
    existing,
    counted_in_a_change,
    changed,
    removed,
)


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
    for table in _CALLED:
        shown = frozenset(_key(row) for row in ALL[table] if sight.shows(row))
        for reach in reaches:
            with _session(database, scope) as session:
                seen = reach(session, table)
            expected = len(shown) if isinstance(seen, int) else shown
            assert seen == expected, f"{party}, {table.__name__}, {reach.__name__}"


def test_the_service_sees_everything(filled: Database) -> None:
    for scope, options in ((EVERYTHING, {}), (NOTHING, UNCONFINED)):
        for table in _CALLED:
            with _session(filled, scope) as session:
                asked: Any = select(table)
                rows = session.exec(asked, execution_options=options).scalars()
                assert {_key(row) for row in rows} == {_key(row) for row in ALL[table]}


def test_a_session_of_nobody_sees_nothing(filled: Database) -> None:
    with Session(filled.engine) as session:
        assert scope_of(session) == NOTHING
        assert [whole(session, table) for table in _CALLED] == [frozenset()] * len(_CALLED)


def test_every_table_is_private_or_said_to_be_open() -> None:
    private = {str(table.__tablename__) for table in _CALLED}
    assert private == {str(table.__tablename__) for table, _ in conditions(NOTHING)}
    assert private | OPEN_TO_ALL | OF_THE_SERVICE == set(METADATA.tables)
    assert len(private) + len(OPEN_TO_ALL) + len(OF_THE_SERVICE) == len(METADATA.tables)


def test_every_row_of_the_country_is_seen_by_somebody_and_not_by_all() -> None:
    for table in _CALLED:
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
    asked: list[tuple[Any, Callable[[Any], Any]]] = [
        (Organisation.number, scope.owns_organisation),
        (Site.id, scope.owns_site),
        (Unit.id, scope.owns_unit),
        (Municipality.number, scope.owns_municipality),
    ]
    with _session(filled, scope) as session:
        found = tuple(
            sorted(_asked(session, select(column).where(owns(column))).scalars())
            for column, owns in asked
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
        if path.parts[1] not in ("database.py", "migrate.py", "migrations", "scope.py", "tables")
        for name in ways & set(_names_used(file))
    }
    by_the_store = {(path, name) for path, name in used if path.startswith("models/store/")}
    assert {name for _, name in by_the_store} <= {"UNCONFINED"}
    assert used - by_the_store == {
        ("api/jobs.py", "connection"),
        ("api/jobs.py", "writer"),
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


def _asked(session: Session, statement: Any) -> Any:
    return session.exec(statement)


def _found(session: Session, statement: Any) -> Keys:
    return frozenset(tuple(row) for row in _asked(session, statement))


def _names(entity: Any) -> list[Any]:
    """Return the columns that tell a row from others."""
    mapper = inspect(entity).mapper
    return [getattr(entity, column.key) for column in mapper.primary_key]


def _key(row: SQLModel) -> tuple[Any, ...]:
    return tuple(getattr(row, name.key) for name in _names(type(row)))


def _is(table: Table, row: SQLModel) -> Any:
    return tuple_(*_names(table)) == tuple_(*_key(row))


def _is_trust_1() -> Any:
    return _ORGANISATION.number == trust(1)


def _carrier(*columns: Any) -> Any:
    """Return a query for one row that everybody may see, with some columns beside."""
    return select(_ORGANISATION.number, *columns).where(_is_trust_1())


def _let_rows_dangle(session: Session) -> None:
    """Have foreign keys asked about at the end only, which does not come."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    session.connection().exec_driver_sql(
        "PRAGMA defer_foreign_keys=ON" if sqlite else "SET LOCAL session_replication_role = replica"
    )
