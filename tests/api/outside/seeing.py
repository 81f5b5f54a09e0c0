"""Who may see what: written down a second time, from the words of the service's promise alone.

What belongs to others is not seen, whichever way it is asked for. An operation shows some kinds of
things only, to some roles only; and of these what the right with that role reaches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.api.outside.canaries import Canary, Owner
from tests.api.served import BERGEN, FINNMARK, NORTH, TROMS, WEST

COVERS = {NORTH: {NORTH, FINNMARK, TROMS}, WEST: {WEST, BERGEN}}
"""A region covers its trusts; a trust itself alone."""

UNITS = {
    "hammerfest-medisin": FINNMARK,
    "hammerfest-kirurgi": FINNMARK,
    "kirkenes-medisin": FINNMARK,
    "tromso-medisin": TROMS,
    "haukeland-medisin": BERGEN,
}

REGISTER = "register"
"""What every party reads: organisations, sites, units, municipalities, policies, windows."""

NOBODY = "nobody"
"""What the service keeps to itself."""

ROUND = "round"
REASON = "reason"
AUTHOR = "author"
CANDIDATE = "candidate"
NAME = "name"
WAIVER = "waiver"
LATE = "late"
LIST = "list"
SUPERVISOR = "supervisor"
PLAN = "plan"
DIGEST = "digest"
OFFER = "offer"
WHY = "why"
PLACEMENT = "placement"
STEP = "step"
NOTICE = "notice"
WEBHOOK = "webhook"
HANDOVER = "handover"
SUBJECT = "subject"
STUDY = "study"
EXPLANATION = "explanation"

_STAFF = frozenset(
    {ROUND, REASON, AUTHOR, CANDIDATE, NAME, WAIVER, LATE, LIST, SUPERVISOR, PLAN, DIGEST}
) | {PLACEMENT, STEP, OFFER, WHY, STUDY, EXPLANATION}

SEES: Mapping[str, frozenset[str]] = {
    "planner": _STAFF | {HANDOVER, NOTICE, WEBHOOK},
    "approver": _STAFF,
    "auditor": _STAFF | {HANDOVER, SUBJECT, NOTICE},
    "regional_reader": frozenset({ROUND, PLAN}),
    "administrator": frozenset({SUBJECT}),
    "unit_leader": frozenset({ROUND, PLAN, CANDIDATE, PLACEMENT, OFFER}),
    "coordinator": frozenset({ROUND, PLAN, CANDIDATE, NAME, LATE, LIST, SUPERVISOR})
    | {PLACEMENT, STEP, OFFER, WHY, NOTICE, WEBHOOK, EXPLANATION},
    "candidate": frozenset({ROUND, PLAN, CANDIDATE, NAME, PLACEMENT, OFFER, WHY, EXPLANATION}),
}
"""Which kinds of private things a role can see at all."""

SEEN_AS = {
    "round": ROUND,
    "plan": PLAN,
    "part": LIST,
    "list": LIST,
    "receipt": LIST,
    "standing": WAIVER,
    "wishes": NAME,
    "supervisor": SUPERVISOR,
    "grant": SUBJECT,
    "offer": OFFER,
    "handover": HANDOVER,
    "placement": PLACEMENT,
    "webhook": WEBHOOK,
    "notice": NOTICE,
    "scenario": STUDY,
    "capacity": STUDY,
    "explanation": EXPLANATION,
}
"""As what a thing is seen, by its kind; all others are of the register."""

_NARROW = frozenset({"unit_leader", "coordinator", "candidate"})

WHOLE_ROUNDS = frozenset({"planner", "approver", "auditor"})
"""Roles that see a round with everybody in it, and plans before they are published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """A role, and what it is for."""

    role: str
    organisation: str = FINNMARK
    unit: str | None = None
    municipality: str | None = None
    candidate: str | None = None


def covers(right: Right, organisations: Iterable[str]) -> bool:
    """Tell whether the organisation of a right is, or covers, one of these."""
    return not COVERS.get(right.organisation, {right.organisation}).isdisjoint(organisations)


def sees(right: Right, kind: str, owner: Owner) -> bool:
    """Tell whether a right lets somebody see a thing of a kind."""
    if kind == REGISTER:
        return True
    if kind not in SEES[right.role]:
        return False
    if right.role in _NARROW:
        return _sees_part(right, kind, owner)
    told = kind != PLAN or owner.published or right.role in WHOLE_ROUNDS
    return told and covers(right, owner.organisations)


def _sees_part(right: Right, kind: str, owner: Owner) -> bool:
    """Tell whether a party sees a round or plan it has a part in, or what is about its own."""
    leads = right.role == "unit_leader"
    if kind in {ROUND, PLAN}:
        takes_part = _plans(right, owner) if leads else right.municipality in owner.parties
        return owner.published and takes_part
    if leads:
        return owner.unit == right.unit
    known = owner.published or owner.round is None
    own = owner.municipality == right.municipality
    return known and own and right.candidate in {None, owner.candidate}


def changes(right: Right, owner: Owner) -> bool:
    """Tell whether a right lets somebody change a thing of the register that every party reads."""
    match right.role:
        case "unit_leader":
            return owner.unit == right.unit
        case "coordinator" | "candidate":
            return owner.municipality == right.municipality
        case _:
            return covers(right, owner.organisations)


def takes_over(right: Right, owner: Owner) -> bool:
    """Tell whether a right is for the trust in whose unit a candidate has a place, or its region.

    The region plans the round, or the trust itself.
    """
    if owner.unit is None:
        return False
    trust = UNITS[owner.unit]
    is_own = any(trust in COVERS.get(each, {each}) for each in owner.organisations)
    return is_own and covers(right, {trust})


def may_see(rights: Iterable[Right], canary: Canary) -> bool:
    """Tell whether some right lets its holder see a canary."""
    return any(sees(right, canary.kind, canary.owner) for right in rights)


def _plans(right: Right, owner: Owner) -> bool:
    """Tell whether the trust of a unit, or its region, plans a round."""
    its = UNITS[str(right.unit)]
    regions = {region for region, trusts in COVERS.items() if its in trusts}
    return bool(owner.organisations & {its, *regions})
