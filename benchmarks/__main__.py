"""The planner beside what else could decide, on the same rounds, in one run.

``python -m benchmarks [smallest | quick | full] [--out FILE] [--minutes MINUTES]
[--families NAME …] [--sides NAME …]``

Makes the runs of a protocol (`benchmarks.protocol`), adds each to a CSV as it ends, and writes the
tables, plots and targets of all rows of that CSV. A run that was stopped goes on where it was.
Without ``--out`` the CSV is ``benchmarks/results/<date>-<commit>-<protocol>.csv``, and the page is
docs/benchmarks.md, which tells of all that is kept, of an instance only at the latest commit; with
it, everything is written beside that file. Nothing is written by `smallest` without ``--out``.

Returns 1 where two proofs disagree, a plan breaks a rule, or a run failed; with `smallest` also
where the planner has not proven its plan.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from benchmarks.page import write_page
from benchmarks.protocol import PROTOCOLS, QUICK_SECONDS, tasks
from benchmarks.results import (
    BROKEN,
    FAILED,
    FOLDER,
    PROVEN,
    Row,
    age,
    append_row,
    machine,
    read_rows,
)
from benchmarks.running import Task, ran
from benchmarks.targets import targets

DOCS = Path(__file__).parents[1] / "docs"


def main() -> int:
    """Make the runs of a protocol and tell of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("protocol", choices=list(PROTOCOLS), nargs="?", default="quick")
    parser.add_argument("--out", type=Path, help="the CSV; what is in it is not measured again")
    parser.add_argument("--minutes", type=float, help="begin no run that might end later")
    parser.add_argument("--families", nargs="*")
    parser.add_argument("--sides", nargs="*")
    given = parser.parse_args()
    with TemporaryDirectory() as scratch:
        path, docs = _places(given.protocol, given.out, Path(scratch))
        chosen = [
            (task, patience)
            for task, patience in tasks(given.protocol)
            if (not given.families or task.instance.family in given.families)
            and (not given.sides or task.side in given.sides)
        ]
        make(given.protocol, chosen, path, given.minutes)
        rows = read_rows(path)
        write_page(_latest(FOLDER) if docs == DOCS else rows, docs)
    for target in targets(rows):
        print(target)
    return 1 if _wrong(rows, given.protocol) else 0


def _places(protocol: str, out: Path | None, scratch: Path) -> tuple[Path, Path]:
    """Return where rows and the page go."""
    if out is not None:
        return out, out.parent
    if protocol == "smallest":
        return scratch / "rows.csv", scratch
    about = machine()
    commit = about["commit"].replace("+", "-changed")
    return FOLDER / f"{about['date']}-{commit}-{protocol}.csv", DOCS


def _latest(folder: Path) -> list[Row]:
    """Return the rows of each instance at the latest commit, and on the last day, it was run at.

    So whoever is held against another had the same instance at the same commit on the same day.
    """
    rows = [row for each in sorted(folder.glob("*.csv")) for row in read_rows(each)]
    latest: dict[tuple[str, float, int], tuple[int, str]] = {}
    for row in sorted(rows, key=lambda row: (-age(row.commit), row.date)):
        latest[row.instance] = age(row.commit), row.date
    return [row for row in rows if (age(row.commit), row.date) == latest[row.instance]]


def make(
    protocol: str, chosen: Sequence[tuple[Task, float]], path: Path, minutes: float | None
) -> None:
    """Make runs that are not in the file yet, one after the other, and add each to it."""
    about = machine()
    known = {_key(row) for row in read_rows(path)}
    seconds = QUICK_SECONDS if protocol == "quick" else float("inf")
    if minutes is not None:
        seconds = min(seconds, 60 * minutes)
    began = monotonic()
    for number, (task, patience) in enumerate(chosen, start=1):
        left = seconds - (monotonic() - began)
        head = f"[{number}/{len(chosen)}] {task.side} {task.instance.name}"
        if task.key in known:
            continue
        if left < task.limit + patience / 2:
            print(f"{head}: left out, no time", flush=True)
            continue
        row = ran(task, protocol, about, min(patience, left - 1.5 * task.limit))
        append_row(path, row)
        print(f"{head}: {_told(row)}", flush=True)


def _key(row: Row) -> tuple[str, str, float, int, float, int]:
    return row.side, *row.instance, row.limit, row.repeat


def _told(row: Row) -> str:
    proven = f", {row.proven} of {row.levels} levels proven" if row.levels else ""
    return f"{row.status} in {row.seconds:.1f} s{proven}, {row.memory:.0f} MB"


def _wrong(rows: Sequence[Row], protocol: str) -> list[str]:
    """Return, and tell, what must not be: failures, broken rules, proofs that disagree."""
    found = [f"{r.side} {r.family}: {r.status}" for r in rows if r.status in (FAILED, BROKEN)]
    proofs: dict[tuple[str, float, int], set[str]] = {}
    for row in rows:
        if row.status == PROVEN:
            proofs.setdefault(row.instance, set()).add(row.values)
    found += [f"{instance}: proofs disagree" for instance, own in proofs.items() if len(own) > 1]
    if protocol == "smallest":
        found += [f"{r.side}: not proven" for r in rows if r.side == "planner" and not r.proven]
    for each in found:
        print(each, file=sys.stderr)
    return found


if __name__ == "__main__":
    sys.exit(main())
