"""What each candidate could be given: stays, whole or in parts (docs/model.md, section 2)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from scheduler.admission import (
    Stay,
    is_admissible,
    names,
    start_days,
    stay,
    stay_months,
    wished_stays,
)
from scheduler.dates import add_months
from scheduler.domain import Candidate, Commitment, Window, Wish
from scheduler.errors import Fault, InvalidRound
from scheduler.rounds import Round

MAX_OPTIONS = 1_000_000
"""Most options of a round in which stays may be divided: their number grows as a square."""


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A stay in one window for ``[start, end)`` that counts `months` full-time months."""

    window: str
    start: date
    end: date
    unit: str
    months: int


@dataclass(frozen=True, slots=True, order=True)
class Option:
    """What a candidate could be given: one part, or several one after the other.

    `wish_class` is that of the part that comes off worst, 1 = the first wish. It is 0 where no wish
    covers some part, which only an accepted commitment may be.
    """

    candidate: str
    parts: tuple[Part, ...]
    wish_class: int

    @property
    def start(self) -> date:
        """First day of the first part."""
        return self.parts[0].start

    @property
    def end(self) -> date:
        """The day after the last day of the last part."""
        return self.parts[-1].end


def divisions(round_: Round, candidate: Candidate) -> tuple[tuple[int, ...], ...]:
    """Return the ways in which a candidate's months may be divided, in full-time months."""
    parts, needed = round_.policy.parts, candidate.months_needed
    return ((needed,),) if parts is None else parts.of(needed)


def admissible_options(round_: Round) -> tuple[Option, ...]:
    """Return every admissible option of the round, sorted by candidate, windows and starts.

    Raises
    ------
    InvalidRound
        Where stays may be divided and there are more than `MAX_OPTIONS`.
    """
    every = (option for c in round_.candidates for option in options_of(round_, c))
    if round_.policy.parts is None:
        return tuple(sorted(every))
    found = sorted(islice(every, MAX_OPTIONS + 1))
    if len(found) > MAX_OPTIONS:
        at = ("policy", "parts")
        raise InvalidRound((Fault("too-many-options", at, {"maximum": MAX_OPTIONS}),))
    return tuple(found)


def options_of(round_: Round, candidate: Candidate) -> Iterator[Option]:
    """Yield every admissible option of a candidate."""
    for division in divisions(round_, candidate):
        first, *then = (_wholes(round_, candidate, months) for months in division)
        if not then:
            yield from first
            continue
        yield from (pair(*both) for both in _together(round_, first, *then))
        yield from _own_pair(round_, candidate, division)


def within_reach(round_: Round) -> tuple[set[str], set[str]]:
    """Return the ids of the candidates who have an option, and of the windows in somebody's.

    Where stays are not divided no more options are looked for than it takes to know.
    """
    candidates: set[str] = set()
    windows: set[str] = set()
    for candidate in round_.candidates:
        if round_.policy.parts is not None:
            for option in options_of(round_, candidate):
                candidates.add(candidate.id)
                windows.update(part.window for part in option.parts)
            continue
        for window in _wished_windows(round_, candidate):
            if candidate.id in candidates and window.id in windows:
                continue
            if any(map(is_admissible, wished_stays(round_, candidate, window, candidate.wishes))):
                candidates.add(candidate.id)
                windows.add(window.id)
    return candidates, windows


def _wholes(round_: Round, candidate: Candidate, months: int) -> list[Option]:
    """Return every stay of so many full-time months that keeps each admission rule."""
    return [
        option_of(s)
        for window in _wished_windows(round_, candidate)
        for s in wished_stays(round_, candidate, window, candidate.wishes, months)
        if is_admissible(s)
    ]


def _wished_windows(round_: Round, candidate: Candidate) -> Sequence[Window]:
    """Return the windows of what a candidate wishes for, each once."""
    targets = {wish.target for wish in candidate.wishes}
    windows = {w.id: w for target in targets for w in round_.windows_at.get(target, ())}
    return list(windows.values())


