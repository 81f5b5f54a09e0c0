"""What solving the linear program of every level once takes, orders among the rows.

Each level is bounded in turn, rows of PRIORITY added as its solution breaks them, and its bound
becomes a row; nothing is rounded and nothing proven.
"""

from __future__ import annotations

from benchmarks.outcome import Outcome
from scheduler.glop import Glop
from scheduler.model import Model
from scheduler.priority import Priority
from scheduler.relaxation import Relaxation
from scheduler.rounds import Round
from scheduler.tiers import levels, lottery


def decide(round_: Round, _: float) -> Outcome:
    """Bound every level of a round."""
    model = Model(round_)
    decided = (*levels(model), lottery(model, 0))
    relaxation = Relaxation(model, Priority(model), Glop(), model.rows)
    bounds = []
    for level in decided:
        bound = relaxation.bound(level, lambda _: False)
        if bound is None:
            break
        bounds.append(bound.value)
        relaxation.add([level.at_least(bound.value)])
    rows = float(len(relaxation.rows))
    return Outcome(notes={"levels": float(len(bounds)), "rows": rows})
