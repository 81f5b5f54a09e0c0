"""How ready a round is to be locked, as it is answered."""

from __future__ import annotations

from datetime import date
from typing import Any

from api.schemas.fields import Answer, Instant
from api.web.problems import FaultRecord
from data.forms.fields import described


class ListState(Answer):
    """A municipality that takes part, and the list that holds of it."""

    municipality: str = described("Number of the municipality.", "5601")
    number: int | None = described("Number of its newest list; none = it has handed in none.", 2)
    submitted_at: Instant | None = described("When that came in.", "2026-12-01T09:00:00Z")
    late: bool = described("Whether a planner handed it in after the deadline.", False)
    candidates: int = described("Candidates in it.", 3)


class OddityRecord(Answer):
    """Something about a round that is allowed, and worth a look before it is locked."""

    code: str = described("Stable name of the warning.", "order-reversed")
    municipality: str | None = described("Number of the municipality, if it is about one.", "5601")
    candidate: str | None = described("Id of the candidate, if it is about one.", None)
    window: str | None = described("Id of the window, if it is about one.", None)
    unit: str | None = described("Id of the unit, if it is about one.", None)
    figures: dict[str, Any] = described("What the sentence needs.", {"round": "2026-Q4"})
    sentence: str = described(
        "The warning in the language asked for.", "The order is that of the last list, reversed."
    )


class ReadinessAnswer(Answer):
    """Who has handed in, what keeps the round from being locked, and what is odd about it."""

    lists: list[ListState] = described(
        "Every municipality that takes part, by number; of an imported round nobody hands in.", []
    )
    faults: list[FaultRecord] = described(
        "What keeps the round from being locked; nothing once it is.", []
    )
    conflicts: list[str] = described(
        "Accepted seats that contradict each other, in the language asked for.", []
    )
    warnings: list[OddityRecord] = described(
        "What is odd, and no fault. Of windows and candidates' chances nothing is said while there"
        " are faults.",
        [],
    )
    compared_with: str | None = described(
        "Label of the round before, whose lists these are compared with.", "2026-Q4"
    )
    decided_on: date = described("Date of the decision.", "2027-01-15")
