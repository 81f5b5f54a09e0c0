"""The service as its operator runs it: processes of their own, reached over HTTP."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx2

from api.clock import utc_now
from api.identity.local import LocalKey
from api.shell.local_tokens import make_token
from models.database import Database, embedded_url

T = TypeVar("T")

PROGRAM = [sys.executable, "-m", "api"]
START_SECONDS = 60.0


@dataclass
class Site:
    """A folder and an environment that programs run in."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.folder / "var"

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [*PROGRAM, *words], cwd=self.folder, env=self.environ,
            capture_output=True, text=True, encoding="utf-8", check=False, timeout=START_SECONDS,
        )  # fmt: skip

    def token(self, role: str, organisation: str = "983974880", **named: str) -> str:
        """Make a token for what is registered, as the command of that name does."""
        database = Database(self.environment.get("DATABASE_URL") or embedded_url(self.data))
        asked = {"role": role, "organisation": organisation, **named}
        try:
            return make_token(database, LocalKey.of(self.data), asked, 12, utc_now())
        finally:
            database.close()

    def start(self, *words: str, log: str = "log") -> subprocess.Popen[bytes]:
        """Begin a command; what it says goes into files beside each other."""
        out, err = (self.folder / f"{log}.{kind}" for kind in ("out", "err"))
        with out.open("ab") as stdout, err.open("ab") as stderr:
            return subprocess.Popen(
                [*PROGRAM, *words], cwd=self.folder, env=self.environ,
                stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, start_new_session=True,
            )  # fmt: skip

    @property
    def environ(self) -> Mapping[str, str]:
        """The whole environment of the programs."""
        root = str(Path(__file__).parents[2])
        inherited = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        path = os.pathsep.join([*self.environment.get("PYTHONPATH", "").split(os.pathsep), root])
        return {**inherited, **self.environment, "PYTHONPATH": path.strip(os.pathsep)}


@dataclass
class Running:
    """A service that answers."""

    process: subprocess.Popen[bytes]
    site: Site
    url: str
    log: str

    @property
    def said(self) -> str:
        """What it said on both streams until now."""
        return "".join(
            (self.site.folder / f"{self.log}.{kind}").read_text(encoding="utf-8")
            for kind in ("out", "err")
        )

    def client(self, token: str | None = None, **options: Any) -> httpx2.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=30, **options)


@contextmanager
def running(site: Site, *words: str, port: int = 0, log: str = "log") -> Iterator[Running]:
    """Serve until the block ends."""
    process = site.start("serve", "--port", str(port), *words, log=log)
    try:
        yield answering(process, site, log)
    finally:
        end(process)


def answering(process: subprocess.Popen[bytes], site: Site, log: str = "log") -> Running:
    """Return a service as soon as it answers."""

    def url() -> str | None:
        assert process.poll() is None, (site.folder / f"{log}.err").read_text(encoding="utf-8")
        said = (site.folder / f"{log}.out").read_text(encoding="utf-8")
        found = re.findall(r"http://[\d.]+:\d+(?=;)", said)
        with suppress(httpx2.TransportError):
            if found and httpx2.get(f"{found[-1]}/livez", timeout=5).is_success:
                return str(found[-1])
        return None

    return Running(process, site, awaited(url, START_SECONDS), log)


def awaited(look: Callable[[], T | None], seconds: float = 30.0) -> T:
    """Return what can be seen as soon as it can."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing seen in {seconds} s")


def end(process: subprocess.Popen[bytes], seconds: float = 15.0) -> None:
    """Ask a process to end, and make sure."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(seconds)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
            process.wait()


def children(pid: int) -> list[int]:
    """Return the processes that a process has begun."""
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(each) for each in found.stdout.split()]


def alive(pid: int) -> bool:
    """Tell whether a process is there, and no zombie."""
    with suppress(FileNotFoundError, ProcessLookupError):
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        return state != "Z"
    return False
