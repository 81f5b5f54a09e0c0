"""The command line: ``rotations solve | check | verify | template | generate | convert``.

The other commands stand in `api.shell.families`. Each command imports what it needs when it runs,
so that help is quick and a small round is planned within seconds. Exit codes stand in
`api.failures`.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from api.failures import ExitCode, Mismatch, Misuse, shown
from api.shell.console import say, show_lines
from api.shell.families import Families
from api.shell.reporting import report, reported
from data.sentences import Language

app = typer.Typer(
    name="rotations",
    cls=Families,
    help="Decides, fairly and provably, which GP trainee goes to which department, when.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Spoken = Annotated[Language, typer.Option("--language", help="Language of what people read.")]
Input = Annotated[Path, typer.Argument(help="A round: JSON, CSV folder or .xlsx.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what stands there.")]


class PresetName(StrEnum):
    """The sizes of made-up rounds; a test holds them against `data.synthetic.PRESETS`."""

    FINNMARK = "finnmark"
    NORD = "nord"
    SOROST = "sorost"
    NATIONAL = "national"
    STRESS = "stress"


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        show_lines([f"rotations {version('rotations')}"])
        raise typer.Exit


@app.callback()
def _program(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Stand above the commands, for what concerns all of them."""


@app.command()
def solve(
    inputs: Annotated[list[Path], typer.Argument(help="Rounds: JSON, CSV folders or .xlsx.")],
    out: Annotated[Path, typer.Option(help="Folder for the files; a batch gets one folder each.")],
    time_limit: Annotated[
        float | None, typer.Option(min=0, help="Stop after so many seconds, keep the best plan.")
    ] = None,
    deterministic_limit: Annotated[
        float | None,
        typer.Option(
            min=0, help="Stop after so much solver work; with one worker the same plan every time."
        ),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Solver threads.")] = 1,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1, max=64, help="Parts of a large round worked on at once [as many as cores]."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
    language: Spoken = "nb",
) -> None:
    """Plan rounds and write plan.json, plan.xlsx, plan.csv, plan.ics and report.html.

    Ctrl-C stops the search and keeps the best plan so far; a second one gives up.
    """
    with reported(language):
        from api.shell.runs import Batch
        from scheduler.watch import Limits

        _finite(time_limit, deterministic_limit)
        limits = Limits(seconds=time_limit, deterministic=deterministic_limit, workers=workers)
        batch = Batch(
            inputs=inputs, out=out, limits=limits, language=language, quiet=as_json, jobs=jobs
        )
        runs = batch.solve()
        worst = max(run.exit_code for run in runs)
        if as_json:
            answer = {"exit_code": int(worst), "rounds": [run.document() for run in runs]}
            show_lines([json.dumps(answer, ensure_ascii=False)])
        raise typer.Exit(worst)


@app.command()
def check(source: Input, language: Spoken = "nb") -> None:
    """Check a round: every fault, or its size, its hash and what to look at twice."""
    with reported(language, source):
        from api.shell.checks import checked_round

        show_lines(checked_round(source, language))


@app.command()
def verify(
    round_file: Annotated[Path, typer.Argument(metavar="ROUND", help="The round.")],
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN", help="Its plan, as JSON.")],
    language: Spoken = "nb",
) -> None:
    """Hold a plan, also a hand-made one, against every rule; exit 1 where one is broken."""
    with reported(language, round_file):
        from data.files import load_round

        round_ = load_round(round_file)
    with reported(language, plan_file):
        from api.shell.checks import verdict

        broken = verdict(round_, plan_file, language)
        show_lines(broken or [say(language, "plan-kept")])
        raise typer.Exit(ExitCode.BROKEN if broken else ExitCode.OK)


@app.command()
def template(
    out: Annotated[Path, typer.Argument(metavar="OUT.xlsx", help="Where it goes.")],
    force: Force = False,
    language: Spoken = "nb",
) -> None:
    """Write an empty workbook to fill in."""
    with reported(language):
        from data.atomic import write_file
        from data.sheets.template import write_template

        if out.suffix.lower() != ".xlsx":
            raise Misuse("not-xlsx", place=shown(out))
        _free(out, force)
        write_file(out, write_template())
        show_lines([say(language, "written", place=shown(out))])


@app.command()
def generate(
    preset: Annotated[PresetName, typer.Option(help="Size of the round.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same round.")],
    out: Annotated[
        Path, typer.Option(help="File, or folder for CSV; - for standard output.")
    ] = Path("-"),
    supply: Annotated[
        float | None, typer.Option(min=0, max=10, help="Six-month seats a candidate [0.9].")
    ] = None,
    force: Force = False,
    language: Spoken = "nb",
) -> None:
    """Write a made-up round."""
    with reported(language):
        from data.documents import write_round
        from data.files import save_round
        from data.synthetic import generate as generated

        _finite(supply)
        round_ = generated(preset, seed, supply)
        if str(out) == "-":
            sys.stdout.write(write_round(round_).decode())
            return
        _saved_as(out)
        _free(out, force)
        save_round(round_, out)
        show_lines([say(language, "written", place=shown(out))])


@app.command()
def convert(
    source: Input,
    out: Annotated[Path, typer.Argument(help="The same round: .json, .xlsx or a folder.")],
    force: Force = False,
    language: Spoken = "nb",
) -> None:
    """Write a round in another form, read it back and compare."""
    with reported(language, source):
        from data.files import load_round, save_round

        round_ = load_round(source)
        _saved_as(out)
        _free(out, force)
        save_round(round_, out)
        if load_round(out).hash != round_.hash:
            raise Mismatch
        lines = [say(language, "written", place=shown(out)), round_.hash]
        show_lines(lines)


def main() -> None:
    """Run the command line and end the process; nothing leaves it as a traceback."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    code: int = ExitCode.OK
    try:
        app()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except Exception as error:  # noqa: BLE001 - the last resort
        code = report(error, "nb")
    _leave(code)


def _leave(code: int) -> NoReturn:
    """End the process without waiting for a search that was given up."""
    try:
        sys.stdout.flush()
    except OSError as error:
        code = code or report(error, "nb")
    with suppress(OSError):
        sys.stderr.flush()
    os._exit(code)


def _finite(*figures: float | None) -> None:
    """Refuse ``nan`` and ``inf``, which no range check stops."""
    if not all(isfinite(figure) for figure in figures if figure is not None):
        raise Misuse("not-finite")


def _free(out: Path, force: bool) -> None:
    """Refuse to replace what stands at `out` unless told to."""
    if out.exists() and not force:
        raise Misuse("exists", place=shown(out))


def _saved_as(out: Path) -> None:
    """Refuse a name that tells no form of a round."""
    if out.suffix.casefold() not in {"", ".json", ".xlsx"}:
        raise Misuse("form-unknown", place=shown(out))
