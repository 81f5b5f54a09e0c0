"""The commands ``rotations capacity | forecast``: what posts a round lacks, and the years ahead."""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path
from typing import Annotated

import typer

from api.failures import Misuse, expect_folder, shown
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
    within: Annotated[
        int | None,
        typer.Option(min=1, max=1_200, help="Months in which a stay must begin to count; a share."),
    ] = None,
    costs: Annotated[
        Path | None, typer.Option(help="Costs of posts by unit, as JSON [1 each].")
    ] = None,
    exact: Annotated[
        int, typer.Option(min=0, max=10_000, help="Posts planned exactly; bounds for the rest.")
    ] = 8,
    time_limit: Annotated[
        float | None,
        typer.Option(min=0, help="Stop looking for cheaper posts after so many seconds."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the files.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
    language: Spoken = "nb",
) -> None:
    """Say what one more post is worth in each unit, and the cheapest posts for a target.

    Ctrl-C stops the search and says what is proven by then; a second one gives up.
    """
    with reported(language, round_file):
        from api.shell.studying import Wanted, show_study, studied, target_of
        from data.atomic import write_files
        from data.exports.capacity import study_document, study_files
        from data.files import load_round
        from data.sentences import sentence

        expect_folder(out)
        if time_limit is not None and not isfinite(time_limit):
            raise Misuse("not-finite")
        wished = target_of(target, within)
        round_ = load_round(round_file)
    by_unit: dict[str, int] = {}
    if costs is not None:
        with reported(language, costs):
            from data.costs import load_costs

            by_unit = load_costs(costs, round_)
    with reported(language, round_file):
        wanted = Wanted(wished, by_unit, exact, time_limit)
        study = studied(round_, wanted, language)
        if as_json:
            show_lines([json.dumps(study_document(study), ensure_ascii=False)])
        else:
            show_study(study, wanted.costs, language)
        if out is not None:
            write_files(out, study_files(study, language))
            if not as_json:
                show_lines(["", sentence(language, "capacity.written", {"place": shown(out)})])


@capacity_commands.command()
def forecast(
    round_file: Annotated[Path, typer.Argument(metavar="ROUND", help="The round.")],
    forecast_file: Annotated[
        Path, typer.Argument(metavar="FORECAST", help="What is assumed of the years, as JSON.")
    ],
    out: Annotated[Path | None, typer.Option(help="Folder for the files.")] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=64, help="Draws decided at once [as many as cores].")
    ] = None,
    work: Annotated[
        float, typer.Option(min=0.1, max=100_000, help="Most solver work for one question.")
    ] = 10.0,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
    language: Spoken = "nb",
) -> None:
    """Say how many earmarked posts the years ahead take, and how long people then wait.

    Ctrl-C stops the work and says what is decided by then; a second one gives up.
    """
    with reported(language, round_file):
        from data.files import load_round

        expect_folder(out)
        if not isfinite(work):
            raise Misuse("not-finite")
        round_ = load_round(round_file)
    with reported(language, forecast_file):
        from data.forecasts import load_forecast

        assumed = load_forecast(forecast_file, round_)
    with reported(language, round_file):
        from api.shell.forecasting import looked_ahead, show_forecast
        from data.atomic import write_files
        from data.exports.forecast import forecast_document, forecast_files
        from data.sentences import sentence

        found = looked_ahead(round_, assumed, work, jobs, language)
        if as_json:
            show_lines([json.dumps(forecast_document(found), ensure_ascii=False)])
        else:
            show_forecast(found, language)
        if out is not None:
            write_files(out, forecast_files(found, language))
            if not as_json:
                show_lines(["", sentence(language, "forecast.written", {"place": shown(out)})])
