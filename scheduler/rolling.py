"""A drawn future planned round by round, as it would be: nobody knows who comes next.

Every round is a real one, planned as far as the solver's work goes, and verified. What a plan gives
is taken as accepted, and binds the rounds after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from scheduler.asking import Asking, Stopped
from scheduler.dates import whole_months
from scheduler.demand import Arrival, Assumptions, Calendar, Draw, after, arrived_in
from scheduler.domain import Candidate, Commitment, Priority, Window
from scheduler.options import accepted_options
from scheduler.planner import plan_round
from scheduler.plans import Given, Status, by_candidate
from scheduler.posts import POST_MONTHS
from scheduler.provision import Posts
from scheduler.rounds import Round
from scheduler.watch import Limits, Watch

KNOWN_MONTHS = 24
"""Months before its first day from which a vacancy or a post is known to the rounds."""


@dataclass(frozen=True, slots=True)
class Wait:
    """How long somebody waited.

    Attributes
    ----------
    year
        The year of arrival, from 0.
    months
        Whole months from arrival to start; None = without a place when the rounds end.
    in_time
        She started by the day by which she was to.
    """

    candidate: str
    year: int
    months: int | None
    in_time: bool


@dataclass(frozen=True, slots=True)
class Rolled:
    """A draw planned round by round, and how long each one waited, by id.

    All of the `rounds` are verified; that no better plan exists is proven for `proven` of them.
    """

    draw: int
    rounds: int
    proven: int
    waits: tuple[Wait, ...]


def rolled(round_: Round, assumed: Assumptions, draw: Draw, posts: Posts, asking: Asking) -> Rolled:
    """Plan a future round by round with these posts.

    Raises
    ------
    RefusedRound
        Where the round's accepted commitments alone break a rule.
    Stopped
        Where the search was stopped.
    """
    rolling = _Rolling(round_, assumed, draw, posts)
    proven = 0
    every = round_.policy.round_every_months
    last = (12 * assumed.years + assumed.wait_months) // every
    for number in range(last + 1):
        asking.told("rolling", number, last + 1)
        day = after(round_.decision_date, number * every)
        limits = Limits(deterministic=asking.work)
        plan = plan_round(rolling.at(day, number), limits, Watch(stop=asking.watch.stop))
        if asking.over:
            raise Stopped
        proven += plan.status is Status.OPTIMAL
        for own in by_candidate(plan.placements).values():
            rolling.take(own)
    return Rolled(draw.number, last + 1, proven, tuple(rolling.waits()))


@dataclass(frozen=True, slots=True)
class _Seat:
    """What somebody has accepted, in one part or several, and the day after its last."""

    commitments: tuple[Commitment, ...]
    end: date


class _Rolling:
    """A future up to a day: who has been given what, by candidate."""

    def __init__(self, round_: Round, assumed: Assumptions, draw: Draw, posts: Posts) -> None:
        self._round, self._draw = round_, draw
        calendar = Calendar.of(round_, assumed)
        self._windows = (*draw.windows, *post_windows(round_, calendar, posts))
        ends = {o.candidate: o.end for o in accepted_options(round_)}
        self._seats = {c: _Seat(held, ends[c]) for c, held in round_.accepted.items()}

    def take(self, own: Given) -> None:
        """Count what somebody was given as accepted; what was before stays as it is."""
        seats = tuple(
            Commitment(
                candidate=p.candidate,
                window=p.window,
                start=p.start,
                state="accepted",
                months=p.months,
            )
            for p in own
        )
        self._seats.setdefault(own[0].candidate, _Seat(seats, own[-1].end))

    def at(self, day: date, number: int) -> Round:
        """Return the round of a decision date: who waits then, and which seats are taken."""
        kept = {c: seat.commitments for c, seat in self._seats.items() if seat.end > day}
        people = {c: self._round.candidate[c] for c in kept if c in self._round.accepted}
        for arrival in self._draw.people:
            name = arrival.candidate.id
            if arrival.arrived_on <= day and (name in kept or name not in self._seats):
                people[name] = self._still(arrival, day, number)
        seats = tuple(seat for own in kept.values() for seat in own)
        held = {seat.window for seat in seats}
        known, policy = after(day, KNOWN_MONTHS), self._round.policy
        return self._round.replace(
            id=f"{self._round.id}+{number}",
            decision_date=day,
            policy=replace(policy, start_days=(min(policy.start_days, default=1),), parts=None),
            windows=tuple(
                w for w in self._windows if w.id in held or (w.closes > day and w.opens < known)
            ),
            candidates=tuple(people.values()),
            priorities=tuple(self._orders(people)),
            commitments=seats,
        )

    def waits(self) -> Iterator[Wait]:
        """Yield how long each one waited, by id."""
        for arrival in sorted(self._draw.people, key=lambda a: a.candidate.id):
            seat = self._seats.get(arrival.candidate.id)
            start = None if seat is None else seat.commitments[0].start
            yield Wait(
                candidate=arrival.candidate.id,
                year=arrived_in(self._round, arrival),
                months=None if start is None else whole_months(arrival.arrived_on, start),
                in_time=start is not None and start <= arrival.due,
            )

    def _still(self, arrival: Arrival, day: date, number: int) -> Candidate:
        """Return somebody as of a round; who is late wishes on for as long as it takes."""
        policy, candidate = self._round.policy, arrival.candidate
        trusts = {unit.trust for unit in self._round.units}
        lead = max(map(policy.lead.minimum, trusts), default=0)
        until = after(day, lead + policy.round_every_months)
        wishes = (replace(w, latest=max(w.latest, until)) for w in candidate.wishes)
        waited = whole_months(arrival.arrived_on, day) // policy.round_every_months
        rounds = candidate.rounds_waited + (waited if number else 0)
        return replace(candidate, wishes=tuple(wishes), rounds_waited=rounds)

    def _orders(self, people: Mapping[str, Candidate]) -> Iterator[Priority]:
        """Yield each municipality's order: today's, and after it newcomers as they arrive."""
        by_home: dict[str, list[str]] = {}
        for candidate in people.values():
            by_home.setdefault(candidate.municipality, []).append(candidate.id)
        arrived = {a.candidate.id: a.arrived_on for a in self._draw.people}
        for home, ids in sorted(by_home.items()):
            today = [c for c in self._round.order(home) if c in people]
            new = sorted((arrived[c], c) for c in ids if c not in self._round.candidate)
            yield Priority(municipality=home, order=(*today, *(c for _, c in new)))


def post_windows(round_: Round, calendar: Calendar, posts: Posts) -> Iterator[Window]:
    """Yield earmarked posts as windows: the k-th post of a unit runs as long as there are k."""
    end = after(calendar.first_day(calendar.quarters), POST_MONTHS)
    for unit in sorted({unit for unit, _ in posts}):
        counts = [posts.get((unit, year), 0) for year in range(calendar.years)]
        runs: Counter[tuple[int, int]] = Counter()
        for k in range(max(counts)):
            flags = [count > k for count in counts]
            begun = [y for y, on in enumerate(flags) if on and (y == 0 or not flags[y - 1])]
            ended = [y for y, on in enumerate(flags, start=1) if on and not any(flags[y : y + 1])]
            runs.update(zip(begun, ended, strict=True))
        for (first, last), positions in sorted(runs.items()):
            name = f"earmarked/{unit}/{first + 1}-{last}"
            while name in round_.window:
                name += "'"
            yield Window(
                id=name,
                unit=unit,
                opens=after(calendar.begins, 12 * first),
                closes=end if last == calendar.years else after(calendar.begins, 12 * last),
                positions=positions,
                kind="earmarked",
            )
