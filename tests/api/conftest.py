"""A service for tests that look at what no database changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.solving.jobs import Jobs, prepare
from models.database import Database
from tests.api.running import Site, end
from tests.api.served import Served, serving
from tests.databases import Files, alternating

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run what is about the service on one kind of database each; the store has tests on both."""
    own = [item for item in items if item.path.is_relative_to(HERE)]
    _, left = alternating(own)
    if left:
        config.hook.pytest_deselected(items=left)
        out = set(left)
        items[:] = [item for item in items if item not in out]


@pytest.fixture
def embedded(sqlite_databases: Files, tmp_path: Path) -> Iterator[Served]:
    """Serve a fresh database with a small register, on SQLite alone."""
    database = Database(sqlite_databases.migrated())
    with serving(database, tmp_path / "var") as running:
        yield running
    database.close()


@pytest.fixture
def worked(database: Database, tmp_path: Path) -> Iterator[Served]:
    """Serve a database that a worker process works on."""
    prepare(database)
    site = Site(tmp_path, {"DATABASE_URL": database.url, "ROTATIONS_DATA_DIR": str(tmp_path)})
    worker = site.start("worker")
    with serving(database, tmp_path, Jobs(database)) as running:
        yield running
    end(worker)
