"""Others' names in bodies and queries: they open nothing, and say as little as made-up ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from httpx2 import Response

from models.database import Database
from tests.api.outside.canaries import told
from tests.api.outside.dumps import dump
from tests.api.outside.expectations import EXPECTED
from tests.api.outside.operations import operations
from tests.api.outside.requests import body_for
from tests.api.outside.slots import QUERIES, SLOTS, Path, Slot
from tests.api.outside.sweeping import Sweep, statements, sweeping
from tests.api.outside.world import Thing
from tests.api.served import ALTA, FINNMARK
from tests.databases import KINDS, Databases


@pytest.fixture(scope="module", params=KINDS)
def sweep(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sweep]:
    source: Databases = request.getfixturevalue(f"{request.param}_databases")
    url = source.migrated()
    database = Database(url)
    with sweeping(database, tmp_path_factory.mktemp("smuggling")) as found:
        yield found
    database.close()
    source.drop(url)


def _own(sweep: Sweep, slot: Slot) -> Thing | None:
    """Return something of the caller's own that the operation can be asked about now."""
    expected = EXPECTED[slot.operation]
    if expected.of is None:
        return None
    state = {"submit_plan": "locked", "get_plan_diff": "completed"}.get(slot.operation, "open")
    for thing in sweep.world.of(expected.of):
        fits = thing.traits.get("state", state) == state and thing.traits.get("published", True)
        local = FINNMARK in thing.owner.organisations
        if fits and local and thing.owner.municipality in {None, ALTA}:
            return thing
    raise LookupError(slot)


def _send(sweep: Sweep, slot: Slot, name: str, *, in_query: bool) -> Response:
    caller, operation = sweep.called(slot.caller), operations()[slot.operation]
    thing = _own(sweep, slot)
    sent = body_for(operation, thing, sweep.world)
    headers = sent.pop("headers", {}) | ({"If-Match": '"1"'} if operation.conditional else {})
    if in_query:
        sent["params"] = {str(slot.place[0]): name}
    else:
        sent["json"] = _filled({**sent["json"], **slot.changes}, slot.place, name)
    at = thing.at if thing else {}
    if slot.operation == "put_commitments":
        reading = sweep.send(caller, operations()["get_commitments"], at)
        headers["If-Match"] = reading.headers["etag"]
    response = sweep.send(caller, operation, at, headers=headers, **sent)
    sweep.hold(caller, operation, None, response)
    return response


def _filled(value: Any, place: Path, name: str) -> Any:
    """Return the value with a name in a place."""
    if not place:
        return name
    step, *rest = place
    if isinstance(value, list):
        return [_filled(v, tuple(rest), name) if n == step else v for n, v in enumerate(value)]
    return {**value, step: _filled(value.get(step), tuple(rest), name)}


@pytest.mark.parametrize("slot", [*SLOTS.items(), *QUERIES.items()], ids=lambda slot: slot[0])
def test_anothers_name_says_as_little_as_a_made_up_one(
    sweep: Sweep, slot: tuple[str, Slot]
) -> None:
    label, asked = slot
    sweep.faults.clear()
    before = dump(sweep.served.database, audit=False)
    answers, looked_up = [], []
    for name in (asked.others(sweep), asked.unknown):
        with statements(sweep.served.database) as noted:
            answers.append(_send(sweep, asked, name, in_query=label in QUERIES))
        looked_up.append(noted)
        assert name not in answers[-1].text
    assert answers[0].status_code == asked.status, answers[0].text
    if asked.status == 422:
        place = ("query", *asked.place) if label in QUERIES else asked.place
        pointer = "".join(f"/{step}" for step in place)
        assert pointer in {fault["place"] for fault in answers[0].json()["faults"]}
    else:
        assert not answers[0].json()["items"]
    assert told(answers[0]) == told(answers[1])
    assert looked_up[0] == looked_up[1]
    assert not sweep.faults, "\n".join(sweep.faults)
    assert dump(sweep.served.database, audit=False) == before
