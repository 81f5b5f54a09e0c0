"""Tiers in order, each to proof, then proof that the plan is the only best one.

Each level is optimised alone; its value becomes a row, the plan found a hint, and the next level
follows. A stop, a limit or a solver fault keeps the best plan so far: its levels then stand with
the bounds that were proven. An empty plan always exists, so "no plan" from the solver is a fault:
recorded, tried again without presolve, never passed on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import Event

from scheduler.model import Model
from scheduler.options import Option
from scheduler.plans import Status, TierResult
from scheduler.priority import Priority
from scheduler.rounds import Round
from scheduler.separation import LEAST, Separation
from scheduler.solver import Answer, Effort, Outcome, Solver
from scheduler.tiers import Level, easy_bound, levels, lottery
from scheduler.watch import UNIQUENESS, Incident, Limits, Progress, Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The best plan found: options chosen, tiers, and which draw of the lottery decided."""

    status: Status
    chosen: tuple[Option, ...]
    accepted: tuple[Option, ...]
    tiers: tuple[TierResult, ...]
    lottery_counter: int


@dataclass(frozen=True, slots=True)
class Decided:
    """A level that has had its turn: the value that later plans must reach, and its bound."""

    level: Level
    value: int
    bound: int


def search(
    round_: Round,
    limits: Limits,
    watch: Watch,
    new_solver: Callable[[], Solver],
    lifted: Collection[str] = (),
) -> Result:
    """Find the best plan of a round whose accepted commitments do not contradict each other.

    Parameters
    ----------
    round_
        The round, not refused.
    limits, watch
        How long, and who listens.
    new_solver
        Makes an empty solver; which one makes no difference to a proven plan.
    lifted
        Ids of municipalities whose orders do not bind.

    Raises
    ------
    InvalidRound
        Where stays may be divided in more ways than `scheduler.options.MAX_OPTIONS`.
    """
    return _Search(round_, limits, watch, new_solver, lifted).run()


