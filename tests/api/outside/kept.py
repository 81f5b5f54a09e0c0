"""A world to begin from again: what is changed in it is undone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg

from models.database import Database


class Kept:
    """A copy of a database that nobody else has open."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._copied: Callable[[str, str], object] = (
            shutil.copyfile if database.embedded else self._made_anew
        )
        self._name = str(database.engine.url.database)
        self._kept = f"{Path(self._name).with_suffix('')}_kept"
        database.close()
        self._copied(self._name, self._kept)

    def restore(self) -> None:
        """Let the database be as it was."""
        self._database.close()
        self._copied(self._kept, self._name)

    def _made_anew(self, source: str, target: str) -> None:
        """Copy one database of a server over another."""
        self._dropped(target)
        self._execute(f"CREATE DATABASE {target} TEMPLATE {source}")

    def _dropped(self, name: str) -> None:
        self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        server = self._database.engine.url.set(drivername="postgresql", database="postgres")
        address = server.render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())

    def close(self) -> None:
        """Remove the copy from a server; a file goes with its folder."""
        if not self._database.embedded:
            self._dropped(self._kept)
