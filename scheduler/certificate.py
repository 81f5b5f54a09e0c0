"""What others need to check a plan: an integer program for each level, and the value claimed of it.

All programs have the same Booleans and the same rules, PRIORITY in full. Each optimises one level
and fixes all earlier ones at their claimed values; the last one looks for the plan farthest from
the one claimed, which is 0 away where no other is as good. Whoever solves them all, and gets every
claimed value, has proven the plan without trusting who made it.

Names of Booleans, beside one for each option:

=======  ======================================================================
served   `colleague` has one of her options of at least this class
filled   others than `colleague` fill the limit `rule` of `subject` on `day`
step     so many of a `municipality` are placed, counted from 1
=======  ======================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from scheduler.model import Model, Row
from scheduler.options import Option
from scheduler.plans import Plan, Status
from scheduler.priority import Priority
from scheduler.rounds import Round
from scheduler.tiers import Level, levels, lottery
from scheduler.watch import UNIQUENESS


@dataclass(frozen=True, slots=True)
class Name:
    """What a Boolean or a row is: a kind, and the ids, dates and figures that tell it apart."""

    kind: str
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """A row under its name."""

    name: Name
    row: Row


@dataclass(frozen=True, slots=True)
class Program:
    """One level to optimise, the claimed value of it, and earlier levels as rows.

    It is written as others read it: something to minimise, without a constant.
    """

    level: Level
    claim: int
    fixed: tuple[Statement, ...]

    @property
    def sign(self) -> int:
        """What the level's terms are multiplied by to be minimised: 1 or -1."""
        return -1 if self.level.maximise else 1

    @property
    def terms(self) -> tuple[tuple[int, int], ...]:
        """What is to be minimised."""
        return tuple((i, self.sign * weight) for i, weight in self.level.terms)

    @property
    def minimum(self) -> int:
        """What must come out where the claim is true."""
        return self.sign * (self.claim - self.level.constant)


@dataclass(frozen=True, slots=True)
class Certificate:
    """The programs of one plan; variables are numbered as in `scheduler.model`."""

    options: Sequence[Option]
    variables: Mapping[int, Name]
    rules: tuple[Statement, ...]
    programs: tuple[Program, ...]


def certificate(round_: Round, plan: Plan) -> Certificate:
    """Return the programs by which a plan can be checked.

    Parameters
    ----------
    round_, plan
        A round and its plan, as the verifier confirms it, with status `optimal`. Accepted
        commitments are no variables: they only take places.

    Raises
    ------
    ValueError
        For a plan of another round, or one that is not claimed to be the only best one.
    """
    if plan.round_hash != round_.hash or plan.status is not Status.OPTIMAL:
        raise ValueError("only a proven plan of the round has a certificate")
    model = Model(round_)
    hard = len(model.rows)
    decided = (*levels(model), lottery(model, plan.lottery_counter))
    counting = _counting(model, model.rows[hard:])
    priority = _Ranking(model)
    rules = (*_one(model), *_limits(model), *counting, *priority.statements())
    return Certificate(
        options=model.options,
        variables=_names(model, priority),
        rules=rules,
        programs=tuple(_programs(model, decided, plan)),
    )


def _programs(model: Model, decided: Sequence[Level], plan: Plan) -> Iterator[Program]:
    fixed: list[Statement] = []
    for level, tier in zip(decided, plan.tiers, strict=True):
        yield Program(level, tier.value, tuple(fixed))
        limit = tier.value - level.constant
        name = Name("TIER", (level.tier, *([] if level.level is None else [str(level.level)])))
        fixed.append(Statement(name, Row(level.terms, lower=limit, upper=limit)))
    yield Program(_distance(model, plan), 0, tuple(fixed))


def _distance(model: Model, plan: Plan) -> Level:
    """Return how far another plan is from this one: placements left out, and others put in."""
    own = model.given(plan.placements)
    terms = tuple((i, -1 if i in own else 1) for i in range(len(model.options)))
    return Level(UNIQUENESS, None, True, terms, len(own))


def _one(model: Model) -> Iterator[Statement]:
    for candidate, numbers in model.of_candidate.items():
        yield Statement(Name("ONE", (candidate,)), Row(_sum(numbers), upper=1))


def _limits(model: Model) -> Iterator[Statement]:
    """Yield each limit on each day that a count can rise, where so many could come."""
    for resource in model.resources:
        for day in resource.starts:
            active, free = resource.active(day), resource.free(day)
            if len(active) > free:
                name = Name(resource.rule, (resource.subject, str(day)))
                yield Statement(name, Row(_sum(active), upper=free))


