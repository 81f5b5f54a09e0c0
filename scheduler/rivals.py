"""Whether a plan outdoes all its rivals in something: shown by linear programs, level by level."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import partial

from scheduler.linear import Linear
from scheduler.model import Model, Row
from scheduler.options import Option
from scheduler.priority import Priority
from scheduler.relaxation import Relaxation
from scheduler.standing import Envy
from scheduler.tiers import Level, levels


def outdoes(
    model: Model,
    plan: Collection[Option],
    granting: Collection[int],
    envies: Iterable[tuple[Option, str]],
    new_linear: Callable[[], Linear],
) -> bool:
    """Tell whether it is shown that a plan is better than any that differs in a grant.

    Parameters
    ----------
    model
        Of which no level has been built.
    plan
        The plan: rivals give none of `granting` where it gives one, else they give one.
    granting
        Options of a candidate, by number.
    envies
        Some that are worth ruling out from the start: the option kept away, and the junior.
    new_linear
        Makes an empty solver of linear programs.
    """
    compared, priority = levels(model), Priority(model)
    own = model.completed(i for i, option in enumerate(model.options) if option in plan)
    number = {option: i for i, option in enumerate(model.options)}
    known = [Envy(number[wanted], junior) for wanted, junior in envies if wanted in number]
    rows = [row for envy in known for row in priority.against(envy)]
    defining = priority.standing.defining(rows).values()
    relaxation = Relaxation(model, priority, new_linear(), (*model.rows, *defining, *rows))
    terms = tuple((i, 1) for i in granting)
    if own.isdisjoint(granting):
        some = Level("granting", None, True, terms)
        most = relaxation.bound(some, lambda value: value < 1)
        if most is not None and most.value < 1:
            return True
        relaxation.add([some.at_least(1)])
    else:
        relaxation.add([Row(terms, upper=0)])
    return _loses(relaxation, ((level, level.value(own)) for level in compared))


def _loses(relaxation: Relaxation, known: Iterable[tuple[Level, int]]) -> bool:
    """Tell whether whatever a relaxation allows loses to known values in the first that differs."""
    for level, value in known:
        bound = relaxation.bound(level, partial(level.beats, value))
        if bound is None or level.beats(bound.value, value):
            return False
        if level.beats(value, bound.value):
            return True
        relaxation.add([level.at_least(value)])
    return False
