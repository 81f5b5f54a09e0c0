"""How quick reads are while a plan is being made, beside how quick they are when none is.

``python -m benchmarks.reads [--preset national] [--seconds 10] [--readers 4]``

Serves the sample in a temporary folder with a worker beside it, reads for some time, asks for the
plan of a made-up round, and reads again while the search is in work. Both are measured in one run,
by readers on the same machine who take their share of it: compare the two with each other.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

from httpx2 import Client

from data.documents import write_round
from data.synthetic import PRESETS, generate

PROGRAM = (sys.executable, "-m", "api")
ORGANISATION = "983974880"
PATHS = ("/v1/me", "/v1/units", "/v1/windows", "/v1/rounds", "/v1/municipalities?limit=200")
PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Latency:
    """How long reads took, in milliseconds."""

    reads: int
    median: float
    p99: float
    worst: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Latency:
        """Return what these measurements say; there is at least one."""
        ordered = sorted(1000 * each for each in seconds)
        last = len(ordered) - 1
        return cls(len(ordered), ordered[last // 2], ordered[last * 99 // 100], ordered[last])


@dataclass(frozen=True, slots=True)
class Comparison:
    """Reads without and with a search in work."""

    idle: Latency
    searching: Latency


def compare(preset: str, seconds: float, readers: int) -> Comparison:
    """Measure reads without and with a search in work.

    Parameters
    ----------
    preset
        Size of the round that is planned: its search must last for `seconds` and more.
    seconds
        How long is read, each time.
    readers
        How many read at a time.
    """
    with TemporaryDirectory() as folder, _serving(Path(folder)) as url:
        token = _token(Path(folder))
        idle = _read(url, token, seconds, readers)
        plan = _ask(url, token, preset)
        searching = _read(url, token, seconds, readers)
        with _client(url, token) as client:
            state = client.get(plan).json()["state"]
            if state != "running":
                raise RuntimeError(f"the plan is {state}: the search was over before the reads")
            client.post(f"{plan}/cancel")
    return Comparison(idle, searching)


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    """Serve the sample and yield the address."""
    command = ["env", "ROTATIONS_REQUESTS_PER_MINUTE=1000000", *PROGRAM, "serve", "--port", "0"]
    command += ["--sample", "finnmark", "--data-dir", str(folder)]
    with subprocess.Popen(  # noqa: S603 - the command is ours
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://[\d.]+:\d+", process.stdout.readline())
            assert found is not None, "the service has not begun"
            yield found[0]
        finally:
            process.terminate()


def _token(folder: Path) -> str:
    command = [*PROGRAM, "token", "--role", "planner", "--org", ORGANISATION]
    made = subprocess.run(  # noqa: S603 - the command is ours
        [*command, "--data-dir", str(folder)], stdout=subprocess.PIPE, text=True, check=True
    )
    return made.stdout.strip()


def _ask(url: str, token: str, preset: str) -> str:
    """Have a made-up round planned; return the plan's address once its search tells of itself."""
    with _client(url, token) as client:
        made = client.post(
            "/v1/rounds/import",
            params={"organisation": ORGANISATION},
            content=write_round(generate(preset, 1)),
            headers={"Content-Type": "application/json"},
        )
        made.raise_for_status()
        asked = client.post(f"{made.headers['location']}/plans")
        asked.raise_for_status()
        plan = str(asked.headers["location"])
        deadline = monotonic() + PATIENCE_SECONDS
        while client.get(plan).json()["progress"] is None:
            if monotonic() > deadline:
                raise RuntimeError("the search has not begun")
            sleep(0.2)
    return plan


def _read(url: str, token: str, seconds: float, readers: int) -> Latency:
    with ThreadPoolExecutor(readers) as threads:
        taken = threads.map(lambda _: list(_reads(url, token, seconds)), range(readers))
        return Latency.of([each for times in taken for each in times])


def _reads(url: str, token: str, seconds: float) -> Iterator[float]:
    """Read one thing after the other, and yield how long each took in seconds."""
    deadline = monotonic() + seconds
    with _client(url, token) as client:
        while monotonic() < deadline:
            for path in PATHS:
                began = monotonic()
                client.get(path).raise_for_status()
                yield monotonic() - began


def _client(url: str, token: str) -> Client:
    return Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--preset", choices=sorted(PRESETS), default="national")
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--readers", type=int, default=4)
    asked = options.parse_args()
    compared = compare(asked.preset, asked.seconds, asked.readers)
    print(f"{'':10} {'reads':>7} {'p50 ms':>8} {'p99 ms':>8} {'worst ms':>9}")
    for name, latency in (("idle", compared.idle), (asked.preset, compared.searching)):
        print(
            f"{name:10} {latency.reads:7} {latency.median:8.1f} {latency.p99:8.1f}"
            f" {latency.worst:9.1f}"
        )


if __name__ == "__main__":
    main()
