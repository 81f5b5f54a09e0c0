"""Databases for every test that asks for one, each test its own; garbage is sought seldom."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from models.database import Database
from tests.databases import KINDS, Databases, Files, Server, postgresql, sqlite

if TYPE_CHECKING:
    from tests.api.served import Served


SELDOM = (10_000, 10, 10)
"""After how many new things garbage is sought: every 700, as usual, takes a sixth of the time."""


def pytest_collectstart() -> None:
    """Seek no garbage while tests are collected: hardly anything of that is any."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Seek garbage among what the tests make, and not again in all that was there before."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
    gc.enable()


@pytest.fixture(scope="session")
def sqlite_databases() -> Iterator[Files]:
    with sqlite() as files:
        yield files


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[Server]:
    with postgresql() as server:
        yield server


@pytest.fixture(params=KINDS)
def databases(request: pytest.FixtureRequest) -> Databases:
    """Where fresh databases of one kind come from."""
    source: Databases = request.getfixturevalue(f"{request.param}_databases")
    return source


@pytest.fixture
def empty_url(databases: Databases) -> Iterator[str]:
    """Address of a database without tables."""
    url = databases.empty()
    yield url
    databases.drop(url)


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """Address of a migrated database without rows."""
    url = databases.migrated()
    yield url
    databases.drop(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Open a migrated database without rows."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def served(database: Database, tmp_path: Path) -> Iterator[Served]:
    """Serve a fresh database with a small register."""
    from tests.api.served import serving  # most tests need no service

    with serving(database, tmp_path) as running:
        yield running
