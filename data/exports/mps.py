"""Integer programs in free MPS, the format that every solver reads.

What readers disagree on is left out: each program is to be minimised, has no constant, and names
are letters, digits, dots and underscores, the same for no two rows or variables.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from scheduler.certificate import Certificate, Name, Program, Statement
from scheduler.model import Row

LONGEST = 24
"""Letters of each id in a name; some readers stop at 255 a name."""


class Programs:
    """The programs of a certificate as MPS; what they share is put into text once."""

    def __init__(self, certificate: Certificate) -> None:
        self.variables = {i: _name(name, i + 1) for i, name in certificate.variables.items()}
        self._rules = _numbered(certificate.rules, 1)
        self._entries = _entries(self._rules)

    def text(self, program: Program, title: str, remarks: Iterable[str] = ()) -> Iterator[str]:
        """Yield the lines of a program.

        Parameters
        ----------
        title
            Name of the program, one word.
        remarks
            Lines for people, above the program.
        """
        fixed = _numbered((s for s in program.fixed if s.row.terms), len(self._rules) + 1)
        rows = self._rules | fixed
        yield from (f"* {remark}" for remark in remarks)
        yield f"NAME {title}"
        yield "ROWS"
        yield " N minimise"
        yield from (f" {_sense(row)} {name}" for name, row in rows.items())
        yield "COLUMNS"
        yield " MARKER 'MARKER' 'INTORG'"
        yield from self._columns(program, fixed)
        yield " MARKER 'MARKER' 'INTEND'"
        yield "RHS"
        yield from (f" RHS {name} {_limit(row):d}" for name, row in rows.items() if _limit(row))
        yield "BOUNDS"
        yield from (f" UP BOUND {variable} 1" for variable in self.variables.values())
        yield "ENDATA"

    def _columns(self, program: Program, fixed: Mapping[str, Row]) -> Iterator[str]:
        own = _entries(fixed)
        for i, weight in program.terms:
            own[i].append(f" minimise {weight:d}")
        for i, variable in self.variables.items():
            yield from (f" {variable}{entry}" for entry in (*self._entries[i], *own[i]))


def _entries(rows: Mapping[str, Row]) -> defaultdict[int, list[str]]:
    """Return by variable what it stands with in which row."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for name, row in rows.items():
        for i, weight in row.terms:
            found[i].append(f" {name} {weight:d}")
    return found


def _numbered(statements: Iterable[Statement], first: int) -> dict[str, Row]:
    return {_name(s.name, number): s.row for number, s in enumerate(statements, start=first)}


def _name(name: Name, number: int) -> str:
    return ".".join((f"{name.kind}{number}", *_words(name.about)))


def _words(about: Sequence[str]) -> Iterator[str]:
    return (re.sub(r"[^0-9A-Za-z]", "_", word)[:LONGEST] for word in about)


def _sense(row: Row) -> str:
    if row.lower == row.upper:
        return "E"
    return "L" if row.lower is None else "G"


def _limit(row: Row) -> int:
    limit = row.upper if row.lower is None else row.lower
    assert limit is not None, "a row has a bound"
    assert row.upper is None or row.lower in (None, row.upper), "bounds on one side, or the same"
    return limit
