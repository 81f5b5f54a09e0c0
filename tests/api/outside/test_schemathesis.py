"""Hostile requests by everybody: no failure of the service, nothing that is not documented.

``ROTATIONS_FUZZ_EXAMPLES`` asks for a longer run, ``ROTATIONS_FUZZ_SEED`` for another one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from models.database import Database
from tests.api.outside.expectations import EXPECTED
from tests.api.outside.fuzzing import Effort, fuzzed
from tests.api.outside.kept import Kept
from tests.api.outside.operations import operations
from tests.api.outside.people import MEDICINE
from tests.api.outside.sweeping import Sweep, sweeping
from tests.api.served import ALTA
from tests.databases import Databases, mostly

SEED = int(os.environ.get("ROTATIONS_FUZZ_SEED", "1"))
EXAMPLES = int(os.environ.get("ROTATIONS_FUZZ_EXAMPLES", "2"))
CHAINS = EXAMPLES // 10

ROLES = (
    "planner",
    "administrator",
    f"coordinator {ALTA}",
    f"unit_leader {MEDICINE}",
    "auditor",
    "approver",
    "regional_reader",
    "candidate",
)
"""One of each role; border cases are sent by the first who may."""

ON_A_SERVER = ("planner", "coordinator")
"""Who asks on PostgreSQL too: roles, and borders, are the same on any database."""

WHOLE_DOCUMENTS = {
    "create_capacity_study",
    "create_policy",
    "create_scenario",
    "submit_plan",
}
"""Planners' operations that take whole documents: their border cases take longest."""

SHARE_DONE = 0.4
"""Least share of the operations that are done, and not only refused."""


@pytest.fixture(scope="module", params=mostly("sqlite"))
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sweep]:
    source: Databases = request.getfixturevalue(f"{request.param}_databases")
    url = source.migrated()
    database = Database(url)
    with sweeping(database, tmp_path_factory.mktemp("fuzz")) as found:
        yield found
    database.close()
    source.drop(url)


@pytest.fixture(scope="module")
def kept(world: Sweep) -> Iterator[Kept]:
    made = Kept(world.served.database)
    yield made
    made.close()


@pytest.fixture
def sweep(world: Sweep, kept: Kept) -> Iterator[Sweep]:
    """The world as it was planted."""
    yield world
    kept.restore()


@pytest.mark.parametrize("name", ROLES)
def test_hostile_requests_are_answered_as_documented(sweep: Sweep, name: str) -> None:
    if not (sweep.served.database.embedded or CHAINS or name.startswith(ON_A_SERVER)):
        pytest.skip("asked on SQLite, and in longer runs")
    caller = next(each for each in sweep.callers if each.name.startswith(name))
    # Border cases are the form's affair, and the same on any database.
    thorough = _first_for(name) if sweep.served.database.embedded or CHAINS else frozenset()
    effort = Effort(seed=SEED, examples=EXAMPLES, thorough=thorough, chains=CHAINS)
    found = fuzzed(sweep, caller, effort)
    done = f"{len(found.succeeded)} of {found.allowed} operations done"
    print(
        f"{name}: {found.statuses.total()} requests, {done}, {dict(sorted(found.statuses.items()))}"
    )
    assert found.statuses.total() >= 1.5 * found.allowed
    assert len(found.succeeded) >= SHARE_DONE * found.allowed, "requests that are all refused"
    assert not found.broken, "\n".join(f"{at}: {what}" for at, what in found.broken.items())


def _first_for(name: str) -> frozenset[str]:
    """Return the operations of which somebody is the first who may call them.

    The border cases of what only reads, and of planners' whole documents, are for longer runs.
    """
    roles = [each.partition(" ")[0] for each in ROLES]
    mine = name.partition(" ")[0]
    left_out: set[str] = set() if CHAINS else WHOLE_DOCUMENTS
    return frozenset(
        operation
        for operation, expected in EXPECTED.items()
        if mine == next((role for role in roles if role in expected.roles), roles[0])
        and operation not in left_out
        and (CHAINS or operations()[operation].changes)
    )
