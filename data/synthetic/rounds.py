"""Made-up rounds, from Finnmark's size to ten years of backlog in the whole country.

Every person, vacancy, date and limit is drawn from a seeded `Dice`; only names of places are real
(`data.synthetic.geography`). The shape follows what is known and guessed about real rounds: a few
large municipalities and many with one trainee, about 0.9 six-month seats a candidate within 24
months, two thirds of the wishes to the local hospital, most others within the trust, a few
anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from data.synthetic.applicants import Applicants, first_of
from data.synthetic.chance import Dice
from data.synthetic.geography import REGIONS, Department, Employer, trusts
from scheduler.domain import (
    TIERS,
    Agreement,
    Candidate,
    Commitment,
    CommitmentState,
    Lead,
    Municipality,
    Policy,
    Priority,
    TrustLead,
    Unit,
    Window,
    Wish,
)
from scheduler.rounds import Round

DECISION = date(2027, 1, 15)
SUPPLY = 0.9
"""Six-month seats a candidate."""


@dataclass(frozen=True, slots=True)
class Preset:
    """The size of a made-up round; `trusts` empty = every trust of the regions."""

    candidates: int
    regions: tuple[str, ...]
    trusts: tuple[str, ...] = ()
    start_days: tuple[int, ...] = (1,)


PRESETS = {
    "finnmark": Preset(12, ("nord",), ("finnmark",), (1, 15)),
    "nord": Preset(120, ("nord",), (), (1, 15)),
    "sorost": Preset(500, ("sorost",)),
    "national": Preset(1_000, REGIONS),
    "stress": Preset(3_000, REGIONS),
}


def generate(preset: str, seed: int, supply: float | None = None) -> Round:
    """Return a made-up round, the same for the same arguments on every machine.

    Parameters
    ----------
    preset
        A key of `PRESETS`.
    seed
        Any whole number.
    supply
        Six-month seats a candidate, at least 0; 0.9 where None.

    Raises
    ------
    KeyError
        For an unknown preset.
    """
    return made(PRESETS[preset], seed, supply, f"{preset}-{seed}")


def made(size: Preset, seed: int, supply: float | None, name: str) -> Round:
    """Return a made-up round of any size, under an id.

    Parameters
    ----------
    seed, supply
        As in `generate`.
    """
    return _Maker(size, Dice(seed), SUPPLY if supply is None else supply).round(name)


def _shares(weights: Sequence[int], total: int) -> list[int]:
    """Share `total` in proportion to `weights`, the largest remainders rounded up."""
    whole = sum(weights)
    shares = [total * weight // whole for weight in weights]
    remainders = sorted(range(len(weights)), key=lambda n: (-(total * weights[n] % whole), n))
    for position in remainders[: total - sum(shares)]:
        shares[position] += 1
    return shares


class _Maker:
    """One round in the making; each list is drawn once, in the order of the document."""

    def __init__(self, size: Preset, dice: Dice, supply: float) -> None:
        chosen = [t for t in trusts(size.regions) if not size.trusts or t.id in size.trusts]
        self._size, self._dice, self._supply = size, dice, supply
        self._employers = [employer for trust in chosen for employer in trust.employers()]
        self._trainees = _shares([e.inhabitants for e in self._employers], size.candidates)
        self._units = [self._unit(d) for trust in chosen for d in trust.departments()]
        self._in_trust = {t.id: [u for u in self._units if u.trust == t.id] for t in chosen}
        self._windows = self._draw_windows()
        self._municipalities = [self._municipality(e) for e in self._employers]
        people = Applicants(dice, self._units, self._windows, DECISION)
        self._candidates = people.drawn(list(zip(self._employers, self._trainees, strict=True)))

    def round(self, name: str) -> Round:
        """Return the whole round, its commitments chosen so that they cannot contradict."""
        commitments = self._draw_commitments()
        return Round(
            id=name,
            name="Oppdiktet runde",
            decision_date=DECISION,
            policy=self._policy(name),
            units=tuple(self._units),
            windows=tuple(self._windows),
            municipalities=tuple(self._municipalities),
            candidates=tuple(self._candidates),
            priorities=tuple(self._draw_priorities()),
            commitments=tuple(commitments),
        )

    def _policy(self, name: str) -> Policy:
        own = {"unn": TrustLead(minimum_months=12, target_months=12)}
        lead = Lead(minimum_months=6, target_months=9, counts_from="decision", by_trust=own)
        return Policy(
            name="oppdiktet",
            version=1,
            lead=lead,
            start_days=self._size.start_days,
            round_every_months=3,
            tiers=TIERS,
            lottery_seed=name,
        )

    def _unit(self, department: Department) -> Unit:
        dice = self._dice
        return Unit(
            id=department.id,
            name=department.name,
            site=department.site,
            trust=department.trust,
            supervised_places=dice.between(1, 3) if dice.chance(35) else None,
            learning_goals=("ALM-085",) if dice.chance(6) else ("ALM-055", "ALM-085"),
        )

    def _draw_windows(self) -> list[Window]:
        """Draw windows until the seats suffice, where the candidates are."""
        by_trust = dict.fromkeys(self._in_trust, 0)
        for employer, trainees in zip(self._employers, self._trainees, strict=True):
            by_trust[employer.trust] += trainees
        names, weights = list(by_trust), list(by_trust.values())
        windows: list[Window] = []
        seats = 0
        while seats < self._supply * self._size.candidates:
            unit = self._dice.pick(self._in_trust[names[self._dice.weighted(weights)]])
            window, months = self._window(f"w{len(windows) + 1:04}", unit)
            windows.append(window)
            seats += window.positions * (months * window.fte_percent // 600)
        return windows

    def _window(self, name: str, unit: Unit) -> tuple[Window, int]:
        """Return a window and its length, 6 to 18 months; part-time ones last at least 12."""
        dice = self._dice
        percent = 50 if dice.chance(5) else 100
        first, months = dice.between(2, 18), dice.between(12 if percent == 50 else 6, 18)
        shift = timedelta(days=dice.pick((7, 14, 19)) if dice.chance(15) else 0)
        released = dice.chance(5)
        window = Window(
            id=name,
            unit=unit.id,
            opens=first_of(first) + shift,
            closes=first_of(first + months) + shift,
            positions=2 if dice.chance(15) else 1,
            kind="earmarked" if dice.chance(10) else "locum",
            fte_percent=percent,
            min_gp_months=36 if dice.chance(4) else 0,
            release_on=DECISION + timedelta(days=dice.between(-30, 60)) if released else None,
        )
        return window, months

    def _municipality(self, employer: Employer) -> Municipality:
        dice = self._dice
        agreements = [Agreement(trust=employer.trust, signed_on=date(2021, 5, 1))]
        if dice.chance(3):
            agreements = []
        elif dice.chance(4):
            agreements = [replace(agreements[0], ends_on=first_of(dice.between(12, 30)))]
        others = [trust for trust in self._in_trust if trust != employer.trust]
        if others and dice.chance(40):
            agreements.append(Agreement(trust=dice.pick(others), signed_on=date(2023, 9, 1)))
        return Municipality(
            id=employer.id,
            name=employer.name,
            registered_on=None if dice.chance(3) else date(2019, 3, 1),
            agreements=tuple(agreements),
            max_away=dice.between(1, 3) if dice.chance(40) else None,
        )

    def _draw_commitments(self) -> list[Commitment]:
        """Draw 3 % accepted and 3 % offered seats, at least one of each.

        Each holder has a municipality, a unit and a window alone, so no limit (all at least 1) can
        be exceeded.
        """
        each = max(1, self._size.candidates * 3 // 100)
        states: list[CommitmentState] = ["accepted", "offered"] * each
        taken: set[str] = set()
        commitments: list[Commitment] = []
        for position in self._dice.shuffled(range(len(self._candidates))):
            if len(commitments) == len(states):
                break
            holder = self._candidates[position]
            window = self._seat_for(holder, taken)
            if window is None:
                continue
            taken |= {holder.municipality, window.unit}
            self._candidates[position] = _steady(holder, window)
            state = states[len(commitments)]
            commitments.append(
                Commitment(candidate=holder.id, window=window.id, start=window.opens, state=state)
            )
        return commitments

    def _seat_for(self, holder: Candidate, taken: set[str]) -> Window | None:
        """Return a full-time window the holder may have, in a unit where nobody holds one yet."""
        home = next(m for m in self._municipalities if m.id == holder.municipality)
        if home.id in taken or home.registered_on is None:
            return None
        signed = {agreement.trust for agreement in home.agreements if agreement.ends_on is None}
        units = {u.id for u in self._units if u.trust in signed and len(u.learning_goals) == 2}
        for window in self._windows:
            if (window.fte_percent, window.min_gp_months) != (100, 0):
                continue
            if window.unit in units - taken:
                return window
        return None

    def _draw_priorities(self) -> list[Priority]:
        by_employer: dict[str, list[Candidate]] = {}
        for candidate in self._candidates:
            by_employer.setdefault(candidate.municipality, []).append(candidate)
        orders: list[Priority] = []
        for employer, own in by_employer.items():
            if len(own) > 1:
                orders.append(self._order(employer, own))
                orders.extend(self._unit_order(employer, own))
        return orders

    def _order(self, employer: str, own: list[Candidate], unit: str | None = None) -> Priority:
        ids = self._dice.shuffled([candidate.id for candidate in own])
        return Priority(municipality=employer, unit=unit, order=tuple(ids))

    def _unit_order(self, employer: str, own: list[Candidate]) -> list[Priority]:
        """Draw, for one municipality in three, an order of its own for one unit."""
        unit = self._dice.pick(self._in_trust[self._trust_of(employer)])
        wanting = [
            c for c in own if {w.target for w in c.wishes} & {unit.id, unit.site, unit.trust}
        ]
        if len(wanting) > 1 and self._dice.chance(33):
            return [self._order(employer, wanting, unit.id)]
        return []

    def _trust_of(self, employer: str) -> str:
        return next(e.trust for e in self._employers if e.id == employer)


def _steady(holder: Candidate, window: Window) -> Candidate:
    """Return a holder whom no rule refuses in the window that is accepted or offered."""
    first = Wish(target=window.unit, earliest=window.opens, latest=window.opens)
    return replace(
        holder,
        months_needed=6,
        lis1_completed_on=date(2024, 8, 31),
        has_supervisor=True,
        in_individual_plan=True,
        available_from=None,
        unavailable=(),
        wishes=(first, *(wish for wish in holder.wishes if wish.target != window.unit)),
    )
