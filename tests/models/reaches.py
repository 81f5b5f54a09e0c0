"""Every way to ask for the rows of a table, each giving their keys, or how many there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    String,
    cast,
    delete,
    exists,
    func,
    inspect,
    select,
    true,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel

from models.tables import Organisation, Participation, Round
from tests.models.made_up_rows import every_row, trust
from tests.models.sights import CALLED, Table

Keys = frozenset[tuple[Any, ...]]

_ORGANISATION: Any = Organisation
"""As the query language sees it."""

ALL: dict[Table, list[SQLModel]] = {
    table: [row for row in every_row() if isinstance(row, table)] for table in CALLED
}

Reach = Callable[[Session, Table], "Keys | int"]


def whole(session: Session, table: Table) -> Keys:
    return frozenset(key(row) for row in asked(session, select(table)).scalars())


def columns(session: Session, table: Table) -> Keys:
    return _found(session, select(*_names(table)))


def gotten(session: Session, table: Table) -> Keys:
    return frozenset(key(row) for row in ALL[table] if session.get(table, key(row)))


def counted(session: Session, table: Table) -> int:
    return int(asked(session, select(func.count()).select_from(table)).scalar_one())


def counted_by_column(session: Session, table: Table) -> int:
    return int(asked(session, select(func.count(_names(table)[0]))).scalar_one())


def counted_in_a_column(session: Session, table: Table) -> int:
    number = select(func.count()).select_from(table).scalar_subquery()
    return int(asked(session, _carrier(number)).one()[1])


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
    rows = asked(session, _carrier(*_names(table)).outerjoin(table, true()))
    return frozenset(tuple(key) for _, *key in rows) - {(None,) * len(_names(table))}


def beside_another(session: Session, table: Table) -> Keys:
    """Rows beside those of a private table that others' conditions look into."""
    other = Participation if table is Round else Round
    return _found(session, select(*_names(table)).select_from(other).join(table, true()))


def existing(session: Session, table: Table) -> Keys:
    flags = [exists().where(_is(table, row)) for row in ALL[table]]
    _, *seen = asked(session, _carrier(*flags)).one()
    return frozenset(key(row) for row, flag in zip(ALL[table], seen, strict=True) if flag)


def counted_in_a_change(session: Session, table: Table) -> int:
    """How many rows a change of another tells of, that everybody may see."""
    number = select(func.count()).select_from(table).scalar_subquery()
    change = update(Organisation).where(_is_trust_1(), number >= 0)
    told = change.values(name=cast(number, String)).returning(_ORGANISATION.name)
    return int(asked(session, told).scalar_one())


def changed(session: Session, table: Table) -> Keys:
    _let_anything_be_done(session)
    same = {name.key: name for name in _names(table)}
    return _found(session, update(table).values(same).returning(*_names(table)))


def removed(session: Session, table: Table) -> Keys:
    _let_anything_be_done(session)
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
    beside_another,
    existing,
    counted_in_a_change,
    changed,
    removed,
)


def asked(session: Session, statement: Any) -> Any:
    return session.exec(statement)


def _found(session: Session, statement: Any) -> Keys:
    return frozenset(tuple(row) for row in asked(session, statement))


def _names(entity: Any) -> list[Any]:
    """Return the columns that tell a row from others."""
    mapper = inspect(entity).mapper
    return [getattr(entity, column.key) for column in mapper.primary_key]


def key(row: SQLModel) -> tuple[Any, ...]:
    return tuple(getattr(row, name.key) for name in _names(type(row)))


def _is(table: Table, row: SQLModel) -> Any:
    return tuple_(*_names(table)) == tuple_(*key(row))


def _is_trust_1() -> Any:
    return _ORGANISATION.number == trust(1)


def _carrier(*columns: Any) -> Any:
    """Return a query for one row that everybody may see, with some columns beside."""
    return select(_ORGANISATION.number, *columns).where(_is_trust_1())


def _let_anything_be_done(session: Session) -> None:
    """Let entries of the audit go, and rows refer to nothing, until the session is taken back."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for event in ("update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER audit_stands_{event}")
        connection.exec_driver_sql("DROP TRIGGER audit_reasons_stands_update")
    else:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