def _counting(model: Model, rows: Iterable[Row]) -> Iterator[Statement]:
    """Yield the rows that say what steps are."""
    home = {step: name.about[0] for step, name in _steps(model)}
    for row in rows:
        if row.terms:
            yield Statement(Name("STEPS", (home[row.terms[0][0]],)), row)


def _steps(model: Model) -> Iterator[tuple[int, Name]]:
    for steps in model.steps:
        for count, step in enumerate(steps.variables, start=1):
            yield step, Name("step", (steps.municipality, str(count)))


class _Ranking:
    """PRIORITY in full, in fewer and shorter rows than those that a search meets.

    Options that serve somebody come in hundreds of rows: they get one Boolean. Of rows that differ
    in their blockers alone, one whose blockers are among another's says more, and is enough.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._priority = Priority(model)
        self._served: dict[tuple[int, ...], int] = {}
        self._used: set[int] = set()

    def statements(self) -> Iterator[Statement]:
        """Yield the rows of PRIORITY, then those that say what its Booleans are."""
        for (taking, served), blockers in self._gathered().items():
            for least in _least(blockers):
                self._used |= least
                yield self._against(taking, served, least)
        for options, number in self._served.items():
            row = Row(((number, 1), *((i, -1) for i in options)), lower=0, upper=0)
            yield Statement(Name("SERVED", self._serving(options)), row)
        standing = self._priority.standing
        for number, b in standing.blockers.items():
            if number in self._used:
                name = Name("FILLED", (b.rule, b.subject, str(b.day), b.colleague))
                yield Statement(name, standing.definition(number))

    def names(self) -> Iterator[tuple[int, Name]]:
        """Yield the Booleans of the statements that have been yielded."""
        for options, served in self._served.items():
            yield served, Name("served", self._serving(options))
        for number, b in self._priority.standing.blockers.items():
            if number in self._used:
                yield number, Name("filled", (b.rule, b.subject, str(b.day), b.colleague))

    def _gathered(self) -> dict[tuple[tuple[int, ...], tuple[int, ...]], set[frozenset[int]]]:
        """Return sets of blockers by the options that take a seat and those that serve."""
        options = len(self._model.options)
        gathered: dict[tuple[tuple[int, ...], tuple[int, ...]], set[frozenset[int]]] = {}
        for envy in self._priority.possible():
            for row in self._priority.plainly(envy):
                taking = tuple(i for i, sign in row.terms if sign > 0)
                others = [i for i, sign in row.terms if sign < 0]
                served = tuple(i for i in others if i < options)
                blockers = frozenset(i for i in others if i >= options)
                gathered.setdefault((taking, served), set()).add(blockers)
        return gathered

    def _against(
        self, taking: Sequence[int], served: tuple[int, ...], blockers: Iterable[int]
    ) -> Statement:
        if served not in self._served:
            self._served[served] = self._model.variable()
        free = (self._served[served], *sorted(blockers))
        row = Row((*_sum(taking), *((i, -1) for i in free)), upper=0)
        options = self._model.options
        junior, colleague = options[taking[0]], options[served[0]].candidate
        units = dict.fromkeys(part.unit for part in junior.parts)
        return Statement(Name("PRIORITY", (colleague, junior.candidate, *units)), row)

    def _serving(self, options: Sequence[int]) -> tuple[str, str]:
        own = [self._model.options[i] for i in options]
        return own[0].candidate, str(max(option.wish_class for option in own))


def _least(sets: Iterable[frozenset[int]]) -> list[frozenset[int]]:
    """Return the sets that hold none of the others, in an order that depends on nothing else."""
    found: list[frozenset[int]] = []
    for each in sorted(sets, key=lambda each: (len(each), sorted(each))):
        if not any(smaller <= each for smaller in found):
            found.append(each)
    return found


def _names(model: Model, priority: _Ranking) -> dict[int, Name]:
    given = ((i, Name("give", _given(option))) for i, option in enumerate(model.options))
    return dict((*given, *_steps(model), *priority.names()))


def _given(option: Option) -> tuple[str, ...]:
    if len(option.parts) == 1:
        return option.candidate, option.parts[0].window, str(option.start)
    seats = ((part.window, str(part.start), str(part.months)) for part in option.parts)
    return option.candidate, *chain.from_iterable(seats)


def _sum(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    return tuple((i, 1) for i in numbers)
