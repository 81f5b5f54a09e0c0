"""The service as an operator meets it: begun, let in, scaled, killed and ended."""

from __future__ import annotations

import os
import signal
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

import pytest

from api.identity.local import LocalKey
from data.documents import write_round
from data.synthetic import generate
from models.database import Database, embedded_url
from models.scope import EVERYTHING
from models.store.plans import state_of
from tests.api.running import (
    Running,
    Site,
    alive,
    answering,
    awaited,
    children,
    end,
    running,
)
from tests.databases import Server

FINNMARK = "983974880"
STOP_SECONDS = 10.0

LONG = write_round(generate("nord", 1))
"""A round whose search takes about half a minute."""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Serve the sample, with the worker beside it."""
    site = Site(tmp_path_factory.mktemp("sample"))
    with running(site, "--sample", "finnmark") as service:
        yield service


def is_ready(service: Running, *, workers: bool = True) -> bool:
    with service.client() as client:
        answer = client.get("/readyz")
    return answer.is_success and answer.json()["workers"] == workers


def ask_for_a_plan(service: Running, token: str, document: bytes = LONG) -> str:
    """Import a round and ask for its plan; return the plan's address."""
    with service.client(token) as client:
        made = client.post(
            "/v1/rounds/import",
            params={"organisation": FINNMARK},
            content=document,
            headers={"Content-Type": "application/json"},
        )
        assert made.status_code == 201, made.text
        asked = client.post(f"{made.headers['location']}/plans")
        assert asked.status_code == 202, asked.text
        return str(asked.headers["location"])


def state(service: Running, token: str, plan: str) -> str:
    with service.client(token) as client:
        return str(client.get(plan).json()["state"])


def is_searching(service: Running, token: str, plan: str) -> bool:
    """Tell whether the search has begun, and told of itself."""
    with service.client(token) as client:
        return client.get(plan).json()["progress"] is not None


# -- begun ---------------------------------------------------------------------------------------


def test_it_says_how_to_get_in_and_so_one_does(sample: Running) -> None:
    said = (sample.site.folder / "log.out").read_text(encoding="utf-8")
    commands = [line.split() for line in said.splitlines() if line.startswith("    rotations")]
    assert len(commands) == 2
    rights = []
    for _, *words in commands:
        made = sample.site.run(*words)
        assert (made.returncode, made.stderr) == (0, "")
        [token] = made.stdout.splitlines()
        with sample.client(token) as client:
            rights += client.get("/v1/me").json()["rights"]
            assert len(client.get("/v1/rounds").json()["items"]) == 1
    assert [(each["role"], each["municipality"]) for each in rights] == [
        ("planner", None), ("coordinator", "5601"),
    ]  # fmt: skip


def test_its_data_is_for_its_owner_alone(sample: Running) -> None:
    folder = sample.site.data
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert files.keys() >= {"rotations.sqlite", "signing-key.json"}
    assert set(files.values()) == {0o600}


def test_a_second_start_finds_the_sample_there(sample: Running) -> None:
    """Two services on one folder share the work."""
    with running(sample.site, "--sample", "finnmark", log="second") as second:
        assert is_ready(second)
        token = sample.site.token("planner")
        with second.client(token) as client:
            assert len(client.get("/v1/rounds").json()["items"]) == 1


def test_a_worker_that_dies_is_begun_anew(sample: Running) -> None:
    [worker] = children(sample.process.pid)
    os.kill(worker, signal.SIGKILL)
    [another] = awaited(lambda: [p for p in children(sample.process.pid) if p != worker])
    assert awaited(lambda: is_ready(sample))
    assert alive(another)
    token = sample.site.token("planner")
    document = write_round(generate("finnmark", 3))
    plan = ask_for_a_plan(sample, token, document)
    assert awaited(lambda: state(sample, token, plan) == "completed", 60)


