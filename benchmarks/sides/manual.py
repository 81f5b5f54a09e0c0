"""The manual way: one after the other, by municipality's rank and date of request.

Everybody takes the best of what is left for her: her first wish that has room, there the start
nearest to the one she hopes for. Those who hold an offer keep it. Whoever then is in the way of a
colleague, because a municipality ranks otherwise for one unit, goes without.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from benchmarks.outcome import Outcome, seats_of
from scheduler.admission import covering
from scheduler.domain import Candidate
from scheduler.options import Option, Part, accepted_options, admissible_options, is_offer
from scheduler.rounds import Round
from scheduler.verify.admission import stay
from scheduler.verify.hard import admissible_stays, priority_broken

Limit = tuple[str, str]


def decide(round_: Round, _: float) -> Outcome:
    """Fill a round by hand."""
    options: dict[str, list[Option]] = {}
    for option in admissible_options(round_):
        options.setdefault(option.candidate, []).append(option)
    filled = _Filled(round_)
    given = {option.candidate: option for option in accepted_options(round_)}
    for held in given.values():
        filled.take(held)
    for candidate in sorted(round_.candidates, key=lambda c: _turn(round_, c)):
        if candidate.id not in given:
            wanted = sorted(options.get(candidate.id, ()), key=lambda o: _liking(round_, o))
            found = next((option for option in wanted if filled.has_room(option)), None)
            if found is not None:
                filled.take(found)
                given[candidate.id] = found
    return Outcome(seats=seats_of(round_, _settled(round_, given).values()))


def _turn(round_: Round, candidate: Candidate) -> tuple[bool, int, date, str]:
    rank = round_.order(candidate.municipality).index(candidate.id)
    return candidate.id not in round_.offered, rank, candidate.submitted_on, candidate.id


def _liking(round_: Round, option: Option) -> tuple[bool, int, int, Option]:
    candidate, first = round_.candidate[option.candidate], option.parts[0]
    wish = covering(candidate, round_.unit[first.unit], first.start) or 1
    away = abs((first.start - candidate.wishes[wish - 1].ideal_start).days)
    return not is_offer(round_, option), option.wish_class, away, option


def _settled(round_: Round, given: dict[str, Option]) -> dict[str, Option]:
    """Leave out who is in a colleague's way, until nobody is."""
    options = admissible_stays(round_)
    while True:
        seats = seats_of(round_, given.values())
        found = [
            stay(round_, s.candidate, s.window, date.fromisoformat(s.start), s.months)
            for s in seats
        ]
        stays = [s for s in found if s is not None]
        leaving = {broken.subjects[0] for broken in priority_broken(round_, stays, options)}
        if not leaving:
            return given
        given = {name: option for name, option in given.items() if name not in leaving}


class _Filled:
    """Which places are taken, day by day."""

    def __init__(self, round_: Round) -> None:
        self._round = round_
        self._taken: Counter[tuple[Limit, date]] = Counter()

    def take(self, option: Option) -> None:
        """Take the places of an option."""
        for part in option.parts:
            for limit, _ in self._limits(option.candidate, part):
                self._taken.update((limit, day) for day in _days(part))

    def has_room(self, option: Option) -> bool:
        """Tell whether an option fits beside those taken."""
        return all(
            self._taken[limit, day] < places
            for part in option.parts
            for limit, places in self._limits(option.candidate, part)
            for day in _days(part)
        )

    def _limits(self, candidate: str, part: Part) -> Iterator[tuple[Limit, int]]:
        round_, home = self._round, self._round.candidate[candidate].municipality
        limits = (
            (("POSITIONS", part.window), round_.window[part.window].positions),
            (("SUPERVISED", part.unit), round_.unit[part.unit].supervised_places),
            (("AWAY", home), round_.municipality[home].max_away),
        )
        return ((limit, places) for limit, places in limits if places is not None)


def _days(part: Part) -> Iterable[date]:
    length = (part.end - part.start).days
    return (part.start + timedelta(days=day) for day in range(length))
