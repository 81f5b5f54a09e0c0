"""A plan's placements as a CSV file that Norwegian Excel opens: UTF-8 with BOM, ``;``, CRLF.

Headings are the column keys of `data.exports.tables.placements` in every language, and ``end``, the
first day after, as in plan.json; dates are ISO dates, `standing` is ``accepted``, ``offered`` or
``new``. Text that a spreadsheet would take for a formula gets an apostrophe in front.
"""

from __future__ import annotations

from csv import writer
from io import StringIO

from data.exports.frames import Frame, framed
from data.exports.keyfigures import standing
from data.exports.tables import placements
from scheduler.plans import Plan
from scheduler.rounds import Round

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv(round_: Round, plan: Plan) -> bytes:
    """Return the placements as a CSV file."""
    frame = placements(round_, plan, "en")
    own = zip(frame.records, plan.placements, strict=True)
    rows = [row | {"end": p.end, "standing": standing(round_, p)} for row, p in own]
    place = frame.columns.index("last_day")
    return written_csv(framed(rows, (*frame.columns[:place], "end", *frame.columns[place:])))


def written_csv(frame: Frame) -> bytes:
    """Return a frame, headed by its column keys, as such a file."""
    text = StringIO()
    lines = writer(text, delimiter=";", lineterminator="\r\n")
    lines.writerow(frame.columns)
    lines.writerows([_safe(value) for value in row] for row in frame.rows)
    return text.getvalue().encode("utf-8-sig")


def _safe(value: object) -> object:
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
