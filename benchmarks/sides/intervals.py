"""CP-SAT with an optional interval for each part of a stay, and a cumulative for each limit.

Positions, supervised places and absences are no rows here: what remains of them in rows are the
tiers and PRIORITY, as on every side. Parameters are CP-SAT's defaults.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from ortools.sat.python import cp_model

from benchmarks.outcome import Outcome
from benchmarks.sides.defaults import Plain
from benchmarks.sides.searching import in_one_piece
from scheduler.model import Limit, Model, Resource, Row
from scheduler.options import Part
from scheduler.rounds import Round


class Intervals(Plain):
    """A `scheduler.solver.Solver` that is told of limits as resources.

    Parameters
    ----------
    model
        The options and what they take places of; it numbers them as the search does.
    """

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._resources = model.resources
        self._told = False

    def add(self, variables: int, rows: Iterable[Row]) -> None:
        """Add rows for all objectives to come but those of limits, and Booleans as needed."""
        super().add(variables, (row for row in rows if not isinstance(row.about, Limit)))
        if not self._told:
            self._told = True
            model = cp_model.CpModel(self._model)
            for resource in self._resources:
                _limit(model, resource)


def _limit(model: cp_model.CpModel, resource: Resource) -> None:
    stays = [_stay(model, part, i) for i, part in resource.members]
    stays += [_stay(model, part, None) for _, part in resource.fixed]
    model.add_cumulative(stays, [1] * len(stays), resource.capacity)


def _stay(model: cp_model.CpModel, part: Part, option: int | None) -> cp_model.IntervalVar:
    start, length = part.start.toordinal(), (part.end - part.start).days
    if option is None:
        return model.new_fixed_size_interval_var(start, length, "")
    is_present = model.get_bool_var_from_proto_index(option)
    return model.new_optional_fixed_size_interval_var(start, length, is_present, "")


def decide(round_: Round, seconds: float) -> Outcome:
    """Decide a round with intervals and cumulatives."""
    return in_one_piece(round_, seconds, partial(Intervals, Model(round_)))
