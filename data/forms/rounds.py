"""The forms of the document ``rotations/round@1``.

Required fields, defaults and ranges are those of docs/model.md; relations between records are
`scheduler.crosschecks`' to check. Sheets, JSON Schema and the readers all follow these models.
People in the examples are made up.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from data.forms.fields import Day, Distinct, Form, Ident, Note, OneOf, Text, Whole, described
from scheduler.domain import (
    GOALS,
    MONTHS_NEEDED,
    MOST_PARTS,
    TIERS,
    CommitmentState,
    LeadBase,
    PriorityMode,
    WindowKind,
)

MAX_COUNT = 1_200
"""Greatest count of months, places, positions or rounds."""

Count = Annotated[int, Whole(0, MAX_COUNT)]
AtLeastOne = Annotated[int, Whole(1, MAX_COUNT)]
Goals = Annotated[list[Ident], *Distinct]

MAX_DIVISIONS = 100
"""Most ways in which a policy may let stays be divided."""

Division = Annotated[list[AtLeastOne], Field(min_length=1, max_length=MOST_PARTS)]


class RoundHead(Form):
    """Which planning quarter this is."""

    id: Ident = described("Id of the round.", "2027-Q1")
    name: Note = described("What people call the round.", "Finnmark, winter 2027", default=None)
    decision_date: Day = described("Date of the decision; lead time counts from it.", "2027-01-15")


class TrustLeadForm(Form):
    """A trust's own lead figures, where they differ."""

    minimum_months: Count | None = described(
        "Months that must lie before a start in this trust; none = the general figure.",
        12,
        default=None,
    )
    target_months: Count | None = described(
        "Months hoped for before a start in this trust; none = the general figure.",
        12,
        default=None,
    )


class LeadForm(Form):
    """How long before its start a placement must be clear."""

    minimum_months: Count = described("Months that must lie before a start.", 6)
    target_months: Count = described("Months hoped for before a start.", 9)
    counts_from: LeadBase = described(
        "Lead time counts from the round's decision date, or from the candidate's submission.",
        "decision",
    )
    by_trust: dict[Ident, TrustLeadForm] = described(
        "Trusts with lead figures of their own, by trust id.",
        {"unn": {"minimum_months": 12, "target_months": 12}},
        default_factory=dict,
    )


class PartsForm(Form):
    """How a stay may be divided into parts."""

    divisions: Annotated[
        list[Division], Field(min_length=1, max_length=MAX_DIVISIONS), *Distinct
    ] = described(
        "Full-time months of each part, in order, one or two; one alone = undivided.", [[6], [3, 3]]
    )
    longest_gap_months: Count = described(
        "Most months between two parts; 0 = the second follows on the first.", 3
    )


class PolicyForm(Form):
    """The rules that differ from place to place, with a name and a version."""

    name: Text = described("Name of the policy.", "finnmark")
    version: Annotated[int, Whole(0, 10**9)] = described("Version of the policy.", 1)
    lead: LeadForm = described(
        "Lead time.", {"minimum_months": 6, "target_months": 9, "counts_from": "decision"}
    )
    start_days: Annotated[list[Annotated[int, Whole(1, 31)]], *Distinct] = described(
        "Days of the month on which a stay may start.", [1, 15]
    )
    priority: PriorityMode = described(
        "How strictly a municipality's order binds.", "strict", default="strict"
    )
    round_every_months: AtLeastOne = described("Months between two rounds.", 3)
    tiers: Annotated[list[Annotated[str, OneOf(TIERS)]], *Distinct] = described(
        "What is best, most important first; a tier left out does not count, save lottery.",
        list(TIERS),
    )
    lottery_seed: Text = described("Seed of the lottery, published before the round.", "2027-Q1")
    parts: PartsForm | None = described(
        "How a stay may be divided; none = it may not.",
        {"divisions": [[6], [3, 3]], "longest_gap_months": 3},
        default=None,
    )


class UnitForm(Form):
    """A hospital department that takes trainees."""

    id: Ident = described("Id of the unit.", "hammerfest-medisin")
    name: Note = described("What people call the unit.", "Avdeling for medisin", default=None)
    site: Ident = described("Id of the hospital site.", "hammerfest")
    trust: Ident = described("Id of the trust (helseforetak).", "finnmark")
    supervised_places: Count | None = described(
        "Most trainees on one day; 0 = none may come, none given = no limit.", 2, default=None
    )
    learning_goals: Goals = described(
        "Learning goals that a stay serves.", list(GOALS), default=list(GOALS)
    )


class WindowForm(Form):
    """A vacancy that a unit offers."""

    id: Ident = described("Id of the window.", "w1")
    unit: Ident = described("Id of the unit that offers it.", "hammerfest-medisin")
    opens: Day = described("First day.", "2027-08-01")
    closes: Day = described("The day after the last day.", "2028-08-01")
    positions: AtLeastOne = described("Most trainees in it on one day.", 1)
    kind: WindowKind = described(
        "A locum while the holder is away, or an earmarked post.", "locum", default="locum"
    )
    fte_percent: Annotated[int, Whole(1, 100)] = described(
        "Size of the post in percent; a smaller post makes the stay longer.", 100, default=100
    )
    min_gp_months: Count = described(
        "Months in general practice that the unit asks for.", 36, default=0
    )
    release_on: Day | None = described(
        "Date from which the vacancy is free for all applicants and closed to the round.",
        "2027-05-01",
        default=None,
    )


