"""What went wrong, as an exit code and a few lines for people.

Sentences hold places, codes and ids, never names and never the value that was refused.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from secrets import token_hex
from typing import Any

from data.sentences import Language, Verbatim, sentence
from scheduler.errors import Fault, InvalidDocument, RefusedRound, UnverifiedPlan


class ExitCode(IntEnum):
    """How the program ends; 64 and above follow ``sysexits.h``."""

    OK = 0
    BROKEN = 1
    """`verify` found a broken rule or an untrue claim."""
    USAGE = 2
    INVALID = 3
    """The input breaks its form."""
    REFUSED = 4
    """The input contradicts itself."""
    ATTENTION = 5
    """`batch` is done, and some round needs a person."""
    SOFTWARE = 70
    """A fault of the program."""
    OUTPUT = 74
    """Something could not be read or written."""
    INTERRUPTED = 130


class Misuse(Exception):
    """A command asked for something it cannot do; `key` and `figures` make the sentence.

    Parameters
    ----------
    options
        What is wrong with each option, whose name is the fault's place.
    lines
        What else is wrong, in words.
    """

    exit_code = ExitCode.USAGE
    status = "misused"

    def __init__(
        self,
        key: str,
        *,
        options: Sequence[Fault] = (),
        lines: Sequence[str] = (),
        **figures: object,
    ) -> None:
        super().__init__(key)
        self.key, self.figures = key, figures
        self.options, self.lines = tuple(options), tuple(lines)


class Unusable(Misuse):
    """Something that a command needs cannot be used as it is."""

    exit_code = ExitCode.OUTPUT
    status = "unusable"


class Mismatch(Exception):
    """What was written reads back as something else."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure for people and machines.

    Attributes
    ----------
    status
        One word for machines: ``invalid``, ``refused``, ``unwritable``, ``unusable``, ``misused``,
        ``interrupted`` or ``failed``.
    title, lines
        One sentence, and one for each thing that is wrong.
    details
        The same for machines: ``faults``, ``conflicts`` or ``incident``.
    """

    exit_code: ExitCode
    status: str
    title: str
    lines: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


def failure(error: BaseException, language: Language) -> Failure:
    """Return what an exception means for the one who ran the command.

    With ``ROTATIONS_DEBUG=1`` the traceback goes to standard error first.
    """
    from api.settings import wants_tracebacks

    if wants_tracebacks():
        traceback.print_exception(error)
    match error:
        case InvalidDocument():
            return _invalid(error, language)
        case RefusedRound():
            return _refused(error, language)
        case Misuse():
            return _misused(error, language)
        case KeyboardInterrupt():
            title = sentence(language, "console.interrupted")
            return Failure(ExitCode.INTERRUPTED, "interrupted", title)
        case OSError():
            return _unwritable(error, language)
        case _:
            return _incident(error, language)


def shown(path: Path | str) -> Verbatim:
    """Return a path as text that no terminal takes for a command."""
    letters = (c if c.isprintable() else ascii(c)[1:-1] for c in str(path))
    return Verbatim("".join(letters))


def expect_folder(out: Path | None) -> None:
    """Refuse to write into what is no folder."""
    if out is not None and out.exists() and not out.is_dir():
        raise Misuse("out-is-file", place=shown(out))


def _misused(error: Misuse, language: Language) -> Failure:
    from data.faults import fault_record

    title = sentence(language, f"console.{error.key}", error.figures)
    options = (
        f"{option.place[0]}: {fault_record(language, option)['sentence']}"
        for option in error.options
    )
    return Failure(error.exit_code, error.status, title, (*options, *error.lines))


def _invalid(error: InvalidDocument, language: Language) -> Failure:
    from data.faults import fault_line, fault_record

    title = sentence(language, "console.invalid", {"faults": len(error.faults)})
    lines = tuple(fault_line(language, fault) for fault in error.faults)
    records = [fault_record(language, fault) for fault in error.faults]
    return Failure(ExitCode.INVALID, "invalid", title, lines, {"faults": records})


def _refused(error: RefusedRound, language: Language) -> Failure:
    from data.wording import conflict_sentence

    lines = tuple(conflict_sentence(language, conflict) for conflict in error.conflicts)
    records = [
        {
            "rule": conflict.rule,
            "subject": conflict.subject,
            "candidates": list(conflict.candidates),
            **conflict.figures,
        }
        for conflict in error.conflicts
    ]
    title = sentence(language, "console.refused")
    return Failure(ExitCode.REFUSED, "refused", title, lines, {"conflicts": records})


def _unwritable(error: OSError, language: Language) -> Failure:
    """Word an error of the operating system, in its own words, with the path it is about."""
    said = os.strerror(error.errno) if error.errno else type(error).__name__
    place = shown(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else ""
    key = "console.unwritable-place" if place else "console.unwritable"
    title = sentence(language, key, {"said": said, "place": place})
    return Failure(ExitCode.OUTPUT, "unwritable", title)


def _incident(error: BaseException, language: Language) -> Failure:
    incident = token_hex(4)
    kind = type(error).__name__
    title = sentence(language, "console.incident", {"incident": Verbatim(incident), "kind": kind})
    lines: tuple[str, ...] = ()
    if isinstance(error, UnverifiedPlan):
        rules = [Verbatim(code) for code in error.codes]
        lines = (sentence(language, "console.unverified", {"rules": rules}),)
    if isinstance(error, Mismatch):
        lines = (sentence(language, "console.mismatch"),)
    return Failure(ExitCode.SOFTWARE, "failed", title, lines, {"incident": incident})
