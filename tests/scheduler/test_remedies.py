"""What would have helped, helps; less of it does not: each step of a change is planned anew."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import count

from data.documents import read_round
from scheduler.ceilings import Ceilings
from scheduler.changes import KINDS, Changed, Question
from scheduler.errors import RefusedRound
from scheduler.exact import exact
from scheduler.glop import Glop
from scheduler.model import Model
from scheduler.planner import plan_round
from scheduler.plans import Reason
from scheduler.prospects import Prospects
from scheduler.remedies import remedies
from scheduler.watch import Watch
from tests.small_rounds import small_round

TOLD = int(os.environ.get("ROTATIONS_REMEDIES", "80"))
"""How many remedies are tried out."""

MODES = ("strict", "placement", "advisory")


def questions() -> Iterator[Question]:
    """Yield every wish of small rounds that is better than what the plan gives."""
    for seed in count():
        document = small_round(seed)
        document["policy"]["priority"] = MODES[seed % len(MODES)]
        round_ = read_round(json.dumps(document).encode())
        with suppress(RefusedRound):
            plan = plan_round(round_)
            given = {p.candidate: p.wish_class or 1 for p in plan.placements}
            for person in round_.candidates:
                if person.id not in round_.accepted:
                    for wish in range(1, given.get(person.id, len(person.wishes) + 1)):
                        yield Question(Model(round_), plan, person, wish)


def prospects(question: Question) -> Prospects:
    return Prospects(Ceilings(question.round, question.plan, Glop))


def helps(question: Question, changed: Changed) -> bool:
    """Plan a changed round from the start, and look."""
    return any(
        p.candidate == question.candidate.id and (p.wish_class or 1) <= question.position
        for p in plan_round(changed.round).placements
    )


def smaller(question: Question, remedy: Reason) -> Iterator[Changed]:
    """Yield every step of a change that comes before the one that is told."""
    for changed in KINDS[remedy.code](question):
        if changed.figures == remedy.figures:
            return
        yield changed
    raise AssertionError("it is no step of its kind")


def test_what_is_told_helps_and_nothing_less() -> None:
    seen: Counter[str] = Counter()
    for question in questions():
        for remedy in remedies(question, exact, Watch(), prospects(question)):
            steps = list(smaller(question, remedy))
            assert not any(helps(question, changed) for changed in steps), question
            (told,) = (c for c in KINDS[remedy.code](question) if c.figures == remedy.figures)
            assert helps(question, told), (question, remedy)
            seen[remedy.code] += 1
        if seen.total() >= TOLD:
            break
    assert len(seen) >= 8
