"""What the room refuses of a round, as problems."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from api.web.problems import Problem
from data.sentences import Language
from data.wording import conflict_sentence
from scheduler.errors import InvalidRound, RefusedRound


@contextmanager
def translated(language: Language) -> Iterator[None]:
    """Turn a round that is not coherent, or contradicts itself, into a problem.

    Raises
    ------
    Problem
        ``round-invalid`` with every fault, or ``refused`` with every conflict.
    """
    try:
        yield
    except InvalidRound as error:
        faults = error.faults
        raise Problem("round-invalid", faults=faults, faults_total=len(faults)) from None
    except RefusedRound as error:
        conflicts = [
            {
                "rule": conflict.rule,
                "subject": conflict.subject,
                "candidates": list(conflict.candidates),
                "figures": dict(conflict.figures),
                "sentence": conflict_sentence(language, conflict),
            }
            for conflict in error.conflicts
        ]
        raise Problem("refused", conflicts=conflicts) from None
