"""Whether a database answers for its audit as it keeps it: by its indexes, and by its guards.

The chain tells of the entries alone. Who edits an index hides entries from whoever asks by round
or municipality; who takes a trigger away lets the service itself change them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sqlmodel import Session, text

from models.database import is_embedded

Fault = Literal["index", "guard"]
"""An index that does not lead to every entry; a trigger that is not what it was made as."""

_ASKED_BY = ("number", "at", "actor", "organisation", "round", "municipality", "hash")
"""Columns that entries are found by."""

_REFUSAL = "BEGIN SELECT RAISE(ABORT, 'entries of the audit stand'); END"

_IN_A_FILE = {
    f"{table}_stands_{event.lower()}": f"CREATE TRIGGER {table}_stands_{event.lower()} "
    f"BEFORE {event} ON {table} {_REFUSAL}"
    for table, event in (("audit", "UPDATE"), ("audit", "DELETE"), ("audit_reasons", "UPDATE"))
}

_CALL = "FOR EACH STATEMENT EXECUTE FUNCTION audit_stands()"
_BODY = " BEGIN RAISE EXCEPTION 'entries of the audit stand'; END "

_ON_A_SERVER = {
    f"{table} audit_stands O{_BODY}": f"CREATE TRIGGER audit_stands {events} ON {table} {_CALL}"
    for table, events in (
        ("audit", "BEFORE DELETE OR UPDATE OR TRUNCATE"),
        ("audit_reasons", "BEFORE UPDATE OR TRUNCATE"),
    )
}

_TRIGGERS = """
SELECT c.relname || ' ' || t.tgname || ' ' || t.tgenabled::text || p.prosrc,
       pg_get_triggerdef(t.oid, true)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE c.relname IN ('audit', 'audit_reasons') AND NOT t.tgisinternal
  AND pg_table_is_visible(c.oid)
"""
"""Triggers of the audit: where, called what, switched on or off, with which body, and when."""


def fault(session: Session) -> Fault | None:
    """Return what is wrong with the indexes or triggers of the audit, if anything is.

    In a file every page of the audit and its indexes is looked at. On a server each index is read
    as a whole and held against the table, read without any; that its pages also lead there is a
    matter for ``pg_amcheck``.
    """
    embedded = is_embedded(session)
    guards = _IN_A_FILE if embedded else _ON_A_SERVER
    if _triggers(session) != guards:
        return "guard"
    sound = _pages_are_sound(session) if embedded else _indexes_agree(session)
    return None if sound else "index"


def _triggers(session: Session) -> Mapping[str, str]:
    in_a_file = (
        "SELECT name, sql FROM sqlite_master "
        "WHERE type = 'trigger' AND tbl_name IN ('audit', 'audit_reasons')"
    )
    rows = session.connection().exec_driver_sql(in_a_file if is_embedded(session) else _TRIGGERS)
    return {str(name): str(made) for name, made in rows}


def _pages_are_sound(session: Session) -> bool:
    return all(
        session.connection().exec_driver_sql(f"PRAGMA integrity_check('{table}')").all()
        == [("ok",)]
        for table in ("audit", "audit_reasons")
    )


def _indexes_agree(session: Session) -> bool:
    """Tell whether each index holds the values of the table: all of them, and no other."""
    return all(
        _digest(session, column, by_index=False) == _digest(session, column, by_index=True)
        for column in _ASKED_BY
    )


def _digest(session: Session, column: str, *, by_index: bool) -> tuple[object, ...]:
    """Return how many values a column has, and their sum, in whatever order they are met."""
    connection = session.connection()
    for way, kind in (("seqscan", False), ("indexscan", True), ("indexonlyscan", True)):
        setting = "on" if kind is by_index else "off"
        connection.exec_driver_sql(f"SET LOCAL enable_{way} = {setting}")
    rows = connection.execute(
        text(f"SELECT count(*), sum(hashtextextended({column}::text, 0)) FROM audit")  # noqa: S608
    )
    return tuple(rows.one())
