"""The command ``rotations capacity``: what posts a round lacks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from api.failures import Misuse, shown
from api.shell.console import show_lines
from api.shell.reporting import reported
from api.shell.surroundings import Spoken

capacity_commands = typer.Typer()


@capacity_commands.command()
def capacity(
    round_file: Annotated[Path, typer.Argument(metavar="ROUND", help="The round.")],
    target: Annotated[
        str, typer.Option(help="Whom the posts must place: everyone, deadlines or share=0.9.")
    ] = "everyone",
    cost: Annotated[
        list[str] | None, typer.Option(metavar="UNIT=N", help="Cost of a post in a unit [1].")
    ] = None,
    exact: Annotated[
        int, typer.Option(min=0, max=10_000, help="Posts planned exactly; bounds for the rest.")
    ] = 8,
    out: Annotated[Path | None, typer.Option(help="Folder for the files.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
    language: Spoken = "nb",
) -> None:
    """Say what one more post is worth in each unit, and the cheapest posts for a target.

    Ctrl-C stops the search and says what is proven by then; a second one gives up.
    """
    with reported(language, round_file):
        from api.shell.studying import asked_for, show_study, studied
        from data.atomic import write_files
        from data.exports.capacity import study_document, study_files
        from data.files import load_round
        from data.sentences import sentence

        if out is not None and out.exists() and not out.is_dir():
            raise Misuse("out-is-file", place=shown(out))
        round_ = load_round(round_file)
        wanted = asked_for(round_, target, cost or [])
        study = studied(round_, wanted, exact, language)
        if as_json:
            show_lines([json.dumps(study_document(study), ensure_ascii=False)])
        else:
            show_study(study, wanted.costs, language)
        if out is not None:
            write_files(out, study_files(study, language))
            if not as_json:
                show_lines(["", sentence(language, "capacity.written", {"place": shown(out)})])
