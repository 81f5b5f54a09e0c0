"""A plan's placements as a CSV file that Norwegian Excel opens: UTF-8 with BOM, ``;``, CRLF.

Headings are the column keys of `data.exports.tables.placements` in every language, and ``end``, the
first day after, as in plan.json; dates are ISO dates, `standing` is ``accepted``, ``offered`` or
``new``. Text that a spreadsheet would take for a formula gets an apostrophe in front.
"""

from __future__ import annotations

import pandas as pd

from data.exports.keyfigures import standing
from data.exports.tables import placements
from scheduler.plans import Plan
from scheduler.rounds import Round

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv(round_: Round, plan: Plan) -> bytes:
    """Return the placements as a CSV file."""
    frame = placements(round_, plan, "en")
    frame["standing"] = [standing(round_, p) for p in plan.placements]
    frame.insert(list(frame.columns).index("last_day"), "end", [p.end for p in plan.placements])
    return written_csv(frame)


def written_csv(frame: pd.DataFrame) -> bytes:
    """Return a frame, headed by its column keys, as such a file."""
    safe = {column: [_safe(value) for value in frame[column]] for column in frame.columns}
    text: str = pd.DataFrame(safe, dtype=object).to_csv(sep=";", index=False, lineterminator="\r\n")
    return text.encode("utf-8-sig")


def _safe(value: object) -> object:
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
