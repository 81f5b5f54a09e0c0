"""Requests are counted by subject; who has no valid token is counted by address."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from limits.storage import MemoryStorage

from api.web.limits import Limiter, origin
from api.web.problems import Problem
from models.database import Database
from tests.api.served import Served, serving
from tests.databases import Files

PER_MINUTE = 5


@pytest.fixture
def strict(
    sqlite_databases: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Served]:
    """A service that allows little, within one minute: as the next begins, a request is allowed."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    database = Database(sqlite_databases.migrated())
    with serving(database, tmp_path / "var") as running:
        # The limiter is part of the service from its start.
        object.__setattr__(running.service, "limiter", Limiter(PER_MINUTE))
        yield running
    database.close()


def from_(served: Served, address: str, token: str | None = None) -> Response:
    client = TestClient(served.app, client=(address, 1))
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.get("/v1/organisations", headers=headers)


def test_a_subject_has_so_many_requests_wherever_it_calls_from(strict: Served) -> None:
    token = strict.planner.token
    answers = [from_(strict, f"192.0.2.{n}", token) for n in range(PER_MINUTE + 1)]
    assert [answer.status_code for answer in answers] == [200] * PER_MINUTE + [429]
    refused = answers[-1].json()
    assert refused["code"] == "too-many-requests"
    assert 1 <= refused["seconds"] <= 60
    assert answers[-1].headers["retry-after"] == str(refused["seconds"])
    assert from_(strict, "192.0.2.1", strict.coordinator().token).status_code == 200


@pytest.mark.parametrize("token", [None, "forged"])
def test_without_a_valid_token_an_address_has_so_many(strict: Served, token: str | None) -> None:
    statuses = [from_(strict, "192.0.2.1", token).status_code for _ in range(PER_MINUTE + 1)]
    assert statuses == [401] * PER_MINUTE + [429]
    assert from_(strict, "192.0.2.2", token).status_code == 401
    assert from_(strict, "192.0.2.1", strict.planner.token).status_code == 200


@pytest.mark.parametrize("path", ["/problems", "/problems/stale", "/v1/openapi.json"])
def test_what_needs_no_token_is_counted_too(strict: Served, path: str) -> None:
    statuses = [strict.client.get(path).status_code for _ in range(PER_MINUTE + 1)]
    assert statuses == [200] * PER_MINUTE + [429]


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_who_watches_the_service_is_never_refused(strict: Served, path: str) -> None:
    statuses = {strict.client.get(path).status_code for _ in range(PER_MINUTE * 3)}
    assert statuses == {200}


def test_a_network_counts_as_one_caller() -> None:
    assert origin("2001:db8:1:2::1") == origin("2001:db8:1:2:ffff::7")
    assert origin("2001:db8:1:2::1") != origin("2001:db8:1:3::1")
    assert origin("192.0.2.1") != origin("192.0.2.2")
    assert origin("::ffff:192.0.2.1") != origin("::ffff:192.0.2.2")
    assert origin("a name") == origin("")


def test_counts_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else whoever has many addresses fills the memory."""
    start = time.time()
    now = [start]
    monkeypatch.setattr(time, "time", lambda: now[0])
    limiter = Limiter(1)
    for number in range(500):
        limiter.admit(f"address {number}")
    with pytest.raises(Problem):
        limiter.admit("address 7")
    now[0] = start + 121
    limiter.admit("address 7")
    storage = limiter._strategy.storage
    assert isinstance(storage, MemoryStorage)
    deadline = time.monotonic() + 5
    while len(storage.storage) > 2 and time.monotonic() < deadline:
        limiter.admit(f"another {time.monotonic_ns()}")
        time.sleep(0.02)
        now[0] += 121
    assert len(storage.storage) <= 2
    assert len(storage.locks) <= 2
