"""What each party sees of the made-up rows, written out."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import SQLModel

from models.scope import NOTHING, Scope
from models.tables import (
    AuditEntry,
    AuditReason,
    Commitment,
    Explained,
    Grant,
    Notice,
    Offer,
    Participation,
    Placement,
    PlacementStep,
    Plan,
    PlanEvent,
    Publication,
    Round,
    Snapshot,
    Standing,
    Study,
    Submission,
    Supervisor,
    Transition,
    Webhook,
)
from tests.models.made_up_rows import municipality, region, trust

Table = type[SQLModel]


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What a party sees: by id, or by the round for rows that have none of their own."""

    rounds: str = ""
    participations: str = ""
    submissions: str = ""
    desk: str = ""
    audit: str = ""
    plans: str = ""
    studies: str = ""
    explained: str = ""
    places: str = ""
    told: str = ""
    supervisors: str = ""
    grants: str = ""

    def shows(self, row: SQLModel) -> bool:
        """Tell whether a row is seen."""
        part, name = CALLED[type(row)]
        return name.format(row) in getattr(self, part).split()


CALLED: dict[Table, tuple[str, str]] = {
    Round: ("rounds", "{0.id}"),
    Transition: ("rounds", "{0.round}"),
    Participation: ("participations", "{0.round}-{0.municipality}"),
    Submission: ("submissions", "{0.id}"),
    Standing: ("submissions", "{0.round}-{0.municipality}"),
    Commitment: ("desk", "{0.round}"),
    Snapshot: ("desk", "{0.round}"),
    Plan: ("plans", "{0.id}"),
    PlanEvent: ("plans", "{0.plan}"),
    Study: ("studies", "{0.id}"),
    Explained: ("explained", "{0.study}-{0.candidate}"),
    Publication: ("rounds", "{0.round}"),
    Offer: ("places", "{0.id}"),
    Placement: ("places", "{0.id}"),
    PlacementStep: ("places", "{0.placement}"),
    AuditEntry: ("audit", "{0.number}"),
    AuditReason: ("audit", "{0.number}"),
    Notice: ("told", "{0.id}"),
    Webhook: ("told", "{0.id}"),
    Supervisor: ("supervisors", "{0.id}"),
    Grant: ("grants", "{0.id}"),
}
"""Private table → the part of a sight that speaks of its rows, and what a row is called there."""

_TRUST = Sight(
    rounds="open1 draft1",
    participations="open1-5601 open1-5602 draft1-5601",
    submissions="open1-5601 open1-5602 draft1-5601",
    desk="open1 draft1",
    audit="10 12",
    plans="open1-published open1-kept draft1-published draft1-kept",
    studies="open1-why open1-price open1-keeping open1-what-if "
    "draft1-why draft1-price draft1-keeping draft1-what-if",
    explained="open1-why-5601-1 open1-why-5602-1 draft1-why-5601-1",
    places="open1-5601-1 open1-5602-1 open1-5601-3 open1-5601-3-part1 open1-5601-3-part2",
    told="hook-980000001 note-980000001 note-5601",
    supervisors="supervisor1 supervisor2",
    grants="grant1",
)

