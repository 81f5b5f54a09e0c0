"""The service's database: opened, and brought to this version."""

from __future__ import annotations

from api.settings import Settings
from api.solving import jobs
from models.database import Database, embedded_url
from models.migrate import upgrade


def open_database(settings: Settings) -> Database:
    """Return the database of these settings, as it is."""
    return Database(settings.database_url or embedded_url(settings.data_dir))


def prepare(database: Database) -> None:
    """Bring a database to this version; many processes may do so at once.

    Raises
    ------
    UnknownRevision
        The database is newer than this version.
    """
    upgrade(database)
    jobs.prepare(database)
