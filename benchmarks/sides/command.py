"""The whole command: read a round's document, plan it, write every file of the report."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from benchmarks.outcome import Outcome
from data.documents import write_round
from scheduler.rounds import Round


def decide(round_: Round, seconds: float) -> Outcome:
    """Run ``rotations solve`` on a round."""
    with TemporaryDirectory() as folder:
        document = Path(folder) / "round.json"
        document.write_bytes(write_round(round_))
        command = [sys.executable, "-m", "api", "solve", str(document)]
        began = monotonic()
        subprocess.run(  # noqa: S603 - the command is ours
            [*command, "--out", str(Path(folder) / "out")],
            check=True,
            timeout=seconds,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return Outcome(notes={"command": monotonic() - began})
