"""Entries of the audit: what a call is about, and readings, entered together.

A reading is entered before it is answered. Each commit waits for the disk, so whoever comes while
one is being written is written with the next, all at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from threading import Condition
from typing import Protocol, Unpack

from models.database import Database
from models.scope import NOTHING
from models.store.audit import About, Told, append

_ABOUT = {"rounds": "round", "plans": "plan", "municipalities": "municipality"}
"""What an address names that an entry has a place of its own for."""


class Shown(Protocol):
    """Something about a candidate of a round."""

    @property
    def round(self) -> str:
        """Id of the round."""

    @property
    def candidate(self) -> str:
        """Id of the candidate."""


class Account:
    """What a call is about, for the audit: what its address says, and what its handler adds.

    Parameters
    ----------
    address
        What the address names; nothing else is said of that.
    shows_people
        Whether the answer shows candidates, so that it is entered as a reading.
    """

    def __init__(self, address: About, *, shows_people: bool) -> None:
        self._address, self._noted = address, About()
        self._shows_people = shows_people
        self._parts: tuple[About, ...] = (About(),)

    @property
    def about(self) -> About:
        """What the call is about, as far as is known."""
        return self._noted | self._address

    def note(self, **about: Unpack[About]) -> None:
        """Say what the call is about, beyond what its address names; what is said last holds."""
        self._noted |= about

    def note_made(self, location: str | None) -> None:
        """Say what was made, by its address: ``/v1/rounds/{id}``."""
        if location is not None:
            _, version, kind, made = location.split("/", 3)
            self._noted |= addressed(f"/{version}/{kind}/{{id}}", {"id": made})

    def note_people(self) -> None:
        """Say that the answer shows candidates, where the operation does not always."""
        self._shows_people = True

    def note_parts(self, *parts: About) -> None:
        """Say what the answer shows, where that may be of several rounds: an entry for each."""
        self._parts = parts or (About(candidates=[]),)

    def note_shown(self, rows: Iterable[Shown]) -> None:
        """Say whom of which round the answer shows, where it may be of several."""
        shown: dict[str, set[str]] = {}
        for row in rows:
            shown.setdefault(row.round, set()).add(row.candidate)
        parts = [About(round=id_, candidates=sorted(ids)) for id_, ids in sorted(shown.items())]
        self.note_parts(*parts)

    def readings(self) -> list[About]:
        """Return what is to be entered as read: nothing, where the answer shows no candidates."""
        if not self._shows_people:
            return []
        return [self.about | part for part in self._parts]


@dataclass(slots=True)
class _Waiting:
    """An entry that somebody waits for, and what has become of it."""

    told: Sequence[Told]
    over: bool = False
    failure: Exception | None = None


class Readings:
    """Enters readings, those together that come together."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._is_writing = False
        self._moved = Condition()

    def enter(self, database: Database, told: Sequence[Told]) -> None:
        """Enter readings; they last when this returns, and were not entered when this raises."""
        mine = _Waiting(told)
        with self._moved:
            self._waiting.append(mine)
            while self._is_writing and not mine.over:
                self._moved.wait()
            together = [] if mine.over else self._waiting
            if together:  # nobody else is at it
                self._waiting, self._is_writing = [], True
        if together:
            self._write(database, together)
        if mine.failure is not None:
            raise mine.failure

    def _write(self, database: Database, together: list[_Waiting]) -> None:
        failure: Exception | None = None
        try:
            with database.writing(NOTHING) as session:
                append(session, [told for each in together for told in each.told])
        except Exception as error:  # noqa: BLE001 - each who waits is told
            failure = error
        with self._moved:
            for each in together:
                each.over, each.failure = True, failure
            self._is_writing = False
            self._moved.notify_all()


def addressed(path: str, names: Mapping[str, str]) -> About:
    """Return what an address is about: `path` as ``/v1/rounds/{id}``, and what stands for names."""
    about, named = About(), {}
    for kind, step in pairwise(path.split("/")):
        if not step.startswith("{"):
            continue
        value = str(names[step.strip("{}")])
        if kind in _ABOUT:
            about[_ABOUT[kind]] = value  # type: ignore[literal-required] # a place of its own
        elif kind in ("candidates", "explanations"):
            about["candidates"] = [value]
        else:
            named[kind] = value
    return about | {"named": named} if named else about
