"""What is shown of a changed round without planning all of it is what planning it comes to."""

from __future__ import annotations

from itertools import islice

from scheduler.afresh import Afresh
from scheduler.ceilings import Ceilings
from scheduler.changes import KINDS, Question
from scheduler.exact import exact
from scheduler.glop import Glop
from scheduler.model import Model
from scheduler.options import options_of
from scheduler.planner import plan_round
from scheduler.prospects import Prospects
from scheduler.watch import Watch
from tests.builders import (
    candidate,
    municipality,
    order,
    policy,
    round_doc,
    round_of,
    unit,
    window,
    wish,
)
from tests.scheduler.test_remedies import helps, questions

ASKED = 130
"""How many changes are asked about."""


class Counted(Afresh):
    """Counts how often the best plan was not needed."""

    spared = 0

    def _settled(self, *asked: object) -> bool | None:
        settled = super()._settled(*asked)  # type: ignore[arg-type]
        self.spared += settled is not None
        return settled


def test_a_grant_is_what_planning_anew_comes_to() -> None:
    asked = spared = granted = 0
    for question in questions():
        prospects = Prospects(Ceilings(question.round, question.plan, Glop))
        afresh = Counted(question.model, question.plan, exact, prospects)
        her, wish = question.candidate.id, question.position
        for steps in KINDS.values():
            for changed in islice(steps(question), 2):
                new = options_of(changed.round, changed.round.candidate[her])
                if any(option.wish_class <= wish for option in new):
                    found = afresh.grants(changed, her, wish, Watch())
                    assert found == helps(question, changed), (question, changed.figures)
                    asked, granted = asked + 1, granted + found
        spared += afresh.spared
        if asked >= ASKED:
            break
    assert spared > asked // 2
    assert asked // 9 < granted < asked - asked // 9


def test_whoever_has_no_claim_any_more_lets_a_junior_stand() -> None:
    """Two months shorter, a could have w2, and a plan near the planned one gives it to her.

    But then she claims w no more, where b may stand, and b has waited longest.
    """
    day = {"earliest": "2028-02-10", "latest": "2028-02-10"}
    round_ = round_of(
        round_doc(
            policy=policy(tiers=["waiting", "placed", "start"]),
            units=[unit("u"), unit("v")],
            windows=[
                window("w", opens="2027-08-10", closes="2028-08-10"),
                window("w2", unit="v", opens="2027-10-10", closes="2028-06-10"),
            ],
            municipalities=[municipality("m", max_away=1), municipality("k")],
            candidates=[
                candidate("a", months_needed=6, wishes=[wish("s", **day)]),
                candidate(
                    "b",
                    months_needed=6,
                    rounds_waited=6,
                    wishes=[wish("u", earliest="2028-02-05", latest="2028-02-10")],
                ),
                candidate(
                    "c",
                    municipality="k",
                    months_needed=6,
                    rounds_waited=5,
                    wishes=[wish("u", **day)],
                ),
            ],
            priorities=[order("a", "b")],
        )
    )
    plan = plan_round(round_)
    question = Question(Model(round_), plan, round_.candidate["a"], 1)
    afresh = Afresh(question.model, plan, exact, Prospects(Ceilings(round_, plan, Glop)))
    shorter = {changed.figures["months"]: changed for changed in KINDS["SHORTER"](question)}
    assert [p.candidate for p in plan.placements] == ["c"]
    assert [p.candidate for p in plan_round(shorter[2].round).placements] == ["b"]
    asked = range(2, 6)  # whoever needs five months has no option
    granted = [afresh.grants(shorter[months], "a", 1, Watch()) for months in asked]
    assert granted == [months >= 4 for months in asked]
