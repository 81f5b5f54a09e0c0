"""Commands of the service: ``rotations serve | worker | token | db``.

What they need is imported when they run: the other commands must not wait for it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.shell.console import say, show_lines
from api.shell.reporting import reported
from data.sentences import Language

if TYPE_CHECKING:
    from api.settings import Settings

service_commands = typer.Typer()
database_commands = typer.Typer(
    name="db", help="The service's database.", no_args_is_help=True, add_completion=False
)
service_commands.add_typer(database_commands)

Spoken = Annotated[Language, typer.Option("--language", help="Language of what people read.")]
Folder = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Folder of database and key [ROTATIONS_DATA_DIR, or ./var]."),
]


class SampleName(StrEnum):
    """Made-up rounds that a new service can be filled with."""

    FINNMARK = "finnmark"


@service_commands.command()
def serve(
    data_dir: Folder = None,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 = a free one.")] = 8000,
    sample: Annotated[SampleName | None, typer.Option(help="Fill in a made-up round.")] = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Leave making plans to other processes.")
    ] = False,
    language: Spoken = "nb",
) -> None:
    """Serve the interface over HTTP, with a worker beside it that makes plans.

    Ctrl-C or SIGTERM ends it within ten seconds; a search in work is begun anew later.
    """
    with _served(language, data_dir) as settings:
        from api.clock import utc_now
        from api.running.opening import open_database, prepare
        from api.running.sample import load_sample
        from api.running.serving import assembled, listening
        from api.running.serving import serve as run
        from api.running.supervision import Supervisor
        from api.shell.welcome import welcome

        database = open_database(settings)
        prepare(database)
        if sample is not None:
            load_sample(database, utc_now())
        service = assembled(settings, database)
        listener = listening(host, port)
        show_lines(welcome(service, listener, language))
        command = [sys.executable, "-m", "api", "worker", "--with-parent"]
        command += ["--data-dir", str(settings.data_dir)]
        run(service, listener, None if no_worker else Supervisor(command, service.stopping))


@service_commands.command()
def worker(
    data_dir: Folder = None,
    with_parent: Annotated[
        bool, typer.Option("--with-parent", hidden=True, help="End when standard input does.")
    ] = False,
    language: Spoken = "nb",
) -> None:
    """Make the plans that are asked for; any number of workers may run."""
    with _served(language, data_dir) as settings:
        from api.running.opening import open_database, prepare
        from api.running.supervision import end_with_parent
        from api.running.worker import run_worker
        from api.telemetry import measuring

        if with_parent:
            end_with_parent()
        with closing(open_database(settings)) as database:
            prepare(database)
        with measuring(settings):
            run_worker(settings)


@service_commands.command()
def token(  # noqa: PLR0913, PLR0917 - an option on the command line is an argument
    role: Annotated[str | None, typer.Option(help="What its bearer may act as.")] = None,
    org: Annotated[str | None, typer.Option(help="Organisation number.")] = None,
    unit: Annotated[str | None, typer.Option(help="Unit of a unit_leader.")] = None,
    municipality: Annotated[
        str | None, typer.Option(help="Municipality of a coordinator or candidate.")
    ] = None,
    candidate: Annotated[str | None, typer.Option(help="A candidate's own id.")] = None,
    hours: Annotated[int, typer.Option(help="How long it is good for, 1-24.")] = 12,
    data_dir: Folder = None,
    language: Spoken = "nb",
) -> None:
    """Give somebody new a right, and print their token: it is like a key, so mind where it goes."""
    with _served(language, data_dir) as settings:
        from api.clock import utc_now
        from api.identity.local import LocalKey
        from api.running.opening import open_database, prepare
        from api.shell.local_tokens import make_token

        asked = {
            "role": role,
            "organisation": org,
            "unit": unit,
            "municipality": municipality,
            "candidate": candidate,
        }
        key = LocalKey.of(settings.data_dir)
        with closing(open_database(settings)) as database:
            prepare(database)
            show_lines([make_token(database, key, asked, hours, utc_now())])


@database_commands.command()
def upgrade(data_dir: Folder = None, language: Spoken = "nb") -> None:
    """Bring the database to this version; harmless where it is."""
    with _served(language, data_dir) as settings:
        from api.running.opening import open_database, prepare
        from models.migrate import head

        with closing(open_database(settings)) as database:
            prepare(database)
        show_lines([say(language, "database-at", revision=head())])


@database_commands.command()
def current(data_dir: Folder = None, language: Spoken = "nb") -> None:
    """Tell which version the database is at."""
    with _served(language, data_dir) as settings:
        from api.running.opening import open_database
        from models.migrate import current as revision_of
        from models.migrate import head

        with closing(open_database(settings)) as database:
            revision = revision_of(database)
        newest = say(language, "yes" if revision == head() else "no")
        show_lines([say(language, "database-is", revision=revision or "-", newest=newest)])


@contextmanager
def _served(language: Language, data_dir: Path | None) -> Iterator[Settings]:
    """Return the settings of the service; log, and report what goes wrong, as it does."""
    with reported(language):
        import os

        from api.running.logs import configure
        from api.shell.troubles import explained, read_settings

        os.umask(0o077)
        configure()
        with explained():
            yield read_settings(data_dir)
