"""What of a plan is near some candidates: where it can be mended, and all else stays."""

from __future__ import annotations

from collections.abc import Collection

from scheduler.model import Model


def apart(model: Model, chosen: Collection[int], people: Collection[str]) -> frozenset[int]:
    """Return the options to leave out where a plan is to change near some candidates alone.

    Free to change are these, and whoever has a place of what an option of theirs takes one of. All
    others keep what `chosen` gives them, or lose it.
    """
    options = model.options
    free = set(people)
    for resource in model.resources:
        members = [i for i, _ in resource.members]
        if any(options[i].candidate in people for i in members):
            free.update(options[i].candidate for i in members if i in chosen)
    return frozenset(
        i for i, option in enumerate(options) if option.candidate not in free and i not in chosen
    )
