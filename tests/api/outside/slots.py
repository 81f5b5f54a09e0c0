"""Places for a name in what somebody sends about their own: another's, or one of nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.api.outside.requests import NOWHERE
from tests.api.outside.sweeping import Sweep
from tests.api.outside.world import Thing
from tests.api.served import ALTA, BERGEN, BERGEN_TOWN, TROMS, TROMSO

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Slot:
    """A place for a name: who sends it with what, what is another's there, and what is nothing.

    `changes` are made to the usual body first; `status` is that of the answer.
    """

    caller: str
    operation: str
    place: Path
    others: Callable[[Sweep], str]
    unknown: str
    status: int = 422
    changes: Mapping[str, Any] = field(default_factory=dict)


def _handle(kind: str, **wanted: str) -> Callable[[Sweep], str]:
    """Return what finds the id of somebody's thing of a kind."""

    def find(sweep: Sweep) -> str:
        for thing in sweep.world.of(kind):
            if wanted.items() <= _about(thing).items():
                return thing.at["id"]
        raise LookupError(wanted)

    return find


def _about(thing: Thing) -> dict[str, str | None]:
    return {
        "organisation": next(iter(thing.owner.organisations), None),
        "municipality": thing.owner.municipality,
        "state": thing.traits.get("state"),
    }


def _people(name: str) -> Callable[[Sweep], str]:
    """Return what finds a candidate of a round."""

    def find(sweep: Sweep) -> str:
        plantings = (thing.traits["planting"] for thing in sweep.world.of("round"))
        (planting,) = (each for each in plantings if each.name == name)
        return str(next(iter(planting.people.values()))[0])

    return find


def _always(name: str) -> Callable[[Sweep], str]:
    return lambda _: name


HANDLE, SLUG = NOWHERE["handle"], NOWHERE["slug"]
ORGANISATION, MUNICIPALITY = NOWHERE["organisation"], NOWHERE["municipality"]
COORDINATOR = f"coordinator {ALTA}"
SEAT = {"window": HANDLE, "start": "2027-08-01", "state": "offered"}
OTHERS_WINDOW = _handle("window", organisation=BERGEN)

SLOTS = {
    "whose webhook it is": Slot(
        "planner", "create_webhook", ("organisation",), _always(BERGEN), ORGANISATION
    ),
    "whose webhook it is, in a municipality": Slot(
        COORDINATOR,
        "create_webhook",
        ("municipality",),
        _always(TROMSO),
        MUNICIPALITY,
        changes={"organisation": None},
    ),
    "a site's organisation": Slot(
        "planner", "put_site", ("organisation",), _always(BERGEN), ORGANISATION
    ),
    "a unit's site": Slot("planner", "put_unit", ("site",), _always("haukeland"), SLUG),
    "who keeps a municipality": Slot(
        "planner", "put_municipality", ("organisation",), _always(BERGEN), ORGANISATION
    ),
    "whose policy it is": Slot(
        "planner", "create_policy", ("organisation",), _always(BERGEN), ORGANISATION
    ),
    "who plans a round": Slot(
        "planner", "create_round", ("organisation",), _always(BERGEN), ORGANISATION
    ),
    "a round's policy": Slot(
        "planner", "create_round", ("policy",), _handle("policy", organisation=BERGEN), HANDLE
    ),
    "a changed policy": Slot(
        "planner", "update_round", ("policy",), _handle("policy", organisation=BERGEN), HANDLE
    ),
    "who gives a right": Slot(
        "administrator", "create_grant", ("organisation",), _always(BERGEN), ORGANISATION
    ),
    "whom a right is for": Slot(
        "administrator", "create_grant", ("municipality",), _always(BERGEN_TOWN), MUNICIPALITY
    ),
    "a supervisor": Slot(
        COORDINATOR,
        "put_requests",
        ("candidates", 0, "supervisor"),
        _handle("supervisor", municipality=BERGEN_TOWN),
        HANDLE,
    ),
    "a wish": Slot(
        COORDINATOR, "put_requests", ("candidates", 0, "wishes", 0, "target"),
        _always("haukeland-medisin"), SLUG,
    ),
    "a candidate in an order": Slot(
        COORDINATOR, "put_requests", ("default_order", 0), _people("t-published"), "5501-ingen"
    ),
    "a candidate in a list": Slot(
        COORDINATOR, "put_requests", ("candidates", 0, "id"), _people("t-published"), "5501-ingen"
    ),
    "who holds a seat": Slot(
        "planner",
        "put_commitments",
        ("commitments", 0, "candidate"),
        _people("b-published"),
        "4601-ingen",
        changes={"commitments": [SEAT]},
    ),
    "a seat": Slot(
        "planner",
        "put_commitments",
        ("commitments", 0, "window"),
        OTHERS_WINDOW,
        HANDLE,
        changes={"commitments": [SEAT | {"candidate": "5601-ingen"}]},
    ),
    "a placed candidate": Slot(
        "planner",
        "submit_plan",
        ("placements", 0, "candidate"),
        _people("b-published"),
        "4601-ingen",
        changes={"placements": [{"window": HANDLE, "start": "2027-08-01"}]},
    ),
}  # fmt: skip

QUERIES = {
    "another plan": Slot(
        "planner", "get_plan_diff", ("against",), _handle("plan", organisation=BERGEN), HANDLE
    ),
    "another plan of a municipality": Slot(
        COORDINATOR, "get_plan_diff", ("against",), _handle("plan", organisation=BERGEN), HANDLE
    ),
    "a plan that is not published": Slot(
        COORDINATOR, "get_plan_diff", ("against",), _handle("plan", state="running"), HANDLE
    ),
    "who plans a document": Slot(
        "planner", "import_round", ("organisation",), _always(BERGEN), ORGANISATION
    ),
    "whose supervisors": Slot(
        f"planner {TROMS}", "list_supervisors", ("municipality",), _always(ALTA), MUNICIPALITY, 200
    ),
    "whose supervisors, in a municipality": Slot(
        COORDINATOR, "list_supervisors", ("municipality",), _always(TROMSO), MUNICIPALITY, 200
    ),
    "whose rounds": Slot(
        "planner", "list_rounds", ("organisation",), _always(BERGEN), ORGANISATION, 200
    ),
    "what was told of a round": Slot(
        COORDINATOR,
        "list_notices",
        ("round",),
        _handle("round", organisation=BERGEN),
        HANDLE,
        200,
    ),
    "whose deadlines": Slot(
        COORDINATOR, "list_deadlines", ("municipality",), _always(TROMSO), MUNICIPALITY, 200
    ),
    "whose rights": Slot(
        "administrator", "list_grants", ("organisation",), _always(BERGEN), ORGANISATION, 200
    ),
}
