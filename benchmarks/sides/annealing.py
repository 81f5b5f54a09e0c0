"""What Timefold moves, and how it counts: translated to Java as it stands, so it is kept plain.

Loading this module needs a running Java.
"""

# Annotations are read when the classes are translated, so they are no strings here.
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Annotated, Any

from ai.timefold.solver.core.api.score.buildin.bendablelong import BendableLongScore
from timefold.solver import SolverFactory
from timefold.solver.config import (
    Duration,
    ScoreDirectorFactoryConfig,
    SolverConfig,
    TerminationConfig,
)
from timefold.solver.domain import (
    PlanningEntityCollectionProperty,
    PlanningId,
    PlanningScore,
    PlanningVariable,
    ProblemFactProperty,
    ValueRangeProvider,
    planning_entity,
    planning_solution,
)
from timefold.solver.score import BendableScore, IncrementalScoreCalculator


class Worth:
    """A score that reaches Java as a text: arrays of numbers cannot be made from there."""

    def __init__(self, text: str) -> None:
        self.text = text

    def _to_java_score(self):  # type: ignore[no-untyped-def] # noqa: ANN202 - Any is a class there
        return BendableLongScore.parseScore(self.text)


@dataclass
class Choice:
    """An option of the model, by number."""

    number: int


@dataclass
class Facts:
    """What the score hangs on, see `benchmarks.ranking.Ranking`.

    Numbers reach Java as texts, ``0 1 2 3`` for 1, 2 and 3, lists of lists with a ``;`` between
    them: as lists they would take minutes. `waiting` counts the candidates of each town, `spread`
    is the level of their tier, -1 = none.
    """

    towns: str
    slots: str
    weights: str
    claims: str
    free: str
    colleagues: str
    serving: str
    blockers: str
    waiting: str
    spread: int


@planning_entity
@dataclass
class Trainee:
    """A candidate, and what she is given."""

    number: Annotated[int, PlanningId]
    choices: Annotated[list[Choice], ValueRangeProvider]
    choice: Annotated[Choice | None, PlanningVariable(allows_unassigned=True)] = field(default=None)


@planning_solution
@dataclass
class Plan:
    """Everybody, and the score of what they are given.

    It has more soft levels than any round has tier levels; those left over stay 0.
    """

    facts: Annotated[Facts, ProblemFactProperty]
    trainees: Annotated[list[Trainee], PlanningEntityCollectionProperty]
    score: Annotated[
        BendableScore | None,
        PlanningScore(bendable_hard_levels_size=2, bendable_soft_levels_size=24),
    ] = field(default=None)


