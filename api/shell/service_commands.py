"""Commands of the service: ``rotations serve | worker | batch | token | link | db``.

What they need is imported when they run: the other commands must not wait for it.
"""

from __future__ import annotations

import sys
from contextlib import closing
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.shell.console import say, show_lines
from api.shell.surroundings import Folder, Spoken, served

if TYPE_CHECKING:
    from api.settings import Settings

service_commands = typer.Typer()
database_commands = typer.Typer(
    name="db", help="The service's database.", no_args_is_help=True, add_completion=False
)
service_commands.add_typer(database_commands)


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
    with served(language, data_dir) as settings:
        from api.clock import utc_now
        from api.running.opening import open_database, prepare
        from api.running.sample import load_sample
        from api.running.serving import assembled, listening
        from api.running.serving import serve as run
        from api.running.supervision import Supervisor
        from api.running.worker import buried
        from api.shell.welcome import welcome

        database = open_database(settings)
        prepare(database)
        if sample is not None:
            load_sample(database, utc_now())
        service = assembled(settings, database)
        listener = listening(host, port)
        show_lines(welcome(service, listener, language))
        command = _worker_command(settings)
        supervisor = Supervisor(command, service.stopping, partial(buried, database))
        run(service, listener, None if no_worker else supervisor)


@service_commands.command()
def worker(
    data_dir: Folder = None,
    with_parent: Annotated[
        bool, typer.Option("--with-parent", hidden=True, help="End when standard input does.")
    ] = False,
    id_: Annotated[str | None, typer.Option("--id", hidden=True, help="Id of the process.")] = None,
    language: Spoken = "nb",
) -> None:
    """Make the plans that are asked for; any number of workers may run."""
    with served(language, data_dir) as settings:
        from api.running.opening import open_database, prepare
        from api.running.supervision import end_with_parent
        from api.running.worker import run_worker
        from api.telemetry import measuring

        if with_parent:
            end_with_parent()
        with closing(open_database(settings)) as database:
            prepare(database)
        with measuring(settings):
            run_worker(settings, id_=id_)


@service_commands.command()
def batch(
    out: Annotated[Path, typer.Option(help="Folder for the reports.")] = Path("batch"),
    organisation: Annotated[
        str | None, typer.Option(help="Whose rounds, by its number; a region with its trusts.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=1, max=86_400, help="Longest search of each plan.")
    ] = None,
    with_worker: Annotated[
        bool, typer.Option("--with-worker", help="Run a worker as well, until all is done.")
    ] = False,
    data_dir: Folder = None,
    language: Spoken = "nb",
) -> None:
    """Plan every locked round that has no plan, and report; exit 5 where one needs a person."""
    with served(language, data_dir) as settings:
        from api.running.opening import open_database, prepare
        from api.shell.batches import Batch, exit_code, told, worker_beside

        command = _worker_command(settings) if with_worker else None
        with closing(open_database(settings)) as database:
            prepare(database)
            asked = Batch(
                database=database,
                out=out,
                organisation=organisation,
                seconds=seconds,
                language=language,
            )
            with worker_beside(command, database):
                lines = asked.run()
        show_lines(told(lines, out, language))
        raise typer.Exit(exit_code(lines))


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
    with served(language, data_dir) as settings:
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


@service_commands.command()
def link(  # noqa: PLR0913, PLR0917 - an option on the command line is an argument
    role: Annotated[str | None, typer.Option(help="What its bearer may act as.")] = None,
    org: Annotated[str | None, typer.Option(help="Organisation number.")] = None,
    unit: Annotated[str | None, typer.Option(help="Unit of a unit_leader.")] = None,
    municipality: Annotated[
        str | None, typer.Option(help="Municipality of a coordinator or candidate.")
    ] = None,
    candidate: Annotated[str | None, typer.Option(help="A candidate's own id.")] = None,
    url: Annotated[
        str | None, typer.Option(help="Where the pages are [ROTATIONS_BASE_URL, or this machine].")
    ] = None,
    data_dir: Folder = None,
    language: Spoken = "nb",
) -> None:
    """Give somebody new a right, and print a link by which they sign in to the pages, once."""
    with served(language, data_dir) as settings:
        from api.clock import utc_now
        from api.running.opening import open_database, prepare
        from api.shell.local_tokens import make_link

        asked = {
            "role": role,
            "organisation": org,
            "unit": unit,
            "municipality": municipality,
            "candidate": candidate,
        }
        site = (url or settings.base_url or "http://127.0.0.1:8000").rstrip("/")
        with closing(open_database(settings)) as database:
            prepare(database)
            show_lines([site + make_link(database, asked, utc_now())])


@database_commands.command()
def upgrade(data_dir: Folder = None, language: Spoken = "nb") -> None:
    """Bring the database to this version; harmless where it is."""
    with served(language, data_dir) as settings:
        from api.running.opening import open_database, prepare
        from models.tables import REVISION

        with closing(open_database(settings)) as database:
            prepare(database)
        show_lines([say(language, "database-at", revision=REVISION)])


@database_commands.command()
def current(data_dir: Folder = None, language: Spoken = "nb") -> None:
    """Tell which version the database is at."""
    with served(language, data_dir) as settings:
        from api.running.opening import open_database
        from models.migrate import current as revision_of
        from models.tables import REVISION

        with closing(open_database(settings)) as database:
            revision = revision_of(database)
        is_at = say(language, "database-is", revision=revision or "-", newest=REVISION)
        show_lines([is_at])


def _worker_command(settings: Settings) -> list[str]:
    """Return how a worker is run that ends with this process."""
    command = [sys.executable, "-m", "api", "worker", "--with-parent"]
    return [*command, "--data-dir", str(settings.data_dir)]
