"""A plan as the files people take home: plan.json, plan.xlsx, plan.csv, plan.ics, report.html.

Every file is made in memory before the first one is written, and the files change places together:
a folder holds either the old files or the new ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from data.atomic import write_files
from data.documents import write_plan
from data.exports.calendars import calendar
from data.exports.plan_csv import csv
from data.exports.plan_workbook import workbook
from data.exports.report import report
from data.sentences import Language
from scheduler.plans import Plan
from scheduler.rounds import Round


def export_plan(
    round_: Round,
    plan: Plan,
    folder: Path,
    language: Language = "nb",
    overrides: Mapping[str, int] | None = None,
) -> list[Path]:
    """Write a plan's files into a folder, all or none; return their paths.

    Parameters
    ----------
    round_
        The round that the plan is for.
    plan
        The plan.
    folder
        Where the files go; made, with its parents, where it does not exist. Files of the same name
        are replaced, others left alone.
    language
        Of the workbook, the calendar and the report.
    overrides
        What the report says of rules set aside, by kind; None = nothing.

    Raises
    ------
    ValueError
        For a plan of another round.
    OSError
        Where the folder cannot be written; it is then as it was before.
    """
    contents = plan_files(round_, plan, language, overrides)
    write_files(folder, contents)
    return [folder / name for name in contents]


def plan_files(
    round_: Round,
    plan: Plan,
    language: Language = "nb",
    overrides: Mapping[str, int] | None = None,
) -> dict[str, bytes]:
    """Return the content of a plan's files by name; ValueError for a plan of another round."""
    if plan.round_hash != round_.hash:
        raise ValueError("the plan is for another round: their round hashes differ")
    return {
        "plan.json": write_plan(plan),
        "plan.xlsx": workbook(round_, plan, language),
        "plan.csv": csv(round_, plan),
        "plan.ics": calendar(round_, plan, language),
        "report.html": report(round_, plan, language, overrides).encode(),
    }
