"""The list a trust's HR department enters into its register of trainees (``Fiktiv enhet``).

Trainees are employed by their municipality; the register says which department they belong to,
when, and at what percentage. Names stand here, for the trust alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from data.exports.frames import Frame
from data.exports.plan_csv import written_csv
from data.exports.plan_workbook import written_workbook
from data.exports.tables import title
from data.sentences import Language
from data.wording import last_day

COLUMNS = ("candidate", "name", "unit", "unit_name", "start", "last_day", "fte_percent")


@dataclass(frozen=True, slots=True)
class Stay:
    """A trainee's time in a department: from `start` up to but not including `end`."""

    unit: str
    start: date
    candidate: str
    end: date
    fte_percent: int | None
    name: str | None = None
    unit_name: str | None = None


def hr_workbook(stays: Iterable[Stay], day: date, language: Language) -> bytes:
    """Return the list, as it is on a day, as an xlsx file."""
    return written_workbook({"hr_list": _frame(stays)}, title("hr_list", language), day, language)


def hr_csv(stays: Iterable[Stay]) -> bytes:
    """Return the list as a CSV file that Norwegian Excel opens."""
    return written_csv(_frame(stays))


def _frame(stays: Iterable[Stay]) -> Frame:
    rows = [
        (s.candidate, s.name, s.unit, s.unit_name, s.start, last_day(s.end), s.fte_percent)
        for s in sorted(stays, key=lambda s: (s.unit, s.start, s.candidate))
    ]
    return Frame(COLUMNS, tuple(rows))
