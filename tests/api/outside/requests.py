"""What is sent to an operation about a thing of the world: well formed, whoever may do it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from data.documents import read_round, write_round
from tests.api.outside.operations import Operation, example
from tests.api.outside.planted_placements import STEPS
from tests.api.outside.world import Thing, World
from tests.api.served import ALTA, FINNMARK, VADSO
from tests.builders import Doc
from tests.small_rounds import small_round

NOWHERE = {
    "organisation": "974767880",
    "municipality": "9999",
    "handle": "0" * 32,
    "slug": "ingen-slik",
    "date": "2001-01-01",
    "number": "99",
}
"""Names of what does not exist, each in the form that its address asks for."""

SCENARIO = "rotations/scenario@1"

FORMS: Mapping[tuple[str, str], str] = {
    ("organisation", "number"): "organisation",
    ("agreement", "organisation"): "organisation",
    ("agreement", "signed_on"): "date",
    ("site", "id"): "slug",
    ("unit", "id"): "slug",
    ("unit", "unit"): "slug",
    ("receipt", "receipt"): "number",
    ("standing", "candidate"): "slug",
    ("wishes", "candidate"): "slug",
    ("explanation", "candidate"): "slug",
    ("problem", "code"): "slug",
}
"""The form of a name in the address of a kind of thing, where its name alone does not say it."""


def nowhere(thing: Thing, operation: Operation) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield addresses like the thing's in which one name is of nothing, with that name."""
    for name in operation.names:
        usual = "municipality" if name == "number" else "handle"
        form = FORMS.get((thing.kind, name), usual)
        yield name, {**thing.at, name: NOWHERE[form]}


def body_for(operation: Operation, thing: Thing | None, world: World) -> dict[str, Any]:
    """Return the arguments of a client for the body of a request."""
    if operation.id == "import_round":
        return {"content": _IMPORTED, "headers": {"Content-Type": "application/json"}}
    if not operation.takes:
        return {}
    make = _BODIES.get(operation.id)
    return {"json": make(world, thing) if make else example(operation)}


def query_for(operation: Operation) -> dict[str, str]:
    """Return what has to stand in a query, whatever is asked about."""
    return {"organisation": FINNMARK} if operation.id == "import_round" else {}


def _list(_: World, thing: Thing | None) -> Doc:
    assert thing is not None
    planting, number = thing.traits["planting"], thing.at["number"]
    return dict(planting.list_of(number, planting.people.get(number, ())))


def _site(_: World, thing: Thing | None) -> Doc:
    return {"name": "Sykehus", "organisation": thing.traits["organisation"] if thing else FINNMARK}


def _unit(_: World, thing: Thing | None) -> Doc:
    return {"name": "Avdeling", "site": thing.traits["site"] if thing else "hammerfest"}


def _municipality(_: World, thing: Thing | None) -> Doc:
    return {"name": "Kommune", "organisation": thing.traits["organisation"] if thing else FINNMARK}


def _round(world: World, _: Thing | None) -> Doc:
    return {
        "organisation": FINNMARK,
        "label": "neste",
        "decision_date": "2027-04-15",
        "deadline": "2027-03-15T23:00:00Z",
        "policy": world.policies[FINNMARK],
        "participants": [ALTA, VADSO],
    }


def _change(_: World, thing: Thing | None) -> Doc:
    is_open = thing is not None and thing.traits["state"] == "open"
    return {"name": "Ny tittel"} | ({"reason": "Skrivefeil"} if is_open else {})


def _right(_: World, __: Thing | None) -> Doc:
    return {
        "issuer": "https://issuer.example",
        "subject": "somebody",
        "role": "coordinator",
        "organisation": FINNMARK,
        "municipality": ALTA,
    }


def _plan(_: World, thing: Thing | None) -> Doc:
    label = thing.traits["label"] if thing else "ingen"
    return {"format": "rotations/plan@1", "round": label, "placements": []}


def _moves(_: World, thing: Thing | None) -> Doc:
    candidate = thing.traits["movable"] if thing else "ingen"
    return {"moves": [{"candidate": candidate}], "reason": "Avtalt med kommunen"}


_BODIES: Mapping[str, Callable[[World, Thing | None], Doc]] = {
    "put_requests": _list,
    "put_site": _site,
    "put_unit": _unit,
    "put_municipality": _municipality,
    "create_round": _round,
    "update_round": _change,
    "create_grant": _right,
    "submit_plan": _plan,
    "move_placements": _moves,
    "create_scenario": lambda *_: {"format": SCENARIO, "name": "Hva om", "changes": []},
    "put_commitments": lambda *_: {"commitments": []},
    **{name: lambda *_, step=step: dict(step) for name, step in STEPS.items()},
}
"""Bodies that the examples in the document are not: they name what the world holds."""

_IMPORTED = write_round(read_round(json.dumps(small_round(0)).encode()))
