"""A stored plan, as much of it as its reader may see."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from api.outcomes.excerpts import Shown, excerpt
from api.outcomes.parties import details, staff_scope
from api.web.calls import Call, found
from api.web.problems import Problem
from data.documents import read_plan, read_round
from data.forms.plan_records import plan_record
from data.sentences import Language
from data.wording import Wording
from models.store.names import of_places
from models.store.plans import seen_plan, snapshot_of
from scheduler.plans import Plan
from scheduler.rounds import Round


@dataclass(frozen=True, slots=True)
class Stored:
    """A plan's document and its round's, byte for byte, with the hashes noted beside them.

    `kept_as` is the round's id in addresses, `whole` = the reader may see everybody in them.
    `places` has the names of sites and trusts, which no document has.
    """

    plan: bytes
    plan_hash: str
    round: bytes
    round_hash: str
    kept_as: str
    whole: bool
    places: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class View:
    """A plan, and how much of whom its reader may see; `shown` None = all of everybody.

    `kept_as` is the id of the round in addresses; `units` those that the reader answers for;
    `places` has the names of sites and trusts.
    """

    kept_as: str
    round: Round
    plan: Plan
    shown: Shown | None
    places: Mapping[str, str]
    units: Collection[str] | None = None

    def part(self, language: Language, *, named: bool = False) -> tuple[Round, Plan]:
        """Return the round and the plan that the reader may see.

        Parameters
        ----------
        named
            Whether sites go by their names, as in sentences, or by their ids, as in files.
        """
        if self.shown is None:
            return self.round, self.plan
        words = Wording(self.round, language, self.places if named else {})
        return excerpt(words, self.plan, self.shown, self.units)


def stored(call: Call, id_: str) -> Stored:
    """Return a completed plan that the caller may see, in whole or in part.

    Raises
    ------
    Problem
        ``not-found`` or ``plan-not-completed``.
    """
    with call.reading() as session:
        seen = found(seen_plan(session, id_, staff_scope(call.principal), content=True))
        content, hash_ = seen.plan.content, seen.plan.hash
        if content is None or hash_ is None:
            raise Problem("plan-not-completed")
        snapshot = snapshot_of(session, seen.plan)
        call.note(round=seen.plan.round)
        return Stored(
            plan=content.encode(),
            plan_hash=hash_,
            round=snapshot.content.encode(),
            round_hash=snapshot.hash,
            kept_as=seen.plan.round,
            whole=seen.whole,
            places=of_places(session),
        )


def viewed(call: Call, id_: str) -> View:
    """Return a completed plan as the caller may see it.

    Raises
    ------
    Problem
        ``not-found`` or ``plan-not-completed``.
    """
    kept = stored(call, id_)
    round_, plan = _read(kept.round, kept.plan)
    shown = None if kept.whole else details(round_, plan, call.scope)
    call.note(candidates=None if shown is None else sorted(shown))
    return View(kept.kept_as, round_, plan, shown, kept.places, call.scope.units)


@lru_cache(maxsize=4)
def _read(round_: bytes, plan: bytes) -> tuple[Round, Plan]:
    """Return what two documents say: on the day of publishing everybody asks for the same ones."""
    return read_round(round_), plan_record(read_plan(plan))
