"""What candidates could have where, as arrays: who has a claim to a seat at its time."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from scheduler.duality import Whole
from scheduler.model import Model
from scheduler.priority import Priority


class Stays:
    """The parts of a model's options, numbered option by option.

    Parameters
    ----------
    model, priority
        Whose options they are, and who stands above whom.

    Attributes
    ----------
    person
        Number of the candidate of each option.
    """

    def __init__(self, model: Model, priority: Priority) -> None:
        self._model, self._priority = model, priority
        parts = [(i, part) for i, option in enumerate(model.options) for part in option.parts]
        self._option = _whole(i for i, _ in parts)
        self._start = _whole(part.start.toordinal() for _, part in parts)
        self._end = _whole(part.end.toordinal() for _, part in parts)
        self._of: dict[tuple[str, str], list[int]] = {}
        for number, (i, part) in enumerate(parts):
            self._of.setdefault((model.options[i].candidate, part.unit), []).append(number)
        self._ordered: dict[tuple[str, str], tuple[Whole, list[int]]] = {}
        person = {candidate: number for number, candidate in enumerate(model.of_candidate)}
        self.person = _whole(person[option.candidate] for option in model.options)
        self._by_class, self._serving = self._classes()

    def claims(self, y: int) -> Whole:
        """Return the options that colleagues above could have in a unit at the time of a seat."""
        found = [_whole(())]
        option = self._model.options[y]
        for part in option.parts:
            above = self._above(option.candidate, part.unit)
            starts_before = self._start[above] < part.end.toordinal()
            meets = starts_before & (self._end[above] > part.start.toordinal())
            found.append(self._option[above[meets]])
        return _each_once(np.concatenate(found))

    def served(self, parts: Whole) -> Whole:
        """Return of each option how much its candidate has that leaves her no claim to it.

        Parameters
        ----------
        parts
            Share of each option, in whole parts.
        """
        sums = np.append(0, parts[self._by_class].cumsum())
        first, after = self._serving
        found: Whole = sums[after] - sums[first]
        return found

    def _above(self, junior: str, unit: str) -> Whole:
        """Return the parts that those could have in a unit whom an order puts above a junior."""
        key = self._model.round.candidate[junior].municipality, unit
        if key not in self._ordered:
            own = [self._of.get((each, unit), []) for each in self._model.round.order(*key)]
            ends = np.cumsum([0, *map(len, own)]).tolist()
            self._ordered[key] = _whole(number for each in own for number in each), ends
        parts, ends = self._ordered[key]
        return parts[: ends[len(self._priority.above(junior, unit))]]

    def _classes(self) -> tuple[Whole, tuple[Whole, Whole]]:
        """Return options by person and class, and between which places those are that serve."""
        is_alike = self._model.round.policy.priority == "placement"
        own = _whole(0 if is_alike else o.wish_class for o in self._model.options)
        key = self.person * (own.max(initial=0) + 1) + own
        order = np.argsort(key, kind="stable")
        first = np.searchsorted(self.person[order], self.person)
        return order, (first, np.searchsorted(key[order], key, side="right"))


def _whole(numbers: Iterable[int]) -> Whole:
    return np.fromiter(numbers, dtype=np.int64)


def _each_once(numbers: Whole) -> Whole:
    """Return what `np.unique` does, which loads masked arrays: they take longer than small rounds.

    Sorting is quicker than its hashes, too.
    """
    ordered = np.sort(numbers)
    is_new = np.ones(len(ordered), dtype=bool)
    is_new[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_new]
