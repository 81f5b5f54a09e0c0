"""Faults for people and machines: where something is wrong, and what would be right."""

from __future__ import annotations

from typing import Any

from data.sentences import Language, Verbatim, catalogue, sentence
from scheduler.errors import Cell, Fault, Place


def fault_line(language: Language, fault: Fault) -> str:
    """Return a fault as one line: where, what would be right, and the code.

    Raises
    ------
    KeyError
        For a code that the catalogue lacks.
    """
    where = fault_place(language, fault)
    return ": ".join(filter(None, (where, _sentence(language, fault)))) + f" [{fault.code}]"


def fault_record(language: Language, fault: Fault) -> dict[str, Any]:
    """Return a fault as plain values.

    Returns
    -------
    dict
        ``code``; ``place`` as a JSON pointer; ``sheet``, ``row`` and ``column``, null where the
        fault was not found in a sheet; ``figures``; ``sentence``. Never a value that was given.
    """
    cell = fault.cell
    return {
        "code": fault.code,
        "place": pointer(fault.place),
        "sheet": cell and cell.sheet,
        "row": cell and cell.row,
        "column": cell and cell.column,
        "figures": dict(fault.figures),
        "sentence": _sentence(language, fault),
    }


def fault_place(language: Language, fault: Fault) -> str:
    """Return where a fault stands: sheet, row, column, or a JSON pointer; empty for the whole."""
    return pointer(fault.place) if fault.cell is None else _address(language, fault.cell)


def pointer(place: Place) -> str:
    """Return a place as a JSON pointer (RFC 6901) such as ``/candidates/3/wishes/0/target``."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in place)
    return "".join(f"/{step}" for step in steps)


def _sentence(language: Language, fault: Fault) -> str:
    """Return what would be right; a rule that a plan breaks has its sentence already."""
    families = ("faults.", "rules.", "console.broken-")
    known = (family + fault.code for family in families)
    key = next((key for key in known if key in catalogue(language)), f"faults.{fault.code}")
    return sentence(language, key, fault.figures)


def _address(language: Language, cell: Cell) -> str:
    parts = {"sheet": cell.sheet, "row": cell.row, "column": cell.column}
    return ", ".join(
        sentence(language, f"faults.place-{part}", {part: Verbatim(value)})
        for part, value in parts.items()
        if value is not None
    )
