"""The true cause why a wish that could be granted was not, found by granting it and solving again.

=============  ======================================================================
FULL           accepted seats alone fill a limit on some day of every stay: `rule`,
               `subject`, `holders`; once for each such limit of a stay with the fewest
PRIORITY       whoever gives it to her puts her in the way of `colleagues` whom her
               municipality ranks higher
TIER           it would cost: `tier` and `level` come to `forced` instead of `value`;
               `losers` would get a worse place or none, the latter in `units`, where as many
               as possible keep what they have
LOTTERY        no tier is the worse for it: the draw decided
OPEN           nothing is the worse for it: the search was stopped before that was known
UNDECIDED      solving again was stopped before the cause was known
=============  ======================================================================

Where PRIORITY is followed by TIER, that is what it would cost although nobody minded the order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from scheduler.dates import overlap
from scheduler.forcing import Forced, Forcing, Loss
from scheduler.model import Model, Resource
from scheduler.options import Option, Part, grants
from scheduler.plans import Reason

CAUSES = frozenset({"FULL", "PRIORITY", "TIER", "LOTTERY", "OPEN", "UNDECIDED"})
"""The codes of every cause."""


def causes(forcing: Forcing, candidate: str, wish: int) -> Iterator[Reason]:
    """Yield what kept a candidate from a wish; nothing where no admissible option grants it.

    Parameters
    ----------
    wish
        Position of the wish, 1 = first.
    """
    options = granting(forcing.model, candidate, wish)
    if options:
        yield from cause(forcing, candidate, options, wish)


def cause(
    forcing: Forcing, candidate: str, options: Sequence[int], wish: int | None
) -> Iterator[Reason]:
    """Yield what keeps a candidate from some admissible options of hers, at least one.

    Parameters
    ----------
    options
        Numbers in the model's options.
    wish
        What the reasons say that they are about; None = no wish.
    """
    full = min((_full(forcing.model, option) for option in options), key=len)
    if full:
        yield from (Reason("FULL", wish, figures) for figures in full)
        return
    forced = forcing.force(options, nearest=True)
    if forced.loss is Loss.UNDECIDED:
        yield Reason("UNDECIDED", wish)
        return
    impossible = forced.loss is Loss.IMPOSSIBLE
    if not impossible and forcing.is_costly(options, candidate):
        yield _reason(forcing, candidate, wish, forced)
        return
    lifted = forcing.force(options, exempt=candidate, nearest=True)
    above = forcing.in_the_way_of(lifted.chosen, candidate)
    if not above or not (impossible or _is_free(lifted)):
        yield _reason(forcing, candidate, wish, lifted if impossible else forced)
        return
    yield Reason("PRIORITY", wish, {**_stay(forcing, candidate, lifted), "colleagues": list(above)})
    if not _is_free(lifted):
        yield _reason(forcing, candidate, wish, lifted)


def granting(model: Model, candidate: str, wish: int) -> tuple[int, ...]:
    """Return the options, by number, that a wish of a candidate grants."""
    own = model.of_candidate.get(candidate, ())
    return tuple(i for i in own if grants(model.round, model.options[i], wish))


def _is_free(forced: Forced) -> bool:
    """Tell whether something costs nothing, or nothing but a lucky draw."""
    is_lottery = forced.level is not None and forced.level.tier == "lottery"
    return forced.loss is Loss.NONE or (forced.loss is Loss.WORSE and is_lottery)


def _reason(forcing: Forcing, candidate: str, wish: int | None, forced: Forced) -> Reason:
    if forced.loss is Loss.UNDECIDED:
        return Reason("UNDECIDED", wish)
    stay = _stay(forcing, candidate, forced)
    if forced.loss is Loss.NONE:
        return Reason("OPEN", wish, stay)
    assert forced.level is not None, "something is worse"
    if forced.level.tier == "lottery":
        return Reason("LOTTERY", wish, stay)
    figures = {
        "tier": forced.level.tier,
        "level": forced.level.level,
        "value": forcing.in_round(forced.level, forced.level.value(forcing.own)),
        "forced": forcing.in_round(forced.level, forced.value),
    }
    return Reason("TIER", wish, stay | figures | _losers(forcing, forced))


def _stay(forcing: Forcing, candidate: str, forced: Forced) -> dict[str, Any]:
    """Return the stay that was tried, as it costs least; of one in parts, the first."""
    options = forcing.model.options
    given = next(options[i] for i in sorted(forced.chosen) if options[i].candidate == candidate)
    first = given.parts[0]
    return {"window": first.window, "unit": first.unit, "start": str(first.start)}


def _losers(forcing: Forcing, forced: Forced) -> dict[str, list[str]]:
    """Return whom a plan gives less than the proven one, and where a place is lost."""
    before, after = _by_candidate(forcing, forcing.own), _by_candidate(forcing, forced.chosen)
    lost = {c: o for c, o in before.items() if c not in after}
    worse = [c for c, o in before.items() if c in after and after[c].wish_class > o.wish_class]
    return {
        "losers": sorted({*lost, *worse}),
        "units": sorted({part.unit for option in lost.values() for part in option.parts}),
    }


def _by_candidate(forcing: Forcing, chosen: frozenset[int]) -> dict[str, Option]:
    options = forcing.model.options
    return {options[i].candidate: options[i] for i in chosen if i < len(options)}


def _full(model: Model, number: int) -> list[dict[str, Any]]:
    """Return the limits that accepted seats fill on some day of an option."""
    found = []
    for resource in model.resources:
        parts = [part for member, part in resource.members if member == number]
        filled = [part for part in parts if _is_filled(resource, part)]
        if filled:
            holders = {c for part in filled for c, held in resource.fixed if _meet(part, held)}
            about = {"rule": resource.rule, "subject": resource.subject}
            found.append(about | {"holders": sorted(holders)})
    return found


def _is_filled(resource: Resource, part: Part) -> bool:
    days = (part.start, *(held.start for _, held in resource.fixed))
    return any(part.start <= day < part.end and resource.free(day) <= 0 for day in days)


def _meet(one: Part, other: Part) -> bool:
    return overlap(one.start, one.end, other.start, other.end)
