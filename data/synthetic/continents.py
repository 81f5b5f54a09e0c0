"""Made-up rounds of many regions, for sizes that no country has.

Every region is a made-up round of its own, drawn from a seed of its own: 120 candidates with the
trusts and municipalities of one of Norway's four health regions in turn, under ids that name the
region. Regions share nothing, but that every fifth one is weakly linked to the one after it: two
of its municipalities have an agreement with a trust over there, and one candidate of each has a
place over there for her last wish. So whatever hangs together lies in two regions at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from data.synthetic.applicants import first_of
from data.synthetic.geography import REGIONS
from data.synthetic.rounds import Preset, made
from scheduler.domain import (
    Agreement,
    Candidate,
    Commitment,
    Municipality,
    Policy,
    Priority,
    Unit,
    Window,
    Wish,
)
from scheduler.rounds import Round

CANDIDATES = 120
"""Candidates of a region."""

EUROPE = 250
"""Regions that come to 30,000 candidates."""

EVERY = 5
"""Each so many-th region is linked to the next one."""

CROSSING = 2
"""Candidates that link a region to the next one."""

MOST_WISHES = 4
"""Wishes of a candidate at most, one over there included."""


def continent(regions: int, seed: int, supply: float | None = None) -> Round:
    """Return a made-up round of many regions, the same for the same arguments on every machine.

    Parameters
    ----------
    regions
        How many regions, 1 to 1,000.
    seed
        Any whole number.
    supply
        Six-month seats a candidate in each region, at least 0; 0.9 where None.
    """
    own = [_Region.drawn(number, seed, supply) for number in range(regions)]
    linked = [
        region.linked(own[number + 1]) if number % EVERY == 0 and number + 1 < regions else region
        for number, region in enumerate(own)
    ]
    name = f"continent-{regions}-{seed}"
    return Round(
        id=name,
        name="Oppdiktet runde",
        decision_date=own[0].decided_on,
        policy=replace(own[0].policy, lottery_seed=name),
        units=tuple(unit for region in linked for unit in region.units),
        windows=tuple(window for region in linked for window in region.windows),
        municipalities=tuple(m for region in linked for m in region.municipalities),
        candidates=tuple(c for region in linked for c in region.candidates),
        priorities=tuple(p for region in linked for p in region.priorities),
        commitments=tuple(c for region in linked for c in region.commitments),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Region:
    """What a region brings into the round, under ids of its own."""

    decided_on: date
    policy: Policy
    units: Sequence[Unit]
    windows: Sequence[Window]
    municipalities: Sequence[Municipality]
    candidates: Sequence[Candidate]
    priorities: Sequence[Priority]
    commitments: Sequence[Commitment]

    @classmethod
    def drawn(cls, number: int, seed: int, supply: float | None) -> _Region:
        """Draw a region and put its number before every id, but for learning goals."""
        size = Preset(CANDIDATES, (REGIONS[number % len(REGIONS)],))
        drawn, at = made(size, seed * 1_000 + number, supply, "region"), f"r{number:03}-"
        return cls(
            decided_on=drawn.decision_date,
            policy=replace(drawn.policy, lead=replace(drawn.policy.lead, by_trust={})),
            units=[
                replace(u, id=at + u.id, site=at + u.site, trust=at + u.trust) for u in drawn.units
            ],
            windows=[replace(w, id=at + w.id, unit=at + w.unit) for w in drawn.windows],
            municipalities=[_municipality(at, m) for m in drawn.municipalities],
            candidates=[_candidate(at, c) for c in drawn.candidates],
            priorities=[_priority(at, p) for p in drawn.priorities],
            commitments=[
                replace(c, candidate=at + c.candidate, window=at + c.window)
                for c in drawn.commitments
            ],
        )

    def linked(self, other: _Region) -> _Region:
        """Return the region with some candidates who would rather go to another than nowhere."""
        trust = other.units[0].trust
        over_there = Wish(target=trust, earliest=first_of(6), latest=first_of(18))
        crossing = self._crossing()
        agreement = Agreement(trust=trust, signed_on=date(2021, 5, 1))
        return replace(
            self,
            municipalities=[
                replace(m, agreements=(*m.agreements, agreement)) if m.id in crossing else m
                for m in self.municipalities
            ],
            candidates=[
                replace(c, wishes=(*c.wishes, over_there)) if c.id in crossing.values() else c
                for c in self.candidates
            ],
        )

    def _crossing(self) -> dict[str, str]:
        """Return the first candidates who may go anywhere, by municipality, one for each."""
        holding = {c.candidate for c in self.commitments}
        registered = {m.id for m in self.municipalities if m.registered_on is not None}
        found: dict[str, str] = {}
        for c in self.candidates:
            ready = c.has_supervisor and c.in_individual_plan and c.lis1_completed_on is not None
            free = c.id not in holding and c.municipality in registered - found.keys()
            if ready and free and len(c.wishes) < MOST_WISHES and len(found) < CROSSING:
                found[c.municipality] = c.id
        return found


def _municipality(at: str, m: Municipality) -> Municipality:
    agreements = tuple(replace(each, trust=at + each.trust) for each in m.agreements)
    return replace(m, id=at + m.id, agreements=agreements)


def _candidate(at: str, c: Candidate) -> Candidate:
    wishes = tuple(replace(wish, target=at + wish.target) for wish in c.wishes)
    return replace(c, id=at + c.id, municipality=at + c.municipality, wishes=wishes)


def _priority(at: str, p: Priority) -> Priority:
    unit = None if p.unit is None else at + p.unit
    order = tuple(at + candidate for candidate in p.order)
    return replace(p, municipality=at + p.municipality, unit=unit, order=order)
