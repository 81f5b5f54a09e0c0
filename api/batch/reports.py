"""A batch on paper: a folder for each round, and one table for the region."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from api.batch.asking import enter
from api.batch.findings import Finding
from api.clock import norwegian_date
from data.atomic import write_files
from data.exports.plan_files import export_plan
from data.exports.region import RoundLine, region_files
from data.sentences import Language
from models.database import Database
from models.scope import EVERYTHING

LONGEST_NAME = 40
"""Letters of a round's label in the name of its folder."""

_UNFIT = re.compile(r"[^\w]+")


def write_reports(
    database: Database,
    found: Iterable[Finding],
    folder: Path,
    now: datetime,
    language: Language,
) -> list[RoundLine]:
    """Write a folder for each round that has a plan, then the region's files; return their lines.

    The workbooks hold names: that they were taken out is entered into the audit before.

    Raises
    ------
    OSError
        Where something cannot be written.
    """
    lines = []
    for finding in found:
        line = finding.line
        if finding.planned is not None and line.plan is not None:
            with database.writing(EVERYTHING) as session:
                enter(session, "read", now, line.round, line.plan)
            name = _folder_name(line)
            export_plan(*finding.planned, folder / name, language, line.overrides)
            line = replace(line, report=f"{name}/report.html")
        lines.append(line)
    write_files(folder, region_files(lines, now, norwegian_date(now), language))
    return lines


def _folder_name(line: RoundLine) -> str:
    """Return a name that is safe in any folder, and no other round's."""
    label = _UNFIT.sub("-", line.label)[:LONGEST_NAME].strip("-")
    return f"{label}-{line.round[:8]}"
