"""Which candidates of a round hang together: what is best for the others is best without them.

Candidates hang together by a municipality, by a window, and by a unit whose supervised places are
limited. Every level is a sum over options, or over municipalities, so the best plan of a round is
the best plans of its components together, and alone exactly when each of them is.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from scheduler.options import Option
from scheduler.rounds import Round


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