SIGHTS: dict[str, tuple[Scope, Sight]] = {
    "nobody": (NOTHING, Sight()),
    "a trust": (Scope(organisations=frozenset({trust(1)})), _TRUST),
    "a region": (
        Scope(organisations=frozenset({region(1)})),
        Sight(
            rounds="open1 draft1 regional1",
            participations="open1-5601 open1-5602 draft1-5601 regional1-5601",
            submissions="open1-5601 open1-5602 draft1-5601 regional1-5601",
            desk="open1 draft1 regional1",
            audit="10 11 12",
            plans="open1-published open1-kept draft1-published draft1-kept "
            "regional1-published regional1-kept",
            studies="open1-why open1-price open1-keeping open1-what-if "
            "draft1-why draft1-price draft1-keeping draft1-what-if "
            "regional1-why regional1-price regional1-keeping regional1-what-if",
            explained="open1-why-5601-1 open1-why-5602-1 draft1-why-5601-1 regional1-why-5601-1",
            places="open1-5601-1 open1-5602-1 regional1-5601-1 regional1-5601-2 "
            "open1-5601-3 open1-5601-3-part1 open1-5601-3-part2",
            told="hook-980000001 note-980000001 note-5601",
            supervisors="supervisor1 supervisor2",
            grants="grant1",
        ),
    ),
    "a unit": (
        Scope(units=frozenset({"unit1"})),
        Sight(
            rounds="open1 regional1",
            plans="open1-published regional1-published",
            places="open1-5601-1 open1-5602-1 regional1-5601-2 open1-5601-3 open1-5601-3-part2",
        ),
    ),
    "a municipality": (
        Scope(municipalities=frozenset({municipality(1)})),
        Sight(
            rounds="open1 regional1",
            participations="open1-5601 regional1-5601",
            submissions="open1-5601 regional1-5601",
            plans="open1-published regional1-published",
            studies="open1-why regional1-why",
            explained="open1-why-5601-1 regional1-why-5601-1",
            places="open1-5601-1 regional1-5601-1 regional1-5601-2 "
            "open1-5601-3 open1-5601-3-part1 open1-5601-3-part2",
            told="hook-5601 note-5601",
            supervisors="supervisor1",
        ),
    ),
    "a guest": (
        Scope(municipalities=frozenset({municipality(2)})),
        Sight(
            rounds="open1 open2 regional2",
            participations="open1-5602 open2-5602 regional2-5602",
            submissions="open1-5602 open2-5602 regional2-5602",
            plans="open1-published open2-published regional2-published",
            studies="open1-why open2-why regional2-why",
            explained="open1-why-5602-1 open2-why-5602-1 regional2-why-5602-1",
            places="open1-5602-1 open2-5602-1 regional2-5602-1 regional2-5602-2 "
            "open2-5602-3 open2-5602-3-part1 open2-5602-3-part2",
            told="hook-5602 note-5602",
            supervisors="supervisor2",
        ),
    ),
    "a candidate": (
        Scope(candidates=frozenset({(municipality(1), "5601-1")})),
        Sight(
            rounds="open1 regional1",
            participations="open1-5601 regional1-5601",
            plans="open1-published regional1-published",
            studies="open1-why regional1-why",
            explained="open1-why-5601-1 regional1-why-5601-1",
            places="open1-5601-1 regional1-5601-1",
        ),
    ),
    "a trust and a guest": (
        Scope(organisations=frozenset({trust(1)}), municipalities=frozenset({municipality(2)})),
        Sight(
            rounds="open1 draft1 open2 regional2",
            participations="open1-5601 open1-5602 draft1-5601 open2-5602 regional2-5602",
            submissions="open1-5601 open1-5602 draft1-5601 open2-5602 regional2-5602",
            desk="open1 draft1",
            audit="10 12",
            plans="open1-published open1-kept draft1-published draft1-kept open2-published "
            "regional2-published",
            studies="open1-why open1-price open1-keeping open1-what-if "
            "draft1-why draft1-price draft1-keeping draft1-what-if "
            "open2-why regional2-why",
            explained="open1-why-5601-1 open1-why-5602-1 draft1-why-5601-1 open2-why-5602-1 "
            "regional2-why-5602-1",
            places="open1-5601-1 open1-5602-1 open2-5602-1 regional2-5602-1 regional2-5602-2 "
            "open1-5601-3 open1-5601-3-part1 open1-5601-3-part2 "
            "open2-5602-3 open2-5602-3-part1 open2-5602-3-part2",
            told="hook-980000001 note-980000001 note-5601 hook-5602 note-5602",
            supervisors="supervisor1 supervisor2",
            grants="grant1",
        ),
    ),
    "a stranger": (
        Scope(
            organisations=frozenset({"911111111"}),
            units=frozenset({"unit9"}),
            municipalities=frozenset({"9999"}),
            candidates=frozenset({("9999", "9999-1")}),
        ),
        Sight(),
    ),
}
