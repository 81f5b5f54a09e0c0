"""A world to begin from again: what is changed in it is undone."""

from __future__ import annotations

import shutil
from pathlib import Path

from models.database import Database


class Kept:
    """A copy of an embedded database, which nobody else has open."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._file = Path(str(database.engine.url.database))
        self._copy = self._file.with_suffix(".kept")
        database.close()
        shutil.copyfile(self._file, self._copy)

    def restore(self) -> None:
        """Let the database be as it was."""
        self._database.close()
        shutil.copyfile(self._copy, self._file)
