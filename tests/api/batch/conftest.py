"""A database for what happens alike on either kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from models.database import Database
from tests.databases import Files


@pytest.fixture
def embedded(sqlite_databases: Files) -> Iterator[Database]:
    with closing(Database(sqlite_databases.migrated())) as opened:
        yield opened
