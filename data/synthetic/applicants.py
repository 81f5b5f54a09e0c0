"""Made-up candidates and their wishes: the people of `data.synthetic`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from data.synthetic.chance import Dice
from data.synthetic.geography import Employer
from scheduler.domain import Candidate, Period, Unit, Window, Wish


def first_of(month: int) -> date:
    """Return the first day of a month counted from January 2027 = 0."""
    return date(2027 + month // 12, month % 12 + 1, 1)


class Applicants:
    """Draws candidates who mostly wish what is vacant near them.

    Parameters
    ----------
    dice
        The source of chance.
    units, windows
        What may be wished; `units` is not empty.
    decision
        The round's decision date; everyone has submitted 10 to 90 days before.
    """

    def __init__(
        self, dice: Dice, units: list[Unit], windows: list[Window], decision: date
    ) -> None:
        self._dice, self._units, self._windows, self._decision = dice, units, windows, decision
        self._in_trust: dict[str, list[Unit]] = {}
        for unit in units:
            self._in_trust.setdefault(unit.trust, []).append(unit)

    def drawn(self, trainees: Sequence[tuple[Employer, int]]) -> list[Candidate]:
        """Return the candidates of each municipality, as many as stand beside it."""
        candidates: list[Candidate] = []
        for employer, count in trainees:
            local = self._dice.pick(self._in_trust[employer.trust]).site
            for _ in range(count):
                candidates.append(self._candidate(len(candidates) + 1, employer, local))
        return candidates

    def _candidate(self, number: int, employer: Employer, local: str) -> Candidate:
        dice = self._dice
        leave, late = dice.between(6, 24), dice.between(6, 12)
        away = Period(start=first_of(leave), end=first_of(leave + dice.between(2, 8)))
        return Candidate(
            id=f"c{number:04}",
            name=_name(number),
            municipality=employer.id,
            submitted_on=self._decision - timedelta(days=dice.between(10, 90)),
            months_needed=dice.pick((3, 4, 5, 7, 9)) if dice.chance(12) else 6,
            learning_goals=("ALM-085",) if dice.chance(10) else ("ALM-055", "ALM-085"),
            lis1_completed_on=None if dice.chance(2) else first_of(-dice.between(6, 60)),
            gp_months=dice.between(6, 60),
            has_supervisor=not dice.chance(3),
            in_individual_plan=not dice.chance(2),
            min_fte_percent=100 if dice.chance(20) else 50,
            available_from=first_of(late) if dice.chance(10) else None,
            unavailable=(away,) if dice.chance(8) else (),
            complete_by=first_of(dice.between(15, 36)) if dice.chance(20) else None,
            rounds_waited=dice.pick((0, 0, 0, 1, 1, 2, 3)),
            lead_waiver="Skriftlig begrunnelse (oppdiktet)" if dice.chance(2) else None,
            wishes=self._wishes(employer, local),
        )

    def _wishes(self, employer: Employer, local: str) -> tuple[Wish, ...]:
        """Draw one to four wishes for different targets, mostly where something is vacant."""
        wishes: dict[str, Wish] = {}
        for _ in range(self._dice.between(1, 4)):
            wish = self._wish(self._wished_units(employer, local))
            wishes.setdefault(wish.target, wish)
        return tuple(wishes.values())

    def _wished_units(self, employer: Employer, local: str) -> list[Unit]:
        throw = self._dice.below(100)
        if throw < 66:
            return [u for u in self._in_trust[employer.trust] if u.site == local]
        return self._in_trust[employer.trust] if throw < 92 else self._units

    def _wish(self, units: list[Unit]) -> Wish:
        dice, ids = self._dice, {unit.id for unit in units}
        vacant = [w for w in self._windows if w.unit in ids]
        unit, month = dice.pick(units), dice.between(6, 18)
        if vacant and dice.chance(85):
            window = dice.pick(vacant)
            unit = next(u for u in units if u.id == window.unit)
            month = (window.opens.year - 2027) * 12 + window.opens.month - 1 + dice.between(-1, 5)
        kind = dice.below(100)
        return Wish(
            target=unit.id if kind < 72 else unit.site if kind < 95 else unit.trust,
            earliest=first_of(month),
            latest=first_of(month + dice.between(3, 9)),
            ideal=first_of(month + dice.between(0, 3)) if dice.chance(25) else None,
        )


_FIRST = ("Ailo", "Berit", "Elle", "Eskil", "Hilja", "Inga", "Jon", "Kaisa", "Mikkel", "Nils",
          "Pieti", "Ravna", "Sanna", "Tore")  # fmt: skip
_LAST = ("Eksempelsen", "Oppdiktdatter", "Påfunnvik", "Tenktlund", "Fabelnes", "Utkastmo",
         "Prøvestad", "Øvelsbakk", "Mønsterli")  # fmt: skip


def _name(number: int) -> str:
    """Return a name that nobody bears: every surname is a word for something made up."""
    return f"{_FIRST[number % len(_FIRST)]} {_LAST[number // len(_FIRST) % len(_LAST)]} {number}"
