"""``rotations batch``: asks for every plan that is wanting, waits for the workers, and reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event
from time import monotonic

from api.batch.asking import Asking
from api.batch.findings import findings
from api.batch.reports import write_reports
from api.clock import norwegian_date, utc_now
from api.failures import ExitCode, Misuse, expect_folder, shown
from api.running.supervision import Supervisor
from api.running.worker import buried
from api.shell.console import remarks, say
from data.exports.region import RoundLine, needing
from data.sentences import Language, Verbatim
from models.database import Database
from models.scope import EVERYTHING, Scope
from models.store.workers import seen
from models.tables import Organisation

LOOK_SECONDS = 0.5
"""How often it is looked whether the plans are made."""

SILENCE_SECONDS = 60.0
"""How long no worker may be seen before the plans are waited for no more."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A batch to run.

    Attributes
    ----------
    out
        Folder of the reports.
    organisation
        Number of whose rounds are planned, a region's with its trusts'; None = all.
    seconds
        Longest search of each plan, in seconds; None = as the service is set.
    silence
        How long to wait, in seconds, while no worker is seen.
    """

    database: Database
    out: Path
    organisation: str | None = None
    seconds: float | None = None
    language: Language = "nb"
    silence: float = SILENCE_SECONDS

    def run(self) -> list[RoundLine]:
        """Plan and report; return what is known of every locked round.

        Raises
        ------
        Misuse
            The organisation is not registered, or `out` is a file.
        """
        scope = self._scope()
        expect_folder(self.out)
        asking = Asking(self.database, scope, utc_now, self.seconds)
        workers, pause = _Workers(self.database), Event()
        while asking.is_waiting():
            if workers.silent_for() > self.silence:
                remarks().print(say(self.language, "batch-alone"))
                break
            pause.wait(LOOK_SECONDS)
        now = utc_now()
        found = findings(self.database, scope, norwegian_date(now))
        return write_reports(self.database, found, self.out, now, self.language)

    def _scope(self) -> Scope:
        if self.organisation is None:
            return EVERYTHING
        with self.database.reading(EVERYTHING) as session:
            if session.get(Organisation, self.organisation) is None:
                raise Misuse("organisation-unknown")
        return Scope(organisations=frozenset({self.organisation}))


class _Workers:
    """How long no worker has shown itself, by one's own clock."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: object = None
        self._since = monotonic()

    def silent_for(self) -> float:
        """Return for how many seconds nothing new has been seen of any worker."""
        with self._database.reading(EVERYTHING) as session:
            now_seen = dict(seen(session))
        if now_seen != self._seen:
            self._seen, self._since = now_seen, monotonic()
        return monotonic() - self._since


@contextmanager
def worker_beside(command: Sequence[str] | None, database: Database) -> Iterator[None]:
    """Keep a worker alive until the block ends; None = others do the work."""
    stopping = Event()
    mourn = partial(buried, database)
    supervisor = None if command is None else Supervisor(command, stopping, mourn)
    if supervisor is not None:
        supervisor.start()
    try:
        yield
    finally:
        stopping.set()
        if supervisor is not None:
            supervisor.join()


def exit_code(lines: Sequence[RoundLine]) -> ExitCode:
    """Return how the command ends: all is well, or something needs a person."""
    return ExitCode.ATTENTION if needing(lines) else ExitCode.OK


def told(lines: Sequence[RoundLine], out: Path, language: Language) -> list[str]:
    """Return what the command says: the sum, each round that needs a person, and the report."""
    sums = say(language, "batch-sum", rounds=len(lines), needs=len(needing(lines)))
    rounds = [
        say(language, "batch-needs", label=Verbatim(line.label), needs=_verbatim(line.needs))
        for line in needing(lines)
    ]
    return [sums, *rounds, say(language, "report-at", place=shown(out / "region.html"))]


def _verbatim(needs: Sequence[str]) -> list[Verbatim]:
    return [Verbatim(need) for need in needs]