def _together(
    round_: Round, first: Iterable[Option], second: Iterable[Option]
) -> Iterator[tuple[Option, Option]]:
    """Yield each stay with each that may follow it as its other part.

    Two that touch in one window are no division: together they are one stay.
    """
    assert round_.policy.parts is not None, "somebody's stay may be divided"
    gap = round_.policy.parts.longest_gap_months
    later = sorted(second, key=lambda option: option.start)
    starts = [option.start for option in later]
    for one in first:
        latest = add_months(one.end, gap) or date.max
        for other in later[bisect_left(starts, one.end) : bisect_right(starts, latest)]:
            if other.start > one.end or other.parts[0].window != one.parts[0].window:
                yield one, other


def _own_pair(round_: Round, candidate: Candidate, division: tuple[int, ...]) -> Iterator[Option]:
    """Yield a candidate's own offer of two parts, where rules are waived for it that they break."""
    offers = round_.offered.get(candidate.id, ())
    if tuple(round_.months(offer) for offer in offers) != division:
        return
    stays = [s for offer in offers for s in _on_start_day(round_, candidate, offer)]
    waived = [replace(s, is_offer=True) for s in stays]
    if len(stays) == len(offers) and all(map(is_admissible, waived)):
        first, second = map(option_of, waived)
        if any(_together(round_, [first], [second])) and not all(map(is_admissible, stays)):
            yield pair(first, second)


def is_offer(round_: Round, option: Option) -> bool:
    """Tell whether an option is, part by part, what the candidate has been offered."""
    offers = round_.offered.get(option.candidate)
    return offers is not None and (
        [(part.window, part.start, part.months) for part in option.parts]
        == [(offer.window, offer.start, round_.months(offer)) for offer in offers]
    )


def _on_start_day(round_: Round, candidate: Candidate, offer: Commitment) -> Iterator[Stay]:
    """Yield the stay of an offer where it begins on a start day."""
    window, months = round_.window[offer.window], round_.months(offer)
    if start_days(round_, window, stay_months(months, window), offer.start, offer.start):
        found = stay(round_, candidate, window, offer.start, months)
        if found is not None:
            yield found


def grants(round_: Round, option: Option, wish: int) -> bool:
    """Tell whether an option is what a wish (1 = the first) asks for, or better in some part.

    The wish covers a part of it; each other part, the wish itself covers, or one before it.
    """
    wishes = round_.candidate[option.candidate].wishes[:wish]
    if len(option.parts) == 1:
        return covers(round_, wishes[-1], option.parts[0])
    covered = [[covers(round_, each, part) for part in option.parts] for each in wishes]
    return any(covered[-1]) and all(any(part) for part in zip(*covered, strict=True))


def covers(round_: Round, wish: Wish, part: Part) -> bool:
    """Tell whether a wish covers a part of an option."""
    return wish.earliest <= part.start <= wish.latest and names(wish, round_.unit[part.unit])


def option_of(s: Stay) -> Option:
    """Return a stay as an option of one part."""
    part = Part(s.window.id, s.start, s.end, s.unit.id, s.months)
    return Option(s.candidate.id, (part,), s.wish_class)


def pair(first: Option, second: Option) -> Option:
    """Return two stays as one option; its class is the worse one."""
    worse = max(first.wish_class, second.wish_class)
    return Option(first.candidate, (*first.parts, *second.parts), worse)


def accepted_options(round_: Round) -> tuple[Option, ...]:
    """Return the accepted commitments as options, sorted; each ends when its months are served."""
    return tuple(sorted(_held(round_, held) for held in round_.accepted.values()))


def _held(round_: Round, commitments: Iterable[Commitment]) -> Option:
    """Return a candidate's accepted commitments as one option."""
    found = []
    for each in commitments:
        candidate, window = round_.candidate[each.candidate], round_.window[each.window]
        held = stay(round_, candidate, window, each.start, each.months)
        assert held is not None, "cross-checked when the round was made"
        found.append(option_of(held))
    classes = [option.wish_class for option in found]
    worst = max(classes) if all(classes) else 0
    return Option(candidate.id, tuple(part for o in found for part in o.parts), worst)
