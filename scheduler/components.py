"""Which candidates of a round hang together: what is best for the others is best without them.

Candidates hang together by a municipality, by a window, and by a unit whose supervised places are
limited. Every level is a sum over options, or over municipalities, so the best plan of a round is
the best plans of its components together, and alone exactly when each of them is.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from scheduler.model import Model
from scheduler.options import Option


def components(model: Model) -> list[tuple[Option, ...]]:
    """Return the options of each component, sorted; the components with the fewest first."""
    leader: dict[Hashable, Hashable] = {}

    def leading(member: Hashable) -> Hashable:
        while (above := leader.setdefault(member, member)) != member:
            leader[member] = member = leader[above]
        return member

    for option in model.options:
        for tie in _ties(model, option):
            leader[leading(tie)] = leading(option.candidate)
    found: dict[Hashable, list[Option]] = {}
    for option in model.options:
        found.setdefault(leading(option.candidate), []).append(option)
    return sorted(map(tuple, found.values()), key=lambda own: (len(own), own))


def _ties(model: Model, option: Option) -> Iterator[tuple[str, str]]:
    """Yield what an option shares with whoever it may meet or stand back for."""
    yield "municipality", model.round.candidate[option.candidate].municipality
    for part in option.parts:
        yield "window", part.window
        if ("SUPERVISED", part.unit) in model.resource:
            yield "unit", part.unit
