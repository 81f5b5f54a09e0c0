"""What is left is given without taking anything from whom a plan serves already."""

from __future__ import annotations

from scheduler.incumbent import Incumbent
from scheduler.priority import Priority
from scheduler.tiers import Level
from tests.scheduler.test_standing import fitting, models


def test_what_is_left_is_given_although_orders_would_ask_for_room() -> None:
    """Making room would lose what the plan has: then whoever is in the way gets nothing."""
    given = 0
    for number, model in enumerate(models()):
        priority = Priority(model)
        for has in filter(lambda plan: not priority.envies(plan), fitting(model, priority, number)):
            kept = Level("kept", None, True, tuple((i, 1) for i in sorted(has)))
            placed = Level("placed", None, True, tuple((i, 1) for i in range(len(model.options))))
            best = Incumbent(model, (kept, placed), priority)
            best.resume(has, (), 0)
            best.fill()
            assert has <= best.chosen
            assert not priority.envies(best.chosen)
            settled, _ = priority.settled(
                priority.together([*sorted(has), *range(len(model.options))])
            )
            options = frozenset(i for i in best.chosen if i < len(model.options))
            given += len(options) > len(has) and not has <= settled
    assert given >= 10