class AgreementForm(Form):
    """A municipality's cooperation agreement with a trust."""

    trust: Ident = described("Id of the trust.", "finnmark")
    signed_on: Day = described("First day of the agreement.", "2021-05-01")
    ends_on: Day | None = described(
        "Day on which it ends; none = it runs on.", "2029-12-31", default=None
    )


class MunicipalityForm(Form):
    """A trainee's employer, the one that ranks."""

    id: Ident = described("Id of the municipality.", "5601")
    name: Note = described("What people call the municipality.", "Alta", default=None)
    registered_on: Day | None = described(
        "Date of registration as a place of training; service counts from it.",
        "2019-03-01",
        default=None,
    )
    agreements: list[AgreementForm] = described(
        "Its agreements with trusts.",
        [{"trust": "finnmark", "signed_on": "2021-05-01", "ends_on": None}],
        default=[],
    )
    max_away: Count | None = described(
        "Most of its candidates away on one day; 0 = none may go, none given = no limit.",
        2,
        default=None,
    )


class PeriodForm(Form):
    """Days on which a candidate cannot be placed."""

    start: Day = described("First day.", "2027-12-01", alias="from")
    end: Day = described("The day after the last day.", "2028-03-01", alias="to")


class WishForm(Form):
    """A unit, site or trust, and when to start there."""

    target: Ident = described("Id of a unit, a site or a trust.", "hammerfest-medisin")
    earliest: Day = described("First date on which the stay may start.", "2027-08-01")
    latest: Day = described("Last date on which the stay may start.", "2028-01-01")
    ideal: Day | None = described(
        "Start that is hoped for; none = the earliest.", "2027-09-01", default=None
    )


class CandidateForm(Form):
    """A GP trainee (ALIS) of one municipality."""

    id: Ident = described("Id of the candidate; never a national identity number.", "c1")
    name: Note = described("Name, for people only.", "Kari Eksempel", default=None)
    municipality: Ident = described("Id of the municipality that employs the candidate.", "5601")
    submitted_on: Day = described("Date on which the request came in.", "2026-12-01")
    months_needed: AtLeastOne = described(
        "Full-time months of service needed.", 6, default=MONTHS_NEEDED
    )
    learning_goals: Goals = described(
        "Learning goals that the stay must serve; none given = every unit serves.",
        list(GOALS),
        default=[],
    )
    lis1_completed_on: Day | None = described(
        "Date on which LIS1 was completed.", "2024-08-31", default=None
    )
    gp_months: Count = described("Months already served in general practice.", 24, default=0)
    has_supervisor: bool = described("A supervisor is appointed.", True)
    in_individual_plan: bool = described("The wish stands in the individual training plan.", True)
    min_fte_percent: Annotated[int, Whole(0, 100)] = described(
        "Smallest post that is acceptable, in percent.", 50, default=50
    )
    available_from: Day | None = described(
        "First date on which a stay may start.", "2027-06-01", default=None
    )
    unavailable: list[PeriodForm] = described(
        "Periods without service; never the reason for them.",
        [{"from": "2027-12-01", "to": "2028-03-01"}],
        default=[],
    )
    complete_by: Day | None = described(
        "Date by which the stay must have ended.", "2029-06-30", default=None
    )
    rounds_waited: Count = described("Earlier rounds without a placement.", 1, default=0)
    lead_waiver: Note = described(
        "Written reason for setting the lead time aside; none = it holds.",
        "Unit and municipality agree on an earlier start",
        default=None,
    )
    wishes: list[WishForm] = described(
        "Wishes in order of preference.",
        [{"target": "hammerfest-medisin", "earliest": "2027-08-01", "latest": "2028-01-01"}],
        default=[],
    )


class PriorityForm(Form):
    """A municipality's order of its own candidates."""

    municipality: Ident = described("Id of the municipality that ranks.", "5601")
    unit: Ident | None = described(
        "Id of the unit that the order is for; none = the default order.", None, default=None
    )
    order: list[Ident] = described("Ids of candidates, highest priority first.", ["c1", "c2"])


class CommitmentForm(Form):
    """A seat that is accepted (fixed) or offered (kept if possible)."""

    candidate: Ident = described("Id of the candidate who holds it.", "c9")
    window: Ident = described("Id of the window.", "w7")
    start: Day = described("First day of the stay.", "2027-03-01")
    state: CommitmentState = described("Accepted or offered.", "accepted")
    months: AtLeastOne | None = described(
        "Full-time months of the stay; none = all that the candidate needs.", 3, default=None
    )


class RoundForm(Form):
    """A round: everything known on its decision date."""

    model_config = ConfigDict(title="rotations/round@1")

    format: Literal["rotations/round@1"] = described("Name of the format.", "rotations/round@1")
    round: RoundHead = described("The round.", {"id": "2027-Q1", "decision_date": "2027-01-15"})
    policy: PolicyForm = Field(description="The policy in force.")
    units: list[UnitForm] = Field(default=[], description="Units.")
    windows: list[WindowForm] = Field(default=[], description="Windows.")
    municipalities: list[MunicipalityForm] = Field(default=[], description="Municipalities.")
    candidates: list[CandidateForm] = Field(default=[], description="Candidates.")
    priorities: list[PriorityForm] = Field(default=[], description="Orders of candidates.")
    commitments: list[CommitmentForm] = Field(default=[], description="Seats already held.")
