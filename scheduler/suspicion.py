"""Who is in a colleague's way in a plan of shares: weighed before any row is built.

A junior with a share of a seat may keep each colleague above her from every option there at its
time: tens of thousands of pairs, of which a few break a row of PRIORITY. So what a row would come
to is weighed from the seats that somebody has a share of, which are few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import numpy as np

from scheduler.duality import Whole
from scheduler.model import Model, Resource
from scheduler.options import Part, is_offer
from scheduler.priority import Priority
from scheduler.standing import Envy
from scheduler.stays import Stays

ONE = 1 << 40
"""A share of all, in whole parts: sums of these are the same in whatever order they are made."""

BROKEN = ONE // 1_000_000
"""By how much a row must be broken to count as such."""

LEAST = 1e-9
"""Shares of less are none."""

NO_ROOM = 1 << 60
"""How much keeps everybody out where accepted commitments leave no place."""


class Suspicion:
    """Tells which envies a plan of shares may hold.

    Parameters
    ----------
    model, priority
        Whose rows would be broken.
    """

    def __init__(self, model: Model, priority: Priority) -> None:
        self._model, self._priority, self._stays = model, priority, Stays(model, priority)
        self._taking = np.zeros(len(model.options), dtype=np.int64)

    def envies(self, parts: Whole) -> Iterator[Envy]:
        """Yield every envy with a row that is broken, and few others.

        Parameters
        ----------
        parts
            Share of each option, in whole parts.
        """
        if self._model.round.policy.priority == "advisory":
            return
        options = self._model.options
        shared = np.flatnonzero(parts > LEAST * ONE).tolist()
        seats = _Seats(self._model, self._priority, parts, shared)
        served = self._stays.served(parts)
        moving: dict[str, list[int]] = {}
        for y in shared:
            if not is_offer(self._model.round, options[y]):
                moving.setdefault(options[y].candidate, []).append(y)
        for junior, own in moving.items():
            unserved = self._unserved(own, seats, served)
            wanted = {o for o, y, share in unserved if not seats.is_kept_out(o, y, share)}
            yield from (Envy(o, junior) for o in sorted(wanted))

    def _unserved(
        self, own: Iterable[int], seats: _Seats, served: Whole
    ) -> Iterator[tuple[int, int, int]]:
        """Yield options of colleagues, a junior's seat in the way, and how much more she has."""
        taking = self._taking
        claims = {y: self._stays.claims(y) for y in own}
        for y, claimed in claims.items():
            taking[claimed] += seats.parts[y]
        for y, claimed in claims.items():
            excess = taking[claimed] - served[claimed]
            for z in seats.apart(y):
                excess += seats.parts[z] * (self._stays.person[claimed] == self._stays.person[z])
            more = excess > BROKEN
            for o, share in zip(claimed[more].tolist(), excess[more].tolist(), strict=True):
                yield o, y, share
        for claimed in claims.values():
            taking[claimed] = 0


class _Seats:
    """The seats that somebody has a share of, by what they take places of."""

    def __init__(
        self, model: Model, priority: Priority, parts: Whole, shared: Iterable[int]
    ) -> None:
        self.parts: list[int] = parts.tolist()
        self._options, self._own = model.options, model.of_candidate
        self._standing = priority.standing
        self._shared = frozenset(shared)
        self._taking: dict[int, list[tuple[int, Part]]] = {}
        self._apart: dict[int, frozenset[int]] = {}
        self._on: dict[tuple[int, date], tuple[int, frozenset[int]]] = {}
        for i in self._shared:
            option = self._options[i]
            for part in option.parts:
                for resource in self._standing.resources(option.candidate, part):
                    self._taking.setdefault(id(resource), []).append((i, part))

    def apart(self, y: int) -> frozenset[int]:
        """Return the seats that a row may leave out because they cannot stand beside `y`."""
        if y not in self._apart:
            units = frozenset(part.unit for part in self._options[y].parts)
            self._apart[y] = self._standing.not_beside(y, units) & self._shared
        return self._apart[y]

    def is_kept_out(self, o: int, y: int, share: int) -> bool:
        """Tell whether others than a junior in `y` keep a colleague out of so much of an option."""
        wanted, beside = self._options[o], self._options[y]
        passed: set[int | tuple[int, date]] = set(self.apart(y))
        passed.update(self._own[wanted.candidate], self._own[beside.candidate])
        for resource, day in self._standing.days(wanted, beside):
            if id(resource) in self._taking or resource.fixed:
                share -= self._keeping_out(wanted.candidate, resource, day, passed)
            if share <= BROKEN:
                return True
        return False

    def _keeping_out(
        self, colleague: str, resource: Resource, day: date, passed: set[int | tuple[int, date]]
    ) -> int:
        """Return how much keeps a colleague out on a day, but for what has been passed before."""
        free, active = self._day(resource, day)
        if free == 1:
            keeping = active.difference(passed)
            passed |= keeping
            return sum(self.parts[z] for z in keeping)
        if free <= 0:
            return NO_ROOM
        if (id(resource), day) in passed or not self._standing.may_fill(colleague, resource, day):
            return 0
        passed.add((id(resource), day))
        others = active.difference(self._own[colleague])
        return min(ONE, sum(self.parts[z] for z in others) // free)

    def _day(self, resource: Resource, day: date) -> tuple[int, frozenset[int]]:
        """Return how many places are free on a day, and the seats that take one."""
        key = id(resource), day
        if key not in self._on:
            taking = self._taking.get(id(resource), ())
            active = frozenset(z for z, own in taking if own.start <= day < own.end)
            self._on[key] = self._standing.free(resource, day), active
        return self._on[key]
