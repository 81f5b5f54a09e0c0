"""What can go wrong in the room, as values first and exceptions second.

::

    RotationsError
    ├── InvalidDocument a document breaks its form: every fault at once
    │   ├── InvalidRound
    │   ├── InvalidPlan
    │   ├── InvalidScenario
    │   ├── InvalidCosts
    │   └── InvalidForecast
    ├── RefusedRound    the form is right, but the accepted commitments contradict each other
    └── UnverifiedPlan  the verifier does not confirm what the solver found

Messages hold codes, places and figures, never names: sentences for people are made at the doors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Place = tuple[str | int, ...]
"""Where a value stands in a document: keys and 0-based list positions, outermost first."""

Figures = Mapping[str, object]
"""What a sentence needs besides its code: whole numbers, dates, ids and lists of ids."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a value stands in a workbook or CSV folder.

    `row` is the row number a spreadsheet shows (the heading is row 1), None for a whole sheet;
    `column` is the heading, None for a whole row.
    """

    sheet: str
    row: int | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a document.

    Attributes
    ----------
    code
        Stable name of the fault, such as ``id-unknown``.
    place
        Where the value stands in the document.
    figures
        What would have been right, never the value that was given.
    cell
        Where the value stands in a sheet, when it was read from one.
    """

    code: str
    place: Place = ()
    figures: Figures = field(default_factory=dict)
    cell: Cell | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Accepted commitments that cannot stand together.

    Attributes
    ----------
    rule
        The hard rule they break: ONE, POSITIONS, SUPERVISED or AWAY.
    subject
        Id of the candidate, window, unit or municipality that is over its limit.
    candidates
        Holders of the commitments, sorted; releasing one of them resolves or reduces the conflict.
    figures
        ``active`` and ``limit``; but for ONE also ``day``, the first one over the limit.
    """

    rule: str
    subject: str
    candidates: tuple[str, ...]
    figures: Figures = field(default_factory=dict)


class RotationsError(Exception):
    """Root of everything this project raises on purpose."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Tell another process what the exception was made of, and not its message."""
        return type(self), tuple(vars(self).values())


class InvalidDocument(RotationsError):
    """A document breaks its form; ``faults`` holds every fault, in document order."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(f"{len(faults)} fault(s): " + ", ".join(sorted({f.code for f in faults})))
        self.faults = faults


class InvalidRound(InvalidDocument):
    """The round breaks its form."""


class InvalidPlan(InvalidDocument):
    """The plan document breaks its form."""


class InvalidScenario(InvalidDocument):
    """The scenario breaks its form, or the round that it would make does."""


class InvalidCosts(InvalidDocument):
    """The costs of posts break their form, or name units that the round does not have."""


class InvalidForecast(InvalidDocument):
    """The forecast breaks its form, or names what the round does not have."""


class RefusedRound(RotationsError):
    """The accepted commitments alone break a rule; ``conflicts`` names each."""

    def __init__(self, conflicts: tuple[Conflict, ...]) -> None:
        super().__init__("; ".join(f"{c.rule} {c.subject}" for c in conflicts))
        self.conflicts = conflicts


class UnverifiedPlan(RotationsError):
    """The verifier does not confirm what the solver found; the plan is withheld."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        super().__init__("the verifier rejects the solver's plan: " + ", ".join(codes))
        self.codes = codes
