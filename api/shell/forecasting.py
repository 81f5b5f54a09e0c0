"""The years ahead in a terminal: how far the work is, and its tables."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from api.shell.console import answers, show_lines
from api.shell.studying import WorkLine
from api.signals import interruptible
from data.exports.forecast import ranged, told, unit_years, wait_years
from data.sentences import Language, Verbatim, sentence
from data.wording import Wording
from scheduler.asking import Asking
from scheduler.demand import Assumptions
from scheduler.exact import exact
from scheduler.forecast import Ahead, Forecast, forecast
from scheduler.rounds import Round
from scheduler.watch import Stop, Watch

WAITING = ("people", "median", "nine_in_ten", "longest", "late", "without")
"""Columns of the table of waits, as the rows name them."""


def looked_ahead(
    round_: Round, assumed: Assumptions, work: float, jobs: int | None, language: Language
) -> Forecast:
    """Look at the years after a round, telling on standard error how far it is.

    Parameters
    ----------
    work
        Most solver work for one question, in CP-SAT's deterministic seconds.
    jobs
        How many draws are decided at once; None = as many as there are cores.
    """
    stop, line = Stop(), WorkLine(language, "forecast")
    asking = Asking(new_solver=exact, watch=Watch(stop=stop), told=line.heard, work=work)
    with ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        return interruptible(
            lambda: forecast(round_, assumed, asking, pool.map), stop.request, line.tick
        )


def show_forecast(found: Forecast, language: Language) -> None:
    """Show the years ahead on standard output, scenario by scenario."""
    tables = _Tables(found, language)
    for number, ahead in enumerate(found.scenarios):
        title = tables.say("scenario", name=Verbatim(ahead.intake))
        show_lines([*([""] if number else []), title, *told(found, ahead, language)])
        for table in (tables.posts(ahead), tables.waits(ahead)):
            if table.row_count:
                answers().print()
                answers().print(table)
    if not found.complete:
        show_lines(["", tables.say("incomplete")])


@dataclass(frozen=True)
class _Tables:
    """The tables of a scenario."""

    found: Forecast
    language: Language

    def posts(self, ahead: Ahead) -> Table:
        """Return the posts of each unit, a column a year."""
        years = range(1, self.found.assumed.years + 1)
        names = [self.say("column-unit"), *(self.say("year", number=year) for year in years)]
        table = self._table("posts-caption", names)
        words = Wording(self.found.round, self.language)
        for unit, rows in groupby(unit_years(ahead), key=lambda row: row["unit"]):
            by_year = {row["year"]: ranged(self.language, row) for row in rows}
            table.add_row(Text(words.unit(unit)), *(by_year.get(year, "") for year in years))
        return table

    def waits(self, ahead: Ahead) -> Table:
        """Return how long those waited who arrived in each year."""
        columns = (self.say(f"column-{name.replace('_', '-')}") for name in WAITING)
        table = self._table("wait-caption", [self.say("column-year"), *columns])
        for row in wait_years(self.found, ahead):
            figures = ("–" if row[name] is None else str(row[name]) for name in WAITING)
            table.add_row(self.say("year", number=row["year"]), *figures)
        return table

    def _table(self, title: str, columns: list[str]) -> Table:
        table = Table(
            title=Text(self.say(title), style="bold"),
            title_justify="left",
            box=SIMPLE_HEAD,
            pad_edge=False,
            show_edge=False,
        )
        for number, column in enumerate(columns):
            table.add_column(column, overflow="fold", justify="right" if number else "left")
        return table

    def say(self, key: str, **figures: object) -> str:
        """Return a sentence of the forecast."""
        return sentence(self.language, f"forecast.{key}", figures)
