"""Commands about a plan that is made: ``rotations explain | certificate``."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.failures import ExitCode, Misuse, expect_folder, shown
from api.shell.console import remarks, say, show_lines
from api.shell.reporting import reported
from api.shell.surroundings import Spoken

if TYPE_CHECKING:
    from scheduler.rounds import Round

plan_commands = typer.Typer()

RoundFile = Annotated[Path, typer.Argument(metavar="ROUND", help="The round.")]
PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="Its plan, as JSON.")]


@plan_commands.command()
def explain(
    round_file: RoundFile,
    plan_file: PlanFile,
    candidate: Annotated[
        list[str] | None, typer.Option(help="Id of somebody to explain; as often as wanted [all].")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
    language: Spoken = "nb",
) -> None:
    """Say why each candidate got no better wish, and what would have helped.

    Ctrl-C keeps what is explained so far; a second one gives up.
    """
    with reported(language, round_file):
        from data.files import load_round

        round_ = load_round(round_file)
        wanted = _wanted(round_, candidate)
    with reported(language, plan_file):
        from api.shell.complete_plans import complete_plan
        from api.shell.explaining import Answers, Inquiry
        from data.exports.explanations import explanations_document

        plan = complete_plan(round_, plan_file, language)
        explained = Inquiry(round_, plan, wanted, language).explained()
        complete = len(explained) == len(wanted)
        if as_json:
            document = explanations_document(plan, explained, complete)
            show_lines([json.dumps(document, ensure_ascii=False)])
        else:
            answers = Answers(round_, language)
            show_lines([line for each in explained for line in answers.lines(each)])
        if not complete:
            figures = {"done": len(explained), "of": len(wanted)}
            remarks().print(say(language, "explain-interrupted", **figures))
            raise typer.Exit(ExitCode.INTERRUPTED)


@plan_commands.command()
def certificate(
    round_file: RoundFile,
    plan_file: PlanFile,
    out: Annotated[Path, typer.Option(help="Folder for the files.")],
    language: Spoken = "nb",
) -> None:
    """Write what others need to check a proven plan with a solver of their own."""
    with reported(language, round_file):
        from data.files import load_round

        expect_folder(out)
        round_ = load_round(round_file)
    with reported(language, plan_file):
        from api.shell.complete_plans import proven_plan
        from data.exports.certificates import export_certificate

        plan = proven_plan(round_, plan_file, language)
        files = export_certificate(round_, plan, out)
        programs = sum(".mps" in file.suffixes for file in files)
        show_lines([say(language, "certificate-at", programs=programs, place=shown(out))])


def _wanted(round_: Round, candidates: Sequence[str] | None) -> Collection[str]:
    """Return the ids to explain, all where none is given; refuse those that nobody has."""
    unknown = sorted(set(candidates or ()) - round_.candidate.keys())
    if unknown:
        raise Misuse("explain-unknown", ids=[shown(each) for each in unknown])
    return set(candidates) if candidates else set(round_.candidate)
