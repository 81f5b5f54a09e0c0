"""Which candidates of a round hang together: what is best for the others is best without them.

Candidates hang together by a municipality, by a window, and by a unit whose supervised places are
limited. Every level is a sum over options, or over municipalities, so the best plan of a round is
the best plans of its components together, and alone exactly when each of them is.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator
from typing import TypeVar

from scheduler.domain import Commitment
from scheduler.options import Option
from scheduler.rounds import Round

Item = TypeVar("Item")


def components(round_: Round, options: Iterable[Option]) -> list[tuple[Option, ...]]:
    """Return the options of each component, sorted; the components with the fewest first.

    Parameters
    ----------
    options
        Of candidates without an accepted commitment, sorted.
    """
    options = list(options)
    leader: dict[Hashable, Hashable] = {}

    def leading(member: Hashable) -> Hashable:
        while (above := leader.setdefault(member, member)) != member:
            leader[member] = member = leader[above]
        return member

    for option in options:
        for tie in _ties(round_, option):
            leader[leading(tie)] = leading(option.candidate)
    found: dict[Hashable, list[Option]] = {}
    for option in options:
        found.setdefault(leading(option.candidate), []).append(option)
    return sorted(map(tuple, found.values()), key=lambda own: (len(own), own))


def _ties(round_: Round, option: Option) -> Iterator[tuple[str, str]]:
    """Yield what an option shares with whoever it may meet or stand back for."""
    yield "municipality", round_.candidate[option.candidate].municipality
    for part in option.parts:
        yield "window", part.window
        if round_.unit[part.unit].supervised_places is not None:
            yield "unit", part.unit


class Extracts:
    """Cuts out of a round what concerns a component, so that its size alone counts.

    That is its municipalities with all their candidates, its units with all their windows, whoever
    has a place there already, and what all of these refer to.
    """

    def __init__(self, round_: Round) -> None:
        self._round = round_
        self._orders = _grouped((each.municipality, each) for each in round_.priorities)
        self._of_window = _grouped((each.window, each) for each in round_.commitments)
        self._of_candidate = _grouped((each.candidate, each) for each in round_.commitments)

    def of(self, options: Iterable[Option]) -> Round:
        """Return the round of a component's options alone."""
        whole, options = self._round, list(options)
        homes = {whole.candidate[o.candidate].municipality for o in options}
        units = {part.unit for o in options for part in o.parts}
        people = {c for home in homes for c in whole.colleagues[home]}
        people |= {each.candidate for each in self._in_units(units)}
        held = [each for c in people for each in self._of_candidate.get(c, ())]
        windows = {w.id for unit in units for w in whole.windows_at[unit]}
        windows |= {each.window for each in held}
        towns = {whole.candidate[c].municipality for c in people}
        units |= {whole.window[w].unit for w in windows}
        return whole.extract(
            units=tuple(whole.unit[each] for each in sorted(units)),
            windows=tuple(whole.window[each] for each in sorted(windows)),
            municipalities=tuple(whole.municipality[each] for each in sorted(towns)),
            candidates=tuple(whole.candidate[each] for each in sorted(people)),
            priorities=tuple(p for t in sorted(towns) for p in self._orders.get(t, ())),
            commitments=tuple(c for p in sorted(people) for c in self._of_candidate.get(p, ())),
        )

    def _in_units(self, units: Collection[str]) -> Iterator[Commitment]:
        for unit in units:
            for window in self._round.windows_at[unit]:
                yield from self._of_window.get(window.id, ())


def _grouped(pairs: Iterable[tuple[str, Item]]) -> dict[str, list[Item]]:
    groups: dict[str, list[Item]] = {}
    for key, item in pairs:
        groups.setdefault(key, []).append(item)
    return groups
