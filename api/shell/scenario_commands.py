"""Commands that hold plans side by side: ``rotations compare | price | replan``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from api.failures import expect_folder, shown
from api.shell.console import say, show_lines
from api.shell.reporting import reported
from api.shell.surroundings import Spoken

scenario_commands = typer.Typer()

RoundFile = Annotated[Path, typer.Argument(metavar="ROUND", help="The round.")]
Jobs = Annotated[
    int | None, typer.Option(min=1, max=64, help="Plans made at once [as many as cores].")
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


@scenario_commands.command()
def compare(
    round_file: RoundFile,
    scenario: Annotated[list[Path], typer.Option(help="A scenario, as JSON; one or several.")],
    plan: Annotated[
        Path | None, typer.Option(help="The round's plan, as JSON, where it is made already.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the files.")] = None,
    jobs: Jobs = None,
    as_json: AsJson = False,
    language: Spoken = "nb",
) -> None:
    """Plan a round as it is and under scenarios, and hold the plans side by side."""
    with reported(language, round_file):
        from data.files import load_round

        expect_folder(out)
        round_ = load_round(round_file)
    base = None
    if plan is not None:
        with reported(language, plan):
            from api.shell.complete_plans import complete_plan

            base = complete_plan(round_, plan, language)
    with reported(language, round_file):
        from api.shell.comparing import Comparing, comparison_tables

        comparing = Comparing(round_, base, scenario, jobs, language)
        found = comparing.compared()
        if as_json:
            show_lines([json.dumps(found.document, ensure_ascii=False)])
        else:
            comparison_tables(found, language)
        if out is not None:
            comparing.write(found, out)
            if not as_json:
                show_lines(["", say(language, "comparison-at", place=shown(out))])


@scenario_commands.command()
def price(
    round_file: RoundFile, jobs: Jobs = None, as_json: AsJson = False, language: Spoken = "nb"
) -> None:
    """Say what strict orders cost, and whose orders cost the placements that they do."""
    with reported(language, round_file):
        from api.shell.comparing import price_tables, priced
        from data.exports.comparisons import price_document
        from data.files import load_round

        round_ = load_round(round_file)
        found = priced(round_, jobs)
        if as_json:
            show_lines([json.dumps(price_document(round_, found), ensure_ascii=False)])
        else:
            price_tables(round_, found, language)


@scenario_commands.command()
def replan(
    round_file: RoundFile,
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="Its plan, as JSON.")],
    scenario: Annotated[Path, typer.Option(help="What has changed since, as JSON.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the files.")] = None,
    jobs: Jobs = None,
    as_json: AsJson = False,
    language: Spoken = "nb",
) -> None:
    """Plan again after a change so that the fewest people move, and say what that costs."""
    with reported(language, round_file):
        from data.files import load_round

        expect_folder(out)
        round_ = load_round(round_file)
    with reported(language, plan):
        from api.shell.complete_plans import complete_plan

        given = complete_plan(round_, plan, language)
    with reported(language, scenario):
        from api.shell.replanning import planned_again, replan_files, show_replan
        from data.atomic import write_files
        from data.exports.replans import replan_document

        found = planned_again(round_, given, scenario, jobs)
        if as_json:
            show_lines([json.dumps(replan_document(found), ensure_ascii=False)])
        else:
            show_replan(found, language)
        if out is not None:
            write_files(out, replan_files(found, language))
            if not as_json:
                show_lines(["", say(language, "comparison-at", place=shown(out))])
