"""Nobody's name leaves the service other than in an answer.

Canaries are put wherever a request, a row or an exception can hold one. Then all that the service
says is searched for them, and for the names of the made-up people whom it plans for.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Client
from sqlalchemy import inspect, text
from sqlmodel import select

from models.database import Database
from models.scope import EVERYTHING
from models.tables import METADATA, Snapshot
from tests.api.receiver import Receiver, receiving
from tests.api.running import Running, Site, awaited, running
from tests.api.served import ALTA, FINNMARK
from tests.databases import mostly

CANARY = "Kanari-Fuglesang"

PLANTED = f"""
import sys

def fail(*_):
    try:
        raise KeyError("{CANARY}")
    except KeyError as error:
        raise RuntimeError("{CANARY}") from error

if "serve" in sys.argv:
    import api.routes.register as register
    register._unit = fail
if "worker" in sys.argv:
    import api.solving.solver as solver
    begin, calls = solver.begin, []

    def begun(*given, **named):
        calls.append(given)
        return fail() if len(calls) == 1 else begin(*given, **named)

    solver.begin = begun
"""
"""A fault wherever a unit is shown, and one in the first plan that a worker begins."""

HANDLE = "0" * 32

BODY = {"name": CANARY, "candidates": [{"id": f"{ALTA}-{CANARY}", "name": CANARY}]}


FITTING = {"number": ALTA, "municipality": ALTA, "organisation": FINNMARK}
"""What an address may hold to be understood; every other part of one is an unguessable id."""


def send_everywhere(service: Running, token: str) -> int:
    """Send canaries to every operation, in every place, by somebody and by nobody; count them."""
    sent = 0
    with service.client(token) as somebody, service.client() as nobody:
        document = somebody.get("/v1/openapi.json").json()
        for path, methods in document["paths"].items():
            strange = re.sub(r"\{\w+\}", CANARY, path)
            fitting = re.sub(r"\{(\w+)\}", lambda part: FITTING.get(part[1], HANDLE), path)
            for method in methods:
                send(nobody, method, fitting, {"json": BODY})
                send(somebody, method, strange, {"content": CANARY})
                send(somebody, method, fitting, {"json": BODY})
                sent += 3
    return sent


def send(client: Client, method: str, address: str, body: dict[str, Any]) -> None:
    headers = {"User-Agent": CANARY, "Last-Event-ID": CANARY, "Idempotency-Key": CANARY}
    sent = {} if method == "get" else body
    answer = client.request(method, address, params={"cursor": CANARY}, headers=headers, **sent)
    if answer.status_code >= 500:
        assert CANARY not in answer.text


def plan(service: Running, token: str) -> str:
    """Lock the sample's round, have it planned twice, and return how the second one ended."""
    with service.client(token) as client:
        assert client.get("/v1/units").status_code == 500
        [round_] = client.get("/v1/rounds").json()["items"]
        address = f"/v1/rounds/{round_['id']}"
        tag = client.get(address).headers["etag"]
        locked = client.post(f"{address}/lock", headers={"If-Match": tag})
        assert locked.is_success, locked.text
        client.post(f"{address}/plans")
        made = client.post(f"{address}/plans").headers["location"]

        def ended() -> str | None:
            state = str(client.get(made).json()["state"])
            return None if state in {"queued", "running"} else state

        return awaited(ended, 60)


def secrets_of(database: Database) -> set[str]:
    """Return what nothing but an answer may hold: ids, names and words of the sample's people."""
    with database.reading(EVERYTHING) as session:
        snapshot = session.exec(select(Snapshot)).one()
        people = json.loads(snapshot.content)["candidates"]
    found = {each[key] for each in people for key in ("id", "name", "lead_waiver") if each.get(key)}
    assert len(found) > 30
    return found | {CANARY, "Veileder i"}


def foreign_rows(database: Database) -> Iterator[str]:
    """Yield the rows of the tables that others keep beside ours."""
    schema = None if database.embedded else "dbos"
    tables = set(inspect(database.engine).get_table_names(schema=schema)) - METADATA.tables.keys()
    with database.engine.connect() as connection:
        for table in sorted(tables):
            name = f"{schema}.{table}" if schema else table
            yield from (
                str(tuple(row)) for row in connection.execute(text(f"SELECT * FROM {name}"))
            )


def command_lines() -> str:
    listed = subprocess.run(["ps", "-ewwo", "args"], capture_output=True, text=True, check=True)
    return listed.stdout


def measures_of(receiver: Receiver) -> set[str]:
    """Return what was measured of the plan that was made."""
    found = {name.rpartition(".") for name in receiver.points()}
    return {name for of, _, name in found if of == "rotations.plan"}


@pytest.mark.parametrize("databases", mostly("postgresql"), indirect=True)
def test_nobodys_name_leaves_the_service(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(PLANTED, encoding="utf-8")
    with receiving() as receiver:
        environment = {
            "DATABASE_URL": database_url,
            "PYTHONPATH": str(tmp_path),
            "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint,
            "ROTATIONS_REQUESTS_PER_MINUTE": "100000",
        }
        site = Site(tmp_path, environment)
        with running(site, "--sample", "finnmark") as service:
            token = site.token("planner")
            sent = send_everywhere(service, token)
            ended = plan(service, token)
            listed = command_lines()
    database = Database(database_url)
    said = {
        "streams": service.said,
        "processes": listed,
        "telemetry": receiver.everything.decode("utf-8", "replace"),
        "tables": "\n".join(foreign_rows(database)),
    }
    secrets = secrets_of(database) | {token}
    database.close()
    assert {(at, secret) for at in said for secret in secrets if secret in said[at]} == set()
    assert (ended, sent > 150) == ("completed", True)
    assert '"operation": "put_requests"' in said["streams"]
    assert said["streams"].count("builtins.KeyError") > 1, "the planted faults were not met"
    assert "make_plan" in said["tables"]
    assert "get_plan" in said["telemetry"]
    assert measures_of(receiver) == {"duration", "attempts", "gap"}
