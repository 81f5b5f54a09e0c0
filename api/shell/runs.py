"""Solving one input, or a batch of them: each is read, planned, exported and accounted for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from api.failures import ExitCode, Failure, expect_folder, failure, shown
from api.shell.console import (
    PlanTables,
    ProgressLine,
    answers,
    remarks,
    say,
    show_failure,
    show_lines,
)
from api.shell.crews import Processes
from api.signals import interruptible
from data.exports.plan_files import export_plan
from data.files import load_round
from data.sentences import Language, Verbatim
from data.wording import Wording
from scheduler.planner import plan_round
from scheduler.plans import Plan
from scheduler.rounds import Round
from scheduler.watch import Incident, Limits, Stop, Watch


@dataclass(frozen=True, slots=True)
class Run:
    """What became of one input; `round` and `plan` are there as far as it came."""

    source: Path
    seconds: float
    round: Round | None = None
    plan: Plan | None = None
    folder: Path | None = None
    files: tuple[Path, ...] = ()
    incidents: tuple[Incident, ...] = ()
    failure: Failure | None = None

    @property
    def exit_code(self) -> ExitCode:
        """How the program would end, were this its only input."""
        return self.failure.exit_code if self.failure else ExitCode.OK

    def document(self) -> dict[str, Any]:
        """Return the run for machines, without names of people."""
        plan, failed = self.plan, self.failure
        details: Mapping[str, Any] = failed.details if failed else {}
        return {
            "input": shown(self.source),
            "status": failed.status if failed else str(plan.status) if plan else "",
            "seconds": round(self.seconds, 3),
            "round_hash": self.round.hash if self.round else None,
            "plan_hash": plan.hash if plan else None,
            "folder": shown(self.folder) if self.folder else None,
            "files": [shown(file) for file in self.files],
            "placed": plan.placed if plan else None,
            "unplaced": len(plan.unplaced) if plan else None,
            "tiers": plan.document["tiers"] if plan else [],
            "message": failed.title if failed else None,
            **details,
        }


@dataclass(slots=True)
class _Progressing:
    """A run in the making: what is known when something fails."""

    round: Round | None = None
    incidents: list[Incident] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Inputs to solve one after the other; a bad one does not stop the others.

    Attributes
    ----------
    inputs
        At least one round as JSON, CSV folder or workbook.
    out
        The folder for the files; with several inputs the parent of one folder each.
    jobs
        How many processes work on a large round at once; None = as many as there are cores.
    """

    inputs: Sequence[Path]
    out: Path
    limits: Limits
    language: Language
    quiet: bool
    jobs: int | None = None
    stop: Stop = field(default_factory=Stop)

    def solve(self) -> list[Run]:
        """Solve every input; after an interruption the rest is left out, and said to be."""
        expect_folder(self.out)
        runs: list[Run] = []
        for source, folder in zip(self.inputs, folders(self.inputs, self.out), strict=True):
            if self.stop.requested and runs:
                skipped = failure(KeyboardInterrupt(), self.language)
                runs.append(Run(source, 0.0, failure=skipped))
            else:
                runs.append(self._run(source, folder))
            self._show(runs[-1])
        return runs

    def _run(self, source: Path, folder: Path) -> Run:
        begun, known = monotonic(), _Progressing()
        try:
            known.round = load_round(source)
            plan = self._planned(known.round, source, known.incidents)
            files = export_plan(known.round, plan, folder, self.language)
        except Exception as error:  # noqa: BLE001 - one bad input does not stop the others
            failed = failure(error, self.language)
            seconds = monotonic() - begun
            return Run(source, seconds, known.round, failure=failed)
        return Run(
            source,
            monotonic() - begun,
            known.round,
            plan,
            folder,
            tuple(files),
            tuple(known.incidents),
        )

    def _planned(self, round_: Round, source: Path, incidents: list[Incident]) -> Plan:
        line = ProgressLine(Wording(round_, self.language), shown(source.name))
        watch = Watch(
            on_progress=line.heard,
            on_incident=incidents.append,
            clock=monotonic,
            stop=self.stop,
        )

        def planned() -> Plan:
            with closing(Processes(round_, self.jobs, self.stop)) as crew:
                return plan_round(round_, self.limits, watch, crew)

        try:
            return interruptible(planned, self.stop.request, line.tick)
        finally:
            line.stop()

    def _show(self, run: Run) -> None:
        if run.failure is not None:
            show_failure(run.failure, shown(run.source))
        elif not self.quiet:
            show_run(run, self.language)
        for incident in run.incidents:
            tier, said = Verbatim(incident.tier), Verbatim(incident.outcome)
            remarks().print(say(self.language, "solver-incident", tier=tier, said=said))


def folders(inputs: Sequence[Path], out: Path) -> list[Path]:
    """Return the folder of each input: `out` for one, else one below it, named by the stem.

    Where two would share a name, also on file systems that do not tell capitals from small
    letters, the later one gets ``-2``, ``-3``, ….
    """
    if len(inputs) == 1:
        return [out]
    taken: set[str] = set()
    chosen = []
    for source in inputs:
        stem = source.resolve().stem or "round"
        name, number = stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name.casefold())
        chosen.append(out / name)
    return chosen


def show_run(run: Run, language: Language) -> None:
    """Show a plan as tables on standard output, and where its files lie."""
    if run.round is None or run.plan is None or run.folder is None:
        return
    console, plan = answers(), run.plan
    name = Verbatim(run.round.name or run.round.id)
    show_lines([say(language, "plan-title", name=name, day=run.round.decision_date)])
    for table in PlanTables(Wording(run.round, language), plan).tables():
        console.print()
        console.print(table)
    figures = {"placed": plan.placed, "unplaced": len(plan.unplaced)}
    report = next(file for file in run.files if file.suffix == ".html")
    lines = [
        say(language, f"status-{plan.status}", **figures),
        say(language, "plan-hash", hash=plan.hash),
        say(language, "report-at", place=shown(report)),
    ]
    show_lines(["", *lines])