def test_a_plan_whose_worker_died_goes_before_those_that_wait(tmp_path: Path) -> None:
    """And while nobody has it in work, it can be cancelled at once."""
    with running(Site(tmp_path), "--sample", "finnmark") as service:
        token = service.site.token("planner")
        first = ask_for_a_plan(service, token)
        awaited(lambda: is_searching(service, token, first), 60)
        second = ask_for_a_plan(service, token, LONG.replace(b"nord-1", b"nord-x"))
        [worker] = children(service.process.pid)
        os.kill(worker, signal.SIGKILL)
        with service.client(token) as client:
            awaited(lambda: client.get(first).json()["attempt"] == 2, 30)
            assert client.get(second).json()["state"] == "queued"
            for plan in (second, first):
                assert client.post(f"{plan}/cancel").is_success
        assert awaited(lambda: state(service, token, second) == "cancelled", 30)
        assert awaited(lambda: state(service, token, first) == "completed", 30)


# -- scaled --------------------------------------------------------------------------------------


def test_replicas_and_workers_share_a_server(postgresql_databases: Server, tmp_path: Path) -> None:
    """All begin at once on an empty database."""
    url = postgresql_databases.empty()
    address = url.replace("postgresql+psycopg://", "postgres://")
    site = Site(tmp_path, {"DATABASE_URL": address})
    LocalKey.of(site.data)  # they share it
    words = ("serve", "--no-worker", "--port", "0", "--sample", "finnmark")
    logs = ("one", "two")
    with ExitStack() as ending:
        processes = [site.start(*words, log=log) for log in logs] + [site.start("worker")]
        for process in processes:
            ending.callback(end, process)
        first, second = (
            answering(process, site, log) for process, log in zip(processes, logs, strict=False)
        )
        assert awaited(lambda: is_ready(first) and is_ready(second))
        token = Site(tmp_path, {"DATABASE_URL": url}).token("planner")
        plan = ask_for_a_plan(first, token, write_round(generate("finnmark", 3)))
        assert awaited(lambda: state(second, token, plan) == "completed", 60)
        assert all(children(process.pid) == [] for process in processes[:2])
        end(processes[2])
        assert awaited(lambda: is_ready(first, workers=False))
    assert [process.returncode for process in processes] == [0, 0, 0]
    postgresql_databases.drop(url)


# -- killed and ended ----------------------------------------------------------------------------


def family(pid: int) -> set[int]:
    """Return the processes below a process: the worker, and what searches for it."""
    found = set(children(pid))
    return found.union(*map(family, found)) if found else found


def test_kill_9_leaves_nobody_behind(tmp_path: Path) -> None:
    site = Site(tmp_path)
    with running(site, "--sample", "finnmark") as service:
        token = site.token("planner")
        plan = ask_for_a_plan(service, token)
        assert awaited(lambda: is_searching(service, token, plan), 60)
        below = family(service.process.pid)
        assert len(below) == 2
        service.process.kill()
        service.process.wait()
        assert awaited(lambda: not any(map(alive, below)), 12)


def listen(service: Running, token: str, plan: str, heard: list[str]) -> None:
    with service.client(token) as client, client.stream("GET", f"{plan}/events") as stream:
        heard += stream.iter_lines()


def test_it_ends_within_ten_seconds_whatever_it_does(tmp_path: Path) -> None:
    """With streams open and a search in work, which is given back and not lost."""
    site = Site(tmp_path)
    with running(site, "--sample", "finnmark") as service:
        token = site.token("planner")
        plan = ask_for_a_plan(service, token)
        assert awaited(lambda: is_searching(service, token, plan), 60)
        told: list[list[str]] = [[] for _ in range(3)]
        listeners = [Thread(target=listen, args=(service, token, plan, h)) for h in told]
        for listener in listeners:
            listener.start()
        assert awaited(lambda: all(told))
        below = family(service.process.pid)
        began = time.monotonic()
        service.process.send_signal(signal.SIGTERM)
        code = service.process.wait(20)
        seconds = time.monotonic() - began
        for listener in listeners:
            listener.join(5)
    print(f"ended in {seconds:.1f} s")
    assert seconds < STOP_SECONDS
    assert code == 0
    assert not any(map(alive, below))
    assert all("event: progress" in lines for lines in told)
    assert not any("event: end" in lines for lines in told)
    database = Database(embedded_url(site.data))
    with database.reading(EVERYTHING) as session:
        assert state_of(session, plan.rpartition("/")[2]) == "queued"
    database.close()
