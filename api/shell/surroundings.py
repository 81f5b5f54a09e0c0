"""What stands around a command of the service: its options, settings, and what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.shell.reporting import reported
from data.sentences import Language

if TYPE_CHECKING:
    from api.settings import Settings

Spoken = Annotated[Language, typer.Option("--language", help="Language of what people read.")]
Folder = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Folder of database and key [ROTATIONS_DATA_DIR, or ./var]."),
]


@contextmanager
def served(language: Language, data_dir: Path | None) -> Iterator[Settings]:
    """Return the settings of the service; log, and report what goes wrong, as it does."""
    with reported(language):
        import os

        from api.running.logs import configure
        from api.shell.troubles import explained, read_settings

        os.umask(0o077)
        configure()
        with explained():
            yield read_settings(data_dir)
