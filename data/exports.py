"""A plan as the files people take home: plan.json, plan.xlsx, plan.csv, plan.ics, report.html.

Every file is made in memory before the first one is written, and the files change places together:
a folder holds either the old files or the new ones.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from errno import EISDIR
from pathlib import Path
from tempfile import mkdtemp

from data.calendars import calendar
from data.documents import write_plan
from data.plan_csv import csv
from data.plan_workbook import workbook
from data.report import report
from data.sentences import Language
from scheduler.plans import Plan
from scheduler.rounds import Round


def export_plan(round_: Round, plan: Plan, folder: Path, language: Language = "nb") -> list[Path]:
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

    Raises
    ------
    ValueError
        For a plan of another round.
    OSError
        Where the folder cannot be written; it is then as it was before.
    """
    contents = plan_files(round_, plan, language)
    if folder.is_dir():
        _replace_files(contents, folder)
    else:
        _make_folder(contents, folder)
    return [folder / name for name in contents]


def plan_files(round_: Round, plan: Plan, language: Language = "nb") -> dict[str, bytes]:
    """Return the content of a plan's files by name; ValueError for a plan of another round."""
    if plan.round_hash != round_.hash:
        raise ValueError("the plan is for another round: their round hashes differ")
    return {
        "plan.json": write_plan(plan),
        "plan.xlsx": workbook(round_, plan, language),
        "plan.csv": csv(round_, plan),
        "plan.ics": calendar(round_, plan, language),
        "report.html": report(round_, plan, language).encode(),
    }


def _make_folder(contents: Mapping[str, bytes], folder: Path) -> None:
    """Fill a new folder beside its place, then give it its name."""
    missing = [parent for parent in folder.parents if not parent.exists()]
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _staging(folder.parent) as staging:
            filled = staging / "plan"
            filled.mkdir()
            _write(contents, filled)
            filled.rename(folder)
    except BaseException:
        for parent in missing:
            with suppress(OSError):
                parent.rmdir()
        raise


def _replace_files(contents: Mapping[str, bytes], folder: Path) -> None:
    """Stage inside the folder, which may be a mount of its own, then exchange file by file."""
    for name in contents:
        if (folder / name).is_dir():
            raise IsADirectoryError(EISDIR, "a folder stands where a file should go", name)
    with _staging(folder) as staging:
        new, old = staging / "new", staging / "old"
        new.mkdir()
        old.mkdir()
        _write(contents, new)
        _exchange(contents, new, old, folder)


def _exchange(names: Iterable[str], new: Path, old: Path, folder: Path) -> None:
    """Move the old files out and the new ones in; on any failure put everything back."""
    kept: list[str] = []
    placed: list[str] = []
    try:
        for name in names:
            if (folder / name).exists():
                (folder / name).rename(old / name)
                kept.append(name)
            (new / name).rename(folder / name)
            placed.append(name)
    except BaseException:
        for name in placed:
            (folder / name).unlink()
        for name in kept:
            (old / name).rename(folder / name)
        raise


@contextmanager
def _staging(parent: Path) -> Iterator[Path]:
    """Give a hidden folder on the same file system, and take it away again."""
    staging = Path(mkdtemp(prefix=".rotations-", dir=parent))
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _write(contents: Mapping[str, bytes], folder: Path) -> None:
    for name, content in contents.items():
        (folder / name).write_bytes(content)
