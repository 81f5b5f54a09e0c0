"""Real databases for tests: SQLite files, and PostgreSQL.

PostgreSQL is the server at ``TEST_DATABASE_URL`` (whose user may make databases), or else the
newest one installed here, started in a temporary folder that only its user may enter. Its
databases sort text as Norwegians do, so that an order that hangs on the database shows.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Protocol

import psycopg
import pytest
from sqlalchemy import URL, make_url

from models.database import Database, embedded_url
from models.migrate import upgrade

KINDS = ("sqlite", "postgresql")

START_SECONDS = 60

_UNTIL_THE_PIPE_CLOSES = """
bin=$1 folder=$2
trap 'rm -rf "$folder"' EXIT
"$bin/initdb" --pgdata "$folder/data" --username postgres --auth trust --encoding UTF8 \
    --no-locale --no-sync --no-instructions || exit
"$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= -c max_connections=300 \
    -c fsync=off -c full_page_writes=off -c synchronous_commit=off &
read -r _
kill -TERM $!
kill -INT $!
wait
"""
"""The server lives as long as the pipe from the tests: however they end, it goes with them."""


class Databases(Protocol):
    """Where fresh databases come from."""

    def empty(self) -> str:
        """Make a database without tables and return its address."""

    def migrated(self) -> str:
        """Make a database with every table of this version and return its address."""

    def drop(self, url: str) -> None:
        """Remove a database, though somebody may have left it open."""


class Files:
    """SQLite files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def empty(self) -> str:
        return embedded_url(Path(tempfile.mkdtemp(dir=self._folder)))

    def migrated(self) -> str:
        url = self.empty()
        shutil.copyfile(_file(self._template), _file(url))
        return url

    def drop(self, url: str) -> None:
        shutil.rmtree(_file(url).parent)

    @cached_property
    def _template(self) -> str:
        return _upgraded(self.empty())


class Server:
    """Databases of a PostgreSQL server, named by chance: others may test there too."""

    def __init__(self, url: URL) -> None:
        self._url = url

    def empty(self) -> str:
        return self._made("template0 LOCALE_PROVIDER icu ICU_LOCALE 'nb-NO'")

    def migrated(self) -> str:
        return self._made(self._template)

    def drop(self, url: str) -> None:
        self._execute(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def close(self) -> None:
        """Remove the database that the others were copied from."""
        if "_template" in vars(self):
            self._execute(f"DROP DATABASE {self._template} WITH (FORCE)")

    @cached_property
    def _template(self) -> str:
        return str(make_url(_upgraded(self.empty())).database)

    def _made(self, template: str) -> str:
        name = f"rotations_{secrets.token_hex(6)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        with psycopg.connect(_conninfo(self._url), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def postgresql() -> Iterator[Server]:
    """Reach a PostgreSQL server, or start one; without any, skip, but never in CI."""
    with _serving() as url:
        server = Server(url)
        yield server
        server.close()


@contextmanager
def _serving() -> Iterator[URL]:
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield make_url(given).set(drivername="postgresql+psycopg")
    elif binaries := _installed():
        with _started(binaries) as url:
            yield url
    else:
        missing = "PostgreSQL is not installed, and TEST_DATABASE_URL not set"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)


def _installed() -> Path | None:
    """Return the folder of the newest PostgreSQL on this machine."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    found = debian[-1] if debian else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextmanager
def _started(binaries: Path) -> Iterator[URL]:
    # Not in pytest's folder: a server does not run as root, and nobody else may enter that one.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    user = "postgres" if os.getuid() == 0 else None
    if user:
        shutil.chown(folder, user, user)
    query = {"host": str(folder)}
    url = URL.create("postgresql+psycopg", "postgres", database="postgres", query=query)
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(
            ["sh", "-c", _UNTIL_THE_PIPE_CLOSES, "sh", binaries, folder],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=[] if user else None,
        ) as shell,
    ):
        if not _answers(url, shell):
            log.seek(0)
            pytest.fail(f"PostgreSQL did not start:\n{log.read().decode(errors='replace')}")
        yield url


def _answers(url: URL, shell: subprocess.Popen[bytes]) -> bool:
    """Wait until a server answers; False = it ended, or took too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and shell.poll() is None:
        try:
            psycopg.connect(_conninfo(url)).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return True
    return False


def _conninfo(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _file(url: str) -> Path:
    return Path(str(make_url(url).database))


def _upgraded(url: str) -> str:
    database = Database(url)
    upgrade(database)
    database.close()
    return url
