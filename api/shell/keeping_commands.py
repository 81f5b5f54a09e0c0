"""Commands that keep what the service knows: ``rotations backup | restore``."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.failures import Misuse, shown
from api.shell.console import say, show_lines
from api.shell.surroundings import Folder, Spoken, served

if TYPE_CHECKING:
    from data.sentences import Language
    from models.archive import Manifest

keeping_commands = typer.Typer()


@keeping_commands.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="Where it goes.")],
    force: Annotated[bool, typer.Option("--force", help="Replace what stands there.")] = False,
    data_dir: Folder = None,
    language: Spoken = "nb",
) -> None:
    """Keep every row as of one moment in one file; the service may run meanwhile.

    That everything was read is entered in the audit before the file takes its place.
    """
    with served(language, data_dir) as settings:
        from api.accountability.chain import enter_whole
        from api.clock import utc_now
        from api.running.opening import open_database
        from data.atomic import writing
        from models.backup import back_up

        if file.exists() and not force:
            raise Misuse("exists", place=shown(file))
        with closing(open_database(settings)) as database, writing(file) as place:
            manifest = back_up(database, place, utc_now())
            enter_whole(database, utc_now())  # the file is there only if this is
        show_lines([say(language, "written", place=shown(file)), _told(manifest, language)])


@keeping_commands.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="What `backup` has written.")],
    data_dir: Folder = None,
    language: Spoken = "nb",
) -> None:
    """Put every row of a backup back into an empty database, or none.

    Plans that were in the making are begun anew by the next worker.
    """
    with served(language, data_dir) as settings:
        from api.running.opening import open_database
        from api.running.restoring import restore as put_back

        with file.open("rb") as place, closing(open_database(settings)) as database:
            manifest = put_back(database, place)
        show_lines([say(language, "restored"), _told(manifest, language)])


def _told(manifest: Manifest, language: Language) -> str:
    """Return what a backup holds, in words, and its fingerprint."""
    rows = sum(part.rows for part in manifest.tables)
    return say(
        language,
        "backup-holds",
        rows=rows,
        revision=manifest.revision,
        day=manifest.made_at.date(),
        hash=manifest.fingerprint,
    )