class Counting(IncrementalScoreCalculator):  # type: ignore[misc] # ships no types that mypy sees
    """Keeps limits and tiers up to date; looks at PRIORITY when it is asked for the score."""

    towns: list[int]
    slots: list[list[int]]
    weights: list[list[int]]
    claims: list[list[int]]
    free: list[int]
    colleagues: list[int]
    serving: list[list[int]]
    blockers: list[list[int]]
    waiting: list[int]
    level: int
    given: list[int]
    count: list[int]
    placed: list[int]
    sums: list[int]
    over: int

    def reset_working_solution(self, plan: Plan) -> None:
        """Read the facts, and count from nothing."""
        self.read(plan.facts)
        self.read_ranking(plan.facts)
        self.given = [-1] * len(plan.trainees)
        self.count = [0] * len(self.free)
        self.placed = [0] * len(self.waiting)
        self.sums = [0] * 24
        self.over = 0
        for trainee in plan.trainees:
            self.take(trainee)

    def read(self, facts: Facts) -> None:
        """Read what options take and give."""
        self.towns = self.numbers(facts.towns)
        self.slots = self.lists(facts.slots)
        self.weights = self.lists(facts.weights)
        self.waiting = self.numbers(facts.waiting)
        self.level = facts.spread

    def read_ranking(self, facts: Facts) -> None:
        """Read who may be in whose way."""
        self.claims = self.lists(facts.claims)
        self.free = self.numbers(facts.free)
        self.colleagues = self.numbers(facts.colleagues)
        self.serving = self.lists(facts.serving)
        self.blockers = self.lists(facts.blockers)

    def lists(self, text: str) -> list[list[int]]:
        """Read a list of lists of numbers."""
        found = []
        for each in text.split(";"):
            found.append(self.numbers(each))  # noqa: PERF401 - a comprehension is not translated
        return found

    def numbers(self, text: str) -> list[int]:
        """Read a list of numbers."""
        found = []
        for each in text.split(" "):
            found.append(int(each))  # noqa: PERF401 - as above
        found.pop(0)
        return found

    def take(self, trainee: Trainee) -> None:
        """Count what a trainee is given."""
        if trainee.choice is not None:
            number = trainee.choice.number
            self.given[trainee.number] = number
            self.fill(self.slots[number])
            self.add(self.weights[number], 1)
            self.spread(self.towns[number], 1)
            self.placed[self.towns[number]] += 1

    def leave(self, trainee: Trainee) -> None:
        """Count a trainee out."""
        if trainee.choice is not None:
            number = trainee.choice.number
            self.given[trainee.number] = -1
            self.clear(self.slots[number])
            self.add(self.weights[number], -1)
            self.placed[self.towns[number]] -= 1
            self.spread(self.towns[number], -1)

    def fill(self, slots: list[int]) -> None:
        """Take a place of each slot."""
        for slot in slots:
            if self.count[slot] >= self.free[slot]:
                self.over += 1
            self.count[slot] += 1

    def clear(self, slots: list[int]) -> None:
        """Give a place of each slot back."""
        for slot in slots:
            self.count[slot] -= 1
            if self.count[slot] >= self.free[slot]:
                self.over -= 1

    def add(self, weights: list[int], sign: int) -> None:
        """Add what an option is worth, or take it away."""
        for level in range(len(weights)):
            self.sums[level] += sign * weights[level]

    def spread(self, town: int, sign: int) -> None:
        """Add what one more placed of a town gives to `spread`, or take it away."""
        if self.level >= 0:
            self.sums[self.level] += sign * (self.waiting[town] - self.placed[town])

    def in_the_way(self) -> int:
        """Count the claims against what is given."""
        found = 0
        for number in self.given:
            if number >= 0:
                found += self.against(self.claims[number])
        return found

    def against(self, claims: list[int]) -> int:
        """Count the claims that stand."""
        found = 0
        for claim in claims:
            if self.stands(claim):
                found += 1
        return found

    def stands(self, claim: int) -> bool:
        """Tell whether a colleague is not served, and no blocker keeps her out."""
        own = self.given[self.colleagues[claim]]
        if own in self.serving[claim]:
            return False
        for slot in self.blockers[claim]:
            others = self.count[slot]
            if own >= 0 and slot in self.slots[own]:
                others -= 1
            if others >= self.free[slot]:
                return False
        return True

    def calculate_score(self) -> Worth:
        """Return the score as it stands."""
        text = "[" + str(-self.over) + "/" + str(-self.in_the_way()) + "]hard/["
        for level in range(23):
            text = text + str(self.sums[level]) + "/"
        return Worth(text + str(self.sums[23]) + "]soft")

    def before_variable_changed(self, trainee: Trainee, _: str) -> None:
        """Count out who is about to move."""
        self.leave(trainee)

    def after_variable_changed(self, trainee: Trainee, _: str) -> None:
        """Count in who has moved."""
        self.take(trainee)

    def before_entity_added(self, trainee: Trainee) -> None:
        """Nobody is added on the way."""

    def after_entity_added(self, trainee: Trainee) -> None:
        """Count in who is new."""
        self.take(trainee)

    def before_entity_removed(self, trainee: Trainee) -> None:
        """Count out who goes."""
        self.leave(trainee)

    def after_entity_removed(self, trainee: Trainee) -> None:
        """Nobody is removed on the way."""


def solved(facts: Mapping[str, Any], seconds: float) -> tuple[list[int], float]:
    """Return the numbers of the options that Timefold chooses, and how long it searched."""
    config = SolverConfig(
        solution_class=Plan,
        entity_class_list=[Trainee],
        score_director_factory_config=ScoreDirectorFactoryConfig(
            incremental_score_calculator_class=Counting
        ),
        termination_config=TerminationConfig(spent_limit=Duration(seconds=int(seconds))),
    )
    solver = SolverFactory.create(config).build_solver()
    trainees = [
        Trainee(number, [Choice(i) for i in own]) for number, own in enumerate(facts["choices"])
    ]
    problem = Plan(Facts(*facts["facts"]), trainees)
    began = monotonic()
    found = solver.solve(problem)
    chosen = [each.choice.number for each in found.trainees if each.choice is not None]
    return chosen, monotonic() - began
