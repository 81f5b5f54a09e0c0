"""``rotations explain``: asks why, candidate after candidate, and says it in words."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field

from rich.status import Status

from api.shell.console import remarks, say
from api.shell.planning import processes
from api.signals import TICK_SECONDS, interruptible
from data.explaining import Explaining
from data.sentences import Language, Verbatim
from data.wording import Wording
from scheduler.explain import Explainer, explanations
from scheduler.explained import Explanation, WishExplained
from scheduler.plans import Plan
from scheduler.rounds import Round
from scheduler.watch import Stop, Watch

WORTH_A_PROCESS = 20
"""How many people take longer to explain than a process takes to start."""


@dataclass(frozen=True)
class Inquiry:
    """Whom to explain a plan to; an interruption keeps what is explained so far."""

    round: Round
    plan: Plan
    candidates: Collection[str]
    language: Language
    stop: Stop = field(default_factory=Stop)

    def explained(self) -> list[Explanation]:
        """Return the explanations, by candidate; fewer after an interruption."""
        found: list[Explanation] = []
        line = _Line(self, found)
        try:
            interruptible(lambda: self._explain(found), self.stop.request, line.tick)
        finally:
            line.end()
        return found

    def _explain(self, found: list[Explanation]) -> None:
        if self._workers == 1:
            found.extend(self._one_by_one())
            return
        explainer = Explainer(self.round, self.plan)
        with suppress(_Stopped), processes(self._workers) as pool:
            waiting = [pool.submit(explainer.explanation, each) for each in self._wanted]
            found.extend(map(self._awaited, waiting))

    def _one_by_one(self) -> Iterator[Explanation]:
        watch = Watch(stop=self.stop)
        for each in explanations(self.round, self.plan, self.candidates, watch):
            if self.stop.requested:  # what it lacks would pass for an answer
                return
            yield each

    def _awaited(self, future: Future[Explanation]) -> Explanation:
        while not self.stop.requested:
            with suppress(TimeoutError):
                return future.result(timeout=TICK_SECONDS)
        raise _Stopped

    @property
    def _wanted(self) -> list[str]:
        return [c.id for c in self.round.candidates if c.id in self.candidates]

    @property
    def _workers(self) -> int:
        return min(os.cpu_count() or 1, -(-len(self._wanted) // WORTH_A_PROCESS)) or 1


class _Stopped(Exception):
    """Somebody interrupts: what has not been found by now is not waited for."""


class _Line:
    """How many are explained: one live line on a terminal, a line each elsewhere."""

    def __init__(self, inquiry: Inquiry, found: Sequence[Explanation]) -> None:
        self._inquiry, self._found, self._said = inquiry, found, -1
        self._console = remarks()
        self._status = Status("", console=self._console)

    def tick(self) -> None:
        """Tell of what is new; called from the main thread."""
        done = len(self._found)
        if done == self._said:
            return
        self._said = done
        of = len(self._inquiry.candidates)
        text = say(self._inquiry.language, "explain-progress", done=done, of=of)
        if self._console.is_terminal:
            self._status.update(text)
            self._status.start()
        else:
            self._console.print(text)

    def end(self) -> None:
        """Take the live line away."""
        self._status.stop()


class Answers:
    """Explanations as lines for a terminal; candidates go by id."""

    def __init__(self, round_: Round, language: Language) -> None:
        self._words = Wording(round_, language)

    def lines(self, explained: Explanation) -> Iterator[str]:
        """Yield what a candidate got, and what there is to say of each better wish."""
        candidate = self._words.round.candidate[explained.candidate]
        figures = {
            "candidate": Verbatim(candidate.id),
            "municipality": Verbatim(self._words.municipality(candidate.municipality)),
        }
        given = explained.given
        if not given:
            yield self._worded("unplaced", **figures)
        for part in given:
            figures["unit"] = Verbatim(self._words.unit(part.unit))
            figures["period"] = Verbatim(self._words.stretch(part.start, part.end))
            figures["wish"] = Verbatim(self._words.wish_class(part))
            yield self._worded("placed", **figures)
        yield from (f"  {self._words.reason(reason)}" for reason in explained.reasons)
        for wish in explained.wishes:
            yield from (f"  {line}" for line in self._wish(explained.candidate, wish))

    def _wish(self, candidate: str, explained: WishExplained) -> Iterator[str]:
        words = Explaining(self._words, candidate)
        wish = self._words.round.candidate[candidate].wishes[explained.wish - 1]
        yield self._worded("wish", number=explained.wish, wish=Verbatim(self._words.wish(wish)))
        reasons = [self._words.placed_reason(reason) for reason in explained.reasons]
        causes = list(words.causes(explained.causes))
        remedies = [words.remedy(remedy) for remedy in explained.remedies]
        yield from self._section("reasons", reasons)
        yield from self._section("causes", causes)
        yield from self._section("remedies", remedies or [self._worded("no-remedy")])

    def _section(self, title: str, told: Sequence[str]) -> Iterator[str]:
        if told:
            yield f"  {self._worded(title)}"
            yield from (f"    {each}" for each in dict.fromkeys(told))

    def _worded(self, key: str, **figures: object) -> str:
        return say(self._words.language, f"explain-{key}", **figures)
