"""What people see in a terminal: the plan as tables, progress, failures as one block.

Answers go to standard output, everything else to standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from errno import EPIPE
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.failures import Failure
from data.sentences import Language, Verbatim, sentence, written_decimal
from scheduler.watch import UNIQUENESS

if TYPE_CHECKING:
    from rich.live import Live

    from data.wording import Wording
    from scheduler.plans import Account, Plan
    from scheduler.watch import Progress


PAGE_WIDTH = 100
"""Letters a line where nobody watches: in a file or a pipe."""


class _Terminal(Console):
    def on_broken_pipe(self) -> None:
        """Let a closed pipe be an error like any other, instead of a silent end."""
        raise BrokenPipeError(EPIPE, "")


def answers() -> Console:
    """Return the console for answers."""
    width = None if sys.stdout.isatty() else PAGE_WIDTH
    return _Terminal(width=width, markup=False, highlight=False, emoji=False)


def remarks() -> Console:
    """Return the console for progress and failures."""
    return _Terminal(stderr=True, markup=False, highlight=False, emoji=False, soft_wrap=True)


def show_failure(failure: Failure, about: str = "") -> None:
    """Show a failure as one block on standard error."""
    title = f"{about}: {failure.title}" if about else failure.title
    block = "\n".join((title, *(f"  {line}" for line in failure.lines)))
    remarks().print(Text(block))


class PlanTables:
    """A plan as tables for the planner, names of candidates included."""

    def __init__(self, words: Wording, plan: Plan) -> None:
        self._words, self._plan = words, plan

    def tables(self) -> list[Table]:
        """Return placements, who is unplaced and why, and the tiers with their proof."""
        return [self._placements(), *self._unplaced(), self._tiers()]

    def _placements(self) -> Table:
        table = self._table("placements", "candidate", "unit", "period", "wish")
        for column in table.columns[-2:]:
            column.no_wrap = True
        for p in self._plan.placements:
            table.add_row(
                self._person(p.candidate),
                Text(f"{self._words.unit(p.unit)}\n{p.window}"),
                Text(self._words.stretch(p.start, p.end)),
                Text(self._words.wish_class(p)),
            )
        return table

    def _unplaced(self) -> list[Table]:
        if not self._plan.unplaced:
            return []
        table = self._table("unplaced", "candidate", "reasons")
        for account in self._plan.unplaced:
            reasons = "\n".join(self._reasons(account))
            table.add_row(self._person(account.candidate), Text(reasons))
        return [table]

    def _reasons(self, account: Account) -> list[str]:
        lines = []
        for reason in account.reasons:
            number = "" if reason.wish is None else f"{reason.wish}: "
            lines.append(number + self._words.placed_reason(reason))
        return lines

    def _tiers(self) -> Table:
        table = self._table("tiers", "tier", "value", "bound", "proven")
        for t in self._plan.tiers:
            table.add_row(
                Text(self._words.tier(t.tier, t.level)),
                Text(self._words.tier_value(t.tier, t.value)),
                Text(self._words.tier_value(t.tier, t.bound)),
                Text(self._say("yes" if t.proven else "no")),
            )
        return table

    def _table(self, title: str, *columns: str) -> Table:
        heading = Text(self._say(f"table-{title}"), style="bold")
        table = Table(
            title=heading, title_justify="left", box=SIMPLE_HEAD, pad_edge=False, show_edge=False
        )
        for column in columns:
            table.add_column(self._say(f"column-{column}"), overflow="fold")
        return table

    def _person(self, candidate: str) -> Text:
        """Return id, name where there is one, and municipality of a candidate."""
        record = self._words.round.candidate[candidate]
        who = f"{candidate} {record.name}" if record.name else candidate
        return Text(f"{who}\n{self._words.municipality(record.municipality)}")

    def _say(self, key: str) -> str:
        return sentence(self._words.language, f"console.{key}")


class ProgressLine:
    """The search as one live line on a terminal, or a line per tier level elsewhere."""

    def __init__(self, words: Wording, about: str) -> None:
        self._words, self._about = words, about
        self._latest: Progress | None = None
        self._said = 0
        console = remarks()
        self._console = console
        self._live = _live(console) if console.is_terminal else None

    def heard(self, progress: Progress) -> None:
        """Keep the newest report; called from the solver's thread."""
        self._latest = progress

    def tick(self) -> None:
        """Show the newest report; called from the main thread."""
        latest = self._latest
        if latest is None:
            return
        if self._live is not None:
            self._live.update(Text(self._line(latest)), refresh=True)
        elif latest.position > self._said:
            self._said = latest.position
            self._console.print(Text(self._line(latest)))

    def stop(self) -> None:
        """Take the live line away."""
        if self._live is not None:
            self._live.stop()

    def _line(self, progress: Progress) -> str:
        tier = self._words.tier(progress.tier, progress.level)
        figures = {
            "about": Verbatim(self._about),
            "position": progress.position,
            "of": progress.of,
            "tier": Verbatim(tier),
            "value": progress.value,
            "bound": progress.bound,
            "seconds": written_decimal(self._words.language, progress.seconds, 1),
        }
        key = "console.progress-unique" if progress.tier == UNIQUENESS else "console.progress"
        return sentence(self._words.language, key, figures)


def _live(console: Console) -> Live:
    from rich.live import Live  # most commands run where no terminal is

    live = Live(console=console, auto_refresh=False, transient=True)
    live.start()
    return live


def show_lines(lines: Sequence[str]) -> None:
    """Show lines on standard output, each as it stands."""
    console = answers()
    for line in lines:
        console.print(Text(line), soft_wrap=True)


def say(language: Language, key: str, **figures: object) -> str:
    """Return a sentence of the command line's own."""
    return sentence(language, f"console.{key}", figures)
