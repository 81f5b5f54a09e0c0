"""Plans side by side in a terminal: a round with its scenarios, a round under modes of priority."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from api.failures import ExitCode, failure, shown
from api.shell.console import answers, say, show_failure, show_lines
from api.shell.planning import planned
from api.shell.runs import folders
from api.signals import interruptible
from data.atomic import write_files
from data.documents import write_document, write_plan, write_round
from data.exports.comparisons import Compared
from data.scenarios import changed_round, load_scenario
from data.sentences import Language, Verbatim, sentence
from data.wording import Wording, tier_name
from scheduler.asking import Asking
from scheduler.comparison import Comparison, Difference, Side, side_by_side
from scheduler.conflicts import conflicts
from scheduler.errors import InvalidScenario, RefusedRound
from scheduler.exact import exact
from scheduler.plans import Plan
from scheduler.price import MODES, Price, price, under_modes
from scheduler.rounds import Round
from scheduler.watch import Stop, Watch

BASE = Path("base")
"""What the files of the round as it is are called after."""


@dataclass(frozen=True)
class Comparing:
    """A round to plan as it is and under scenarios.

    Attributes
    ----------
    plan
        The plan of the round as it is; None = it is yet to be made.
    scenarios
        Files.
    jobs
        How many plans are made at once; None = as many as there are cores.
    """

    round: Round
    plan: Plan | None
    scenarios: Sequence[Path]
    jobs: int | None
    language: Language

    def compared(self) -> Compared:
        """Return the round as it is and under each scenario, planned.

        Raises
        ------
        RefusedRound
            Where the round contradicts itself.
        typer.Exit
            Where a scenario cannot be read, or makes no round that can be planned; all are told.
        """
        refuse(self.round)
        names, rounds = self._changed()
        before = [] if self.plan is None else [self.plan]
        plans = [*before, *planned(rounds[len(before) :], self.jobs)]
        return Compared(names, [Side(*each) for each in zip(rounds, plans, strict=True)])

    def _changed(self) -> tuple[list[str | None], list[Round]]:
        names: list[str | None] = [None]
        rounds, worst = [self.round], ExitCode.OK
        for path in self.scenarios:
            try:
                scenario = load_scenario(path)
                changed = changed_round(self.round, scenario)
                refuse(changed)
            except (InvalidScenario, RefusedRound) as error:
                failed = failure(error, self.language)
                show_failure(failed, shown(path))
                worst = max(worst, failed.exit_code)
            else:
                names.append(scenario.name)
                rounds.append(changed)
        if worst:
            raise typer.Exit(worst)
        return names, rounds

    def write(self, found: Compared, out: Path) -> None:
        """Write the comparison, and round and plan of each side, all or none."""
        contents = {
            "comparison.json": write_document(found.document),
            "comparison.xlsx": found.workbook(self.language),
        }
        called = folders([BASE, *self.scenarios], Path())
        for side, name in zip(found.sides, called, strict=True):
            contents[f"{name}.round.json"] = write_round(side.round)
            contents[f"{name}.plan.json"] = write_plan(side.plan)
        write_files(out, contents)


def priced(round_: Round, jobs: int | None) -> Price:
    """Return what priority costs in a round; an interruption leaves open whose orders do.

    Raises
    ------
    RefusedRound
        Where the round contradicts itself.
    """
    refuse(round_)
    rounds = under_modes(round_)
    plans = dict(zip(rounds, planned([*rounds.values()], jobs), strict=True))
    stop = Stop()
    asking = Asking(new_solver=exact, watch=Watch(stop=stop))
    work = partial(price, rounds, plans, asking)
    return interruptible(work, stop.request, lambda: None)


def refuse(round_: Round) -> None:
    """Raise RefusedRound for a round that contradicts itself."""
    contradictions = conflicts(round_)
    if contradictions:
        raise RefusedRound(contradictions)


def comparison_tables(found: Compared, language: Language) -> None:
    """Show the plans side by side, then who is placed otherwise in each pair of them."""
    names = [name or say(language, "compare-base") for name in found.names]
    show_sides(say(language, "compare-title"), names, found.sides, language)
    for (first, second), comparison in found.pairs.items():
        figures = {"first": Verbatim(names[first]), "second": Verbatim(names[second])}
        show_lines(["", say(language, "compare-pair", **figures)])
        show_lines([f"  {line}" for line in people_lines(comparison, language)])


def price_tables(round_: Round, found: Price, language: Language) -> None:
    """Show what each mode of priority comes to, who gains and loses, and whose orders cost."""
    names = [say(language, f"priority-{mode}") for mode in MODES]
    show_sides(say(language, "price-title"), names, [*found.sides.values()], language)
    for mode, name in zip(MODES[1:], names[1:], strict=True):
        figures = {"first": Verbatim(names[0]), "second": Verbatim(name)}
        show_lines(["", say(language, "compare-pair", **figures)])
        show_lines([f"  {line}" for line in people_lines(found.against_strict(mode), language)])
    show_lines(["", _lists(Wording(round_, language), found)])


def _lists(words: Wording, found: Price) -> str:
    if found.lost <= 0:
        return say(words.language, "price-none")
    if found.lists is None:
        return say(words.language, "price-open", lost=found.lost)
    names = [Verbatim(words.municipality(each)) for each in found.lists]
    return say(words.language, "price-lists", lost=found.lost, names=names)


def people_lines(comparison: Comparison, language: Language) -> Iterator[str]:
    """Yield who is placed otherwise, by id, a line each way; those alone whom it befalls."""
    for difference in Difference:
        people = [p.candidate for p in comparison.people if p.difference is difference]
        if people and difference is not Difference.SAME:
            ids = [Verbatim(each) for each in people]
            yield say(language, f"difference-{difference}", count=len(ids), ids=ids)
    if comparison.counts[Difference.SAME] == len(comparison.people):
        yield say(language, "compare-same")


def show_sides(title: str, names: Sequence[str], sides: Sequence[Side], language: Language) -> None:
    """Show what plans come to, a column each."""
    table = Table(
        title=Text(title, style="bold"),
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
    )
    table.add_column(say(language, "column-tier"), overflow="fold")
    for name in names:
        table.add_column(Text(name), overflow="fold", justify="right")
    for heading, values in _rows(sides, language):
        table.add_row(Text(heading), *("–" if v is None else str(v) for v in values))
    answers().print(table)


def _rows(
    sides: Sequence[Side], language: Language
) -> Iterator[tuple[str, Sequence[int | str | None]]]:
    """Yield what the plans come to: people first, then wishes, then tiers, then the proof."""
    plans = [side.plan for side in sides]
    yield say(language, "side-placed"), [plan.placed for plan in plans]
    yield say(language, "side-unplaced"), [len(plan.unplaced) for plan in plans]
    classes = [dict(side.classes) for side in sides]
    for number in sorted(set().union(*classes)):
        heading = say(language, "side-class", number=number)
        yield heading, [each.get(number, 0) for each in classes]
    for tier, level, values in side_by_side(plans):
        yield tier_name(language, tier, level), values
    status = [sentence(language, f"report.status-{plan.status}") for plan in plans]
    yield say(language, "side-status"), status
