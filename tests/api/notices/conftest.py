"""An outbox, and receivers of what it holds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from models.database import Database
from tests.api.notices.catchers import Hook, Mailbox, hook_receiver, mail_server
from tests.api.notices.outboxes import Outbox
from tests.api.served import plant
from tests.databases import Files


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def hook() -> Iterator[Hook]:
    with hook_receiver() as hook:
        yield hook


@pytest.fixture
def outbox(sqlite_databases: Files) -> Iterator[Outbox]:
    """Open an outbox on SQLite alone."""
    database = Database(sqlite_databases.migrated())
    plant(database)
    yield Outbox(database)
    database.close()


@pytest.fixture
def either(database: Database) -> Outbox:
    """Open an outbox on each database."""
    plant(database)
    return Outbox(database)
