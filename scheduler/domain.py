"""The nouns of a round, frozen. Field names are those of the document ``rotations/round@1``.

Ranges are checked where documents enter (`data.forms.schema`), relations between records in
`scheduler.crosschecks`. Names are for people: nothing in the room reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

GOALS = ("ALM-055", "ALM-085")
"""The two learning goals a hospital placement serves (spesialistforskriften, annex 2)."""

TIERS = (
    "kept",
    "deadline",
    "placed",
    "waiting",
    "rank",
    "wish",
    "spread",
    "lead",
    "start",
    "lottery",
)
"""Every tier's name, in the usual order."""

MOST_PARTS = 2
"""Parts that a stay may be divided into at most."""

PriorityMode = Literal["strict", "placement", "advisory"]
CommitmentState = Literal["accepted", "offered"]
WindowKind = Literal["locum", "earmarked"]
LeadBase = Literal["decision", "submission"]


MONTHS_NEEDED = 6
"""Full-time months of a candidate of whom nothing else is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days from `start` up to but not including `end`."""

    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A hospital department (klinisk enhet) that takes trainees.

    `supervised_places` limits the placements of a day, at least 0; None = no limit.
    """

    id: str
    site: str
    trust: str
    name: str | None = None
    supervised_places: int | None = None
    learning_goals: tuple[str, ...] = GOALS


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A vacancy a unit offers during ``[opens, closes)``.

    `positions` is at least 1, `fte_percent` 1 to 100, `min_gp_months` months in general practice
    that the unit asks for. From `release_on` the vacancy is free for all and closed for us.
    """

    id: str
    unit: str
    opens: date
    closes: date
    positions: int
    kind: WindowKind = "locum"
    fte_percent: int = 100
    min_gp_months: int = 0
    release_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A municipality's cooperation agreement with a trust; no `ends_on` = runs on."""

    trust: str
    signed_on: date
    ends_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Municipality:
    """A trainee's employer (kommune), the one that ranks.

    `registered_on` is the date from which service counts (spesialistforskriften §21), `max_away`
    the greatest number of its candidates placed on one day; None = no limit.
    """

    id: str
    name: str | None = None
    registered_on: date | None = None
    agreements: tuple[Agreement, ...] = ()
    max_away: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A unit, site or trust, and the first and last start date; `ideal` is the start hoped for."""

    target: str
    earliest: date
    latest: date
    ideal: date | None = None

    @property
    def ideal_start(self) -> date:
        """The start that the tier `start` measures from."""
        return self.ideal or self.earliest


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A GP trainee (ALIS) of one municipality; `wishes` stand in order of preference.

    `months_needed` counts full-time months, at least 1; `learning_goals` are those the stay must
    serve, by default none in particular.
    """

    id: str
    municipality: str
    submitted_on: date
    has_supervisor: bool
    in_individual_plan: bool
    name: str | None = None
    months_needed: int = MONTHS_NEEDED
    learning_goals: tuple[str, ...] = ()
    lis1_completed_on: date | None = None
    gp_months: int = 0
    min_fte_percent: int = 50
    available_from: date | None = None
    unavailable: tuple[Period, ...] = ()
    complete_by: date | None = None
    rounds_waited: int = 0
    lead_waiver: str | None = None
    wishes: tuple[Wish, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Priority:
    """A municipality's order of its own candidates, first = highest; for one unit or by default."""

    municipality: str
    order: tuple[str, ...]
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A seat already accepted (fixed) or offered (kept if possible).

    `months` are the full-time months of it, at least 1; None = all that the candidate needs.
    """

    candidate: str
    window: str
    start: date
    state: CommitmentState
    months: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustLead:
    """A trust's own lead figures, in months; None = the general figure."""

    minimum_months: int | None = None
    target_months: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Months before the start by which a placement must be clear, by trust where they differ."""

    minimum_months: int
    target_months: int
    counts_from: LeadBase
    by_trust: Mapping[str, TrustLead] = field(default_factory=dict)

    def minimum(self, trust: str) -> int:
        """Months required before the start in this trust."""
        own = self.by_trust.get(trust, TrustLead()).minimum_months
        return self.minimum_months if own is None else own

    def target(self, trust: str) -> int:
        """Months hoped for before the start in this trust."""
        own = self.by_trust.get(trust, TrustLead()).target_months
        return self.target_months if own is None else own


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """How a stay may be divided.

    `divisions` are one or two full-time months each, in order, at least 1; between two parts lie at
    most `longest_gap_months`, at least 0.
    """

    divisions: tuple[tuple[int, ...], ...]
    longest_gap_months: int

    def of(self, months: int) -> tuple[tuple[int, ...], ...]:
        """Return the divisions of so many months; undivided where none comes to as many."""
        own = tuple(division for division in self.divisions if sum(division) == months)
        return own or ((months,),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What differs from place to place; `tiers` says what is best, most important first.

    `parts` is None where no stay may be divided.
    """

    name: str
    version: int
    lead: Lead
    start_days: tuple[int, ...]
    round_every_months: int
    tiers: tuple[str, ...]
    lottery_seed: str
    priority: PriorityMode = "strict"
    parts: Parts | None = None

    @property
    def tiers_in_force(self) -> tuple[str, ...]:
        """The tiers as they are decided: `lottery` always last."""
        return (*(tier for tier in self.tiers if tier != "lottery"), "lottery")
