"""A municipality's list, as it is sent and answered."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from api.schemas.fields import Answer, Instant, Slug
from api.web.problems import FaultRecord
from data.forms.fields import Day, Form, Ident, Note, Whole, described
from data.forms.rounds import AtLeastOne, Count, Goals, PeriodForm, WishForm
from scheduler.domain import GOALS

MAX_CANDIDATES = 300
"""Most candidates of a list; a large city has about a hundred."""

MAX_WISHES = 20
MAX_PERIODS = 50
MAX_ORDERS = 200

Order = Annotated[list[Ident], Field(max_length=MAX_CANDIDATES)]


class RequestedCandidate(Form):
    """A candidate as her municipality asks for her; what others know of her is not said here."""

    id: Slug = described(
        "Id of the candidate: the municipality's number, a hyphen, and what the municipality"
        " likes. Never a name or a national identity number.",
        "5601-c1",
    )
    name: Note = described("Name, for people only.", "Kari Eksempel", default=None)
    months_needed: AtLeastOne = described("Full-time months of service needed.", 6, default=6)
    learning_goals: Goals = described(
        "Learning goals that the stay must serve; none given = every unit serves.",
        list(GOALS),
        default=[],
    )
    lis1_completed_on: Day | None = described(
        "Date on which LIS1 was completed.", "2024-08-31", default=None
    )
    gp_months: Count = described("Months already served in general practice.", 24, default=0)
    supervisor: str | None = described(
        "Id of her supervisor, on the municipality's record; none = nobody is appointed.",
        "3f9b1f5a3c2d1e0f9a0b6f0a4c5d0e4f",
    )
    in_individual_plan: bool = described("The wish stands in the individual training plan.", True)
    min_fte_percent: Annotated[int, Whole(0, 100)] = described(
        "Smallest post that is acceptable, in percent.", 50, default=50
    )
    available_from: Day | None = described(
        "First date on which a stay may start.", "2027-06-01", default=None
    )
    unavailable: Annotated[list[PeriodForm], Field(max_length=MAX_PERIODS)] = described(
        "Periods without service; never the reason for them.",
        [{"from": "2027-12-01", "to": "2028-03-01"}],
        default=[],
    )
    complete_by: Day | None = described(
        "Date by which the stay must have ended.", "2029-06-30", default=None
    )
    wishes: Annotated[list[WishForm], Field(max_length=MAX_WISHES)] = described(
        "Wishes in order of preference.",
        [{"target": "hammerfest-medisin", "earliest": "2027-08-01", "latest": "2028-01-01"}],
        default=[],
    )


class UnitOrder(Form):
    """A municipality's order for one unit, where it differs."""

    unit: Ident = described("Id of the unit that the order is for.", "hammerfest-medisin")
    order: Order = described(
        "Ids of the candidates who wish for the unit, highest priority first.", ["5601-c1"]
    )


class RequestList(Form):
    """A municipality's whole list: its candidates, and who goes first."""

    candidates: Annotated[list[RequestedCandidate], Field(max_length=MAX_CANDIDATES)] = Field(
        description="Every candidate of the municipality in this round."
    )
    default_order: Order | None = described(
        "Ids of all candidates, highest priority first; one candidate needs no order.",
        ["5601-c1", "5601-c2"],
        default=None,
    )
    orders: Annotated[list[UnitOrder], Field(max_length=MAX_ORDERS)] = Field(
        default=[], description="Orders for single units."
    )


class RequestsForm(RequestList):
    """A list as it is handed in; it replaces the one before."""

    late_reason: Note = described(
        "Why the list is taken after the deadline; asked of a planner then, and never else.",
        None,
        default=None,
    )


class WarningRecord(Answer):
    """Something odd about a list that is no fault."""

    code: str = described("Stable name of the warning.", "order-reversed")
    place: str = described("Where in the list: a JSON pointer (RFC 6901).", "/default_order")
    figures: dict[str, Any] = described("What the sentence needs.", {})
    sentence: str = described(
        "The warning in the language asked for.", "The order is that of the last list, reversed."
    )


class ReceiptAnswer(Answer):
    """What somebody has handed in, by its hash."""

    round: str = described("Id of the round.", "0b6f0a4c5d0e4f3f9b1f5a3c2d1e0f9a")
    municipality: str = described("Number of the municipality.", "5601")
    number: int = described("Which list of the municipality in this round, from 1.", 1)
    hash: str = described("SHA-256 of the list's `content`, in UTF-8.", "sha256:" + 64 * "0")
    submitted_at: Instant = described("When it was handed in.", "2026-12-01T09:00:00Z")
    late: bool = described("Whether it came after the deadline.", False)
    erased: bool = described(
        "Names, or what concerns one candidate, have been erased from the list since.", False
    )


class NewReceiptAnswer(ReceiptAnswer):
    """The receipt of a list that has just been handed in."""

    warnings: list[WarningRecord] = Field(description="What is odd about the list.")


class KeptReceiptAnswer(ReceiptAnswer):
    """A receipt, with what it is for."""

    late_reason: str | None = described("Why it was taken after the deadline.", None)
    content: str = described(
        "The list in canonical JSON, as it is kept: `hash` is that of this text, unless `erased`.",
        '{"candidates":[],"default_order":null,"orders":[]}',
    )


class Receipts(Answer):
    """Receipts of a municipality in a round."""

    items: list[ReceiptAnswer] = Field(description="The newest first, 200 at most.")


class ReachableWindow(Answer):
    """A window that a wish could meet."""

    window: str = described("Id of the window.", "0e4f3f9b1f5a3c2d1e0f9a0b6f0a4c5d")
    unit: str = described("Id of the unit.", "hammerfest-medisin")
    first: date = described("First day on which a stay could start.", "2027-08-01")
    last: date = described("Last day on which a stay could start.", "2027-12-01")
    starts: int = described("Days on which a stay could start.", 9)


class ObstacleRecord(Answer):
    """What keeps a wish from being met."""

    code: str = described("Stable name of the reason.", "LEAD")
    window: str | None = described("Id of the window; none = it holds for every window.", None)
    unit: str | None = described("Id of the unit.", "hammerfest-medisin")
    figures: dict[str, Any] = described("Figures of the reason.", {"months": 4, "required": 6})
    sentence: str = described(
        "The reason in the language asked for.",
        "4 months until the start on 15 May 2027, 6 required.",
    )


class WishOutlook(Answer):
    """What a wish could come to, if nobody else had any."""

    candidate: str = described("Id of the candidate.", "5601-c1")
    wish: int = described("Position of the wish, from 1.", 1)
    windows: list[ReachableWindow] = Field(description="Windows that it could meet.")
    obstacles: list[ObstacleRecord] = Field(
        description="Where it could meet none: what keeps each window from it, at the start that"
        " comes nearest."
    )


class TrialAnswer(Answer):
    """What handing in a list would come to; nothing was saved."""

    requests: RequestsForm | None = Field(
        description="The list as it was read, such as from a workbook; null where it has faults."
    )
    faults: list[FaultRecord] = Field(description="Every fault; with any, it would be refused.")
    warnings: list[WarningRecord] = Field(description="What is odd about the list.")
    wishes: list[WishOutlook] = Field(description="What each wish could come to today.")
