"""What is shown of a changed round without planning all of it is what planning it comes to."""

from __future__ import annotations

from itertools import islice

from scheduler.afresh import Afresh
from scheduler.ceilings import Ceilings
from scheduler.changes import KINDS
from scheduler.exact import exact
from scheduler.glop import Glop
from scheduler.options import options_of
from scheduler.prospects import Prospects
from scheduler.watch import Watch
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