class _Search:
    """The state of one search: the best plan so far, and what has been decided."""

    def __init__(
        self,
        round_: Round,
        limits: Limits,
        watch: Watch,
        new_solver: Callable[[], Solver],
        lifted: Collection[str],
    ) -> None:
        self._began = watch.clock()
        self._new_solver = new_solver
        self._limits, self._watch = limits, watch
        self._model = Model(round_)
        self._levels = levels(self._model)
        self._priority = Priority(self._model, lifted)
        self._separation = Separation(self._model, self._priority)
        self._chosen: frozenset[int] = frozenset()
        self._decided: list[Decided] = []
        self._seconds = self._deterministic = 0.0

    def run(self) -> Result:
        """Decide every level, then draw the lottery until one plan is left."""
        self._guess()
        solver = self._solver()
        for level in self._levels:
            self._decide(solver, level)
        decided = tuple(self._decided)
        counter, alone = 0, False
        while True:
            self._decide(solver, lottery(self._model, counter))
            another = self._another(solver) if self._proven else None
            if another is not True:
                alone = another is False
                break
            counter += 1
            self._decided = list(decided)
            solver = self._solver()
        options = self._model.options
        return Result(
            status=Status.OPTIMAL if alone else Status.FEASIBLE,
            chosen=tuple(o for i, o in enumerate(options) if i in self._chosen),
            accepted=self._model.accepted,
            tiers=tuple(self._tiers()),
            lottery_counter=counter,
        )

    def _guess(self) -> None:
        """Take the plan that linear programs lead to, each as good as the last allows, if any.

        Where no level has a gap that is the best plan already, and all that is left is to prove it.
        """
        solver = self._solver()
        last = lottery(self._model, 0)
        for level in (*self._levels, last):
            bound = self._relaxed(solver, level, None)
            solver.add(self._model.variables, [level.at_least(bound)])
        relaxed = None if self._exhausted else solver.relaxed(last, self._effort(), self._stop)
        if relaxed is not None:
            self._deterministic += relaxed.deterministic
            plan, _ = self._priority.settled(self._rounded(relaxed.shares))
            self._adopt(self._levels[0] if self._levels else last, plan)

    def _rounded(self, shares: Sequence[float]) -> set[int]:
        """Return options that go together, those with the largest shares first."""
        options = self._model.options
        plan: set[int] = set()
        placed: set[str] = set()
        wanted = (i for i in range(len(options)) if shares[i] > LEAST)
        for i in sorted(wanted, key=lambda i: (-shares[i], i)):
            if options[i].candidate not in placed and self._priority.has_room(i, plan):
                plan.add(i)
                placed.add(options[i].candidate)
        return plan

    def _solver(self) -> Solver:
        fixed = (d.level.at_least(d.value) for d in self._decided)
        solver = self._new_solver()
        solver.add(self._model.variables, (*self._model.rows, *fixed))
        return solver

    def _tiers(self) -> Iterator[TierResult]:
        """Yield what each level came to in the best plan, which may outdo what was decided."""
        proven = True
        for decided in self._decided:
            level, value = decided.level, decided.level.value(self._chosen)
            proven = proven and value == decided.bound
            yield TierResult(level.tier, level.level, value, decided.bound, proven)

    @property
    def _proven(self) -> bool:
        return all(tier.proven for tier in self._tiers())

    def _decide(self, solver: Solver, level: Level) -> None:
        """Optimise a level and let nothing fall below what it came to."""
        bound = self._optimise(solver, level)
        value = level.value(self._chosen)
        self._reporter(level)(value, bound)
        self._decided.append(Decided(level, value, bound))
        if not self._exhausted:  # else nothing is asked any more
            solver.add(self._model.variables, [level.at_least(value)])

    def _optimise(self, solver: Solver, level: Level) -> int:
        """Improve the best plan in a level until it meets its bound; return the bound."""
        bound = self._relaxed(solver, level, level.value(self._chosen))
        while level.value(self._chosen) != bound and not self._exhausted:
            answer = self._believed(solver, level)
            if answer is None:
                break
            if answer.bound is not None and level.beats(bound, answer.bound):
                bound = answer.bound
            plan, envies = self._priority.settled(answer.chosen)
            self._adopt(level, plan)
            rows = list(self._priority.rows(envies))
            self._model.rows += rows
            solver.add(self._model.variables, rows)
            if answer.outcome is not Outcome.OPTIMAL or not envies:
                break
        return bound

    def _relaxed(self, solver: Solver, level: Level, enough: int | None) -> int:
        """Return the bound of a level as low as the linear program makes it, or low enough.

        Orders that its solution breaks become rows, as long as they lower the bound.
        """
        bound, last = easy_bound(self._model, level), None
        while bound != enough and not self._exhausted:
            relaxed = solver.relaxed(level, self._effort(), self._stop)
            if relaxed is None:
                break
            self._deterministic += relaxed.deterministic
            rows = self._separation.rows(relaxed.shares)
            self._model.rows += rows
            solver.add(self._model.variables, rows)
            bound = relaxed.bound if level.beats(bound, relaxed.bound) else bound
            if not rows or (last is not None and not level.beats(last, relaxed.bound)):
                break
            last = relaxed.bound
        return bound

    def _adopt(self, level: Level, plan: Iterable[int]) -> None:
        """Take a plan that loses nothing decided and is better in the first level that differs.

        `level` is named beside all levels because `lottery` and uniqueness are not among them.
        """
        chosen = self._model.completed(plan)
        if any(d.level.beats(d.value, d.level.value(chosen)) for d in self._decided):
            return
        for each in (*(d.level for d in self._decided), level, *self._levels):
            value, own = each.value(chosen), each.value(self._chosen)
            if value != own:
                if each.beats(value, own):
                    self._chosen = chosen
                return

    def _believed(self, solver: Solver, level: Level) -> Answer | None:
        """Ask the solver, without presolve where its verdict cannot be true; None without one."""
        for presolve in (True, False):
            answer = self._ask(solver, level, presolve)
            if not self._incredible(level, answer):
                return answer
            incident = Incident(level.tier, level.level, answer.outcome, presolve)
            self._watch.on_incident(incident)
        return None

    def _incredible(self, level: Level, answer: Answer) -> bool:
        """Tell whether an answer contradicts the plan already in hand."""
        value = level.value(self._chosen)
        if answer.outcome in (Outcome.INFEASIBLE, Outcome.FAULT):
            return True
        if answer.bound is not None and level.beats(value, answer.bound):
            return True
        worse = level.beats(value, level.value(self._model.completed(answer.chosen)))
        return answer.outcome is Outcome.OPTIMAL and worse

    def _another(self, solver: Solver) -> bool | None:
        """Tell whether another plan has the same value in every tier; None where unknown.

        Leaving the plan costs at least one placement fewer of it or one more beside it, so the
        plan is the only best one when no plan comes below its own count.
        """
        numbers = range(len(self._model.options))
        own = self._chosen.intersection(numbers)
        terms = tuple((i, 1 if i in own else -1) for i in numbers)
        apart = Level(UNIQUENESS, None, False, terms)
        plan = self._chosen
        bound = self._optimise(solver, apart)
        found = apart.value(self._chosen)
        self._reporter(apart)(found, bound)
        self._chosen = plan
        if found < len(own):
            return True
        return False if bound == len(own) else None

    def _ask(self, solver: Solver, level: Level, presolve: bool) -> Answer:
        hint = {i: i in self._chosen for i in range(len(self._model.options))}
        effort = self._effort(presolve)
        answer = solver.optimise(level, hint, effort, self._stop, self._reporter(level))
        self._seconds += answer.seconds
        self._deterministic += answer.deterministic
        return answer

    def _effort(self, presolve: bool = True) -> Effort:
        """Return what the next solve may take: half of what is left."""
        return Effort(
            seconds=_share(self._limits.seconds, self._elapsed),
            deterministic=_share(self._limits.deterministic, self._deterministic),
            workers=self._limits.workers,
            seed=self._limits.seed,
            presolve=presolve,
        )

    @property
    def _stop(self) -> Event | None:
        return self._watch.stop.event if self._watch.stop is not None else None

    @property
    def _elapsed(self) -> float:
        return max(self._watch.clock() - self._began, self._seconds)

    @property
    def _exhausted(self) -> bool:
        limits, stop = self._limits, self._watch.stop
        return (
            (stop is not None and stop.requested)
            or (limits.seconds is not None and self._elapsed >= limits.seconds)
            or (limits.deterministic is not None and self._deterministic >= limits.deterministic)
        )

    def _reporter(self, level: Level) -> Callable[[int | None, int | None], None]:
        """Return a callback that merges values and bounds into reports of progress."""
        reached = [level.value(self._chosen), easy_bound(self._model, level)]

        def found(value: int | None, bound: int | None) -> None:
            reached[0] = reached[0] if value is None else value
            reached[1] = reached[1] if bound is None else bound
            self._watch.on_progress(
                Progress(
                    level.tier,
                    level.level,
                    reached[0],
                    reached[1],
                    self._elapsed,
                    len(self._decided) + 1,
                    len(self._levels) + 2,
                )
            )

        return found


def _share(limit: float | None, spent: float) -> float | None:
    """Return half of what is left, so that later tiers get their turn too."""
    return None if limit is None else max(limit - spent, 0.0) / 2
