"""A capacity study in a terminal: what is asked for, how far it is, and its tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from time import monotonic

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from api.failures import Misuse
from api.shell.console import answers, remarks, show_lines
from api.signals import interruptible
from data.exports.capacity import failed, gain, told
from data.sentences import Language, Verbatim, sentence
from data.wording import Wording
from scheduler.asking import Stopped
from scheduler.capacity import Study, Target, capacity_study
from scheduler.dates import add_months
from scheduler.errors import Fault
from scheduler.posts import Post, post_window
from scheduler.rounds import Round
from scheduler.watch import Stop, Watch
from scheduler.worth import Worth


@dataclass(frozen=True, slots=True)
class Wanted:
    """A target, costs by unit, how many posts are planned exactly, and seconds for the search."""

    target: Target
    costs: Mapping[str, int]
    exact: int
    seconds: float | None


def target_of(target: str, within: int | None) -> Target:
    """Return what the options ask for.

    Raises
    ------
    Misuse
        With every option that cannot be read.
    """
    faults: list[Fault] = []
    wanted = _target(target, faults)
    if within is not None and wanted.kind != "share" and not faults:
        faults.append(Fault("not-asked", ("--within",)))
    if faults:
        raise Misuse("wrong-options", options=faults)
    return replace(wanted, within=within)


def _target(target: str, faults: list[Fault]) -> Target:
    kind, is_given, share = target.partition("=")
    if kind == "share" and len(share) <= 10:
        try:
            part = Fraction(share)
        except (ValueError, ZeroDivisionError):
            part = Fraction(0)
        if 0 < part <= 1:
            return Target(kind="share", share=part)
    if not is_given and kind in {"everyone", "deadlines"}:
        return Target(kind="deadlines" if kind == "deadlines" else "everyone")
    allowed = [Verbatim(word) for word in ("everyone", "deadlines", "share=0.9")]
    faults.append(Fault("not-one-of", ("--target",), {"allowed": allowed}))
    return Target()


def studied(round_: Round, wanted: Wanted, language: Language) -> Study:
    """Study a round, telling on standard error how far it is.

    Raises
    ------
    KeyboardInterrupt
        Where it was stopped before anything was proven.
    """
    stop, line = Stop(), WorkLine(language, "capacity")
    work = partial(
        capacity_study,
        round_,
        wanted.target,
        wanted.costs,
        exact=wanted.exact,
        seconds=wanted.seconds,
        watch=Watch(stop=stop, clock=monotonic),
        told=line.heard,
    )
    try:
        return interruptible(work, stop.request, line.tick)
    except Stopped:
        raise KeyboardInterrupt from None


class WorkLine:
    """What is in work, a line each time that it changes, in the words of a family of texts."""

    def __init__(self, language: Language, family: str) -> None:
        self._language, self._family = language, family
        self._latest = self._said = ""

    def heard(self, work: str, done: int, of: int) -> None:
        """Keep the newest report; called from the thread that works."""
        key = f"{self._family}.work-{work}"
        self._latest = sentence(self._language, key, {"done": done, "of": of})

    def tick(self) -> None:
        """Show the newest report; called from the main thread."""
        latest = self._latest
        if latest != self._said:
            self._said = latest
            remarks().print(Text(latest))


def show_study(study: Study, costs: Mapping[str, int], language: Language) -> None:
    """Show the study's tables on standard output."""
    show_lines([*told(study, language)])
    for table in _Tables(study, costs, language).tables():
        answers().print()
        answers().print(table)
    rest = sum(not _speaks(worth.deadline, worth.placed, worth.exact) for worth in study.worths)
    if rest:
        show_lines(["", sentence(language, "capacity.worth-rest", {"count": rest})])


def _speaks(deadline: int, placed: int, exact: bool) -> bool:
    """Tell whether a post has a row of its own: bounds of 0 are told together."""
    return exact or deadline > 0 or placed > 0


def _counts(worth: Worth) -> tuple[int, int, int]:
    return worth.deadline, worth.placed, worth.classes[0] if worth.classes else 0


def _runs(worths: Sequence[Worth]) -> list[list[Worth]]:
    """Return the posts of each unit in order, those of following months and one bound together."""
    runs: list[list[Worth]] = []
    for worth in sorted(worths, key=lambda worth: worth.post):
        last = runs[-1][-1] if runs else None
        follows = (
            last is not None
            and last.post.unit == worth.post.unit
            and add_months(last.post.start, 1) == worth.post.start
            and _counts(last) == _counts(worth)
        )
        if follows:
            runs[-1].append(worth)
        else:
            runs.append([worth])
    return runs


@dataclass(frozen=True)
class _Tables:
    """The tables of a study, for the planner."""

    study: Study
    costs: Mapping[str, int]
    language: Language

    def tables(self) -> Iterator[Table]:
        """Yield those of the tables that say something."""
        for table in (self._worth(), self._set(), self._left_out()):
            if table.row_count:
                yield table

    def _worth(self) -> Table:
        """Return a row for each post planned, and one for months in a row of one bound."""
        table = self._table(
            "worth", "unit", "start", "deadline", "placed", "first", "candidates", "proof"
        )
        words = Wording(self.study.round, self.language)
        told = [w for w in self.study.worths if _speaks(w.deadline, w.placed, w.exact)]
        exact = [[worth] for worth in told if worth.exact]
        for run in (*exact, *_runs([worth for worth in told if not worth.exact])):
            ends = sorted({run[0].post.start, run[-1].post.start})
            one = run[0]
            table.add_row(
                Text(words.unit(one.post.unit)),
                Text(" – ".join(words.day(day) for day in ends)),
                *(Text(gain(self.language, one, count)) for count in _counts(one)),
                Text(str(max(len(worth.candidates) for worth in run))),
                Text(self._say("exact" if one.exact else "bound")),
            )
        return table

    def _set(self) -> Table:
        table = self._table("set", "unit", "period", "count", "cost")
        for post, count in self.study.purchase.posts:
            cost = count * self.costs.get(post.unit, 1)
            table.add_row(*self._post(post), Text(str(count)), Text(str(cost)))
        return table

    def _left_out(self) -> Table:
        table = self._table("left", "candidate", "rules")
        for each in self.study.purchase.left_out:
            sentences = " ".join(failed(self.language, each))
            table.add_row(Text(each.candidate), Text(sentences))
        return table

    def _post(self, post: Post) -> tuple[Text, Text]:
        words = Wording(self.study.round, self.language)
        closes = post_window(self.study.round, post, 1).closes
        return Text(words.unit(post.unit)), Text(words.stretch(post.start, closes))

    def _table(self, title: str, *columns: str) -> Table:
        table = Table(
            title=Text(self._say(f"{title}-title"), style="bold"),
            title_justify="left",
            box=SIMPLE_HEAD,
            pad_edge=False,
            show_edge=False,
        )
        for column in columns:
            table.add_column(self._say(f"column-{column}"), overflow="fold")
        return table

    def _say(self, key: str) -> str:
        return sentence(self.language, f"capacity.{key}")
