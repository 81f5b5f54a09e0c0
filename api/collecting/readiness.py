"""How ready a round is to be locked: who has handed in, what is wrong, and what is odd.

Odd is what is allowed and seldom meant. What a list is compared with is the municipality's list
before it in this round, and the one that held in the round before: the newest one collected earlier
by the same organisation.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlmodel import Session

from api.collecting.figures import document_now
from api.collecting.moves import coherent
from api.collecting.outlook import is_reversed
from api.schemas.readiness import ListState, OddityRecord, ReadinessAnswer
from api.web.problems import FaultRecord
from data.faults import fault_record
from data.sentences import Language, Verbatim, sentence
from data.wording import Wording, last_day
from models.store import rounds as store
from models.store.submissions import in_force
from models.store.waiting import placed_before
from models.tables import Round, Submission
from models.tables.rounds import FROZEN
from scheduler import rounds
from scheduler.conflicts import conflicts
from scheduler.errors import Fault, InvalidRound
from scheduler.options import within_reach

FEWEST = 3
"""Lists about fewer people are not asked how much has changed: one person is half of two."""

List = Mapping[str, Any]
"""A municipality's list, as it is kept."""


def readiness(session: Session, round_: Round, language: Language) -> ReadinessAnswer:
    """Return how ready a round is.

    Parameters
    ----------
    session
        Sees the whole round.
    """
    lists = in_force(session, round_.id)
    before = store.before(session, round_)
    faults: list[FaultRecord] = []
    opposed: list[str] = []
    known = document_now(session, round_)
    odd = list(_of_lists(session, round_, lists, before, _unit_names(known), language))
    try:
        document = coherent(known)
    except InvalidRound as error:
        faults = [FaultRecord(**fault_record(language, fault)) for fault in error.faults]
    else:
        if round_.state not in FROZEN:
            words = Wording(document, language)
            opposed = [words.conflict(each) for each in conflicts(document)]
        odd += _of_chances(document, language)
    return ReadinessAnswer(
        lists=[_state(number, lists.get(number)) for number in _invited(session, round_)],
        faults=faults,
        conflicts=opposed,
        warnings=odd,
        compared_with=before.label if before else None,
        decided_on=round_.decision_date,
    )


def _invited(session: Session, round_: Round) -> Sequence[str]:
    return store.participants(session, round_.id) if round_.origin == "collected" else ()


def _state(municipality: str, row: Submission | None) -> ListState:
    if row is None:
        empty: dict[str, Any] = {"number": None, "submitted_at": None, "late": False}
        return ListState(municipality=municipality, candidates=0, **empty)
    return ListState(
        municipality=municipality,
        number=row.number,
        submitted_at=row.submitted_at,
        late=row.late_reason is not None,
        candidates=len(json.loads(row.content)["candidates"]),
    )


def _of_lists(
    session: Session,
    round_: Round,
    lists: Mapping[str, Submission],
    before: Round | None,
    units: Mapping[str, str],
    language: Language,
) -> Iterator[OddityRecord]:
    """Yield what is odd about the lists that hold, by municipality; `units` are names by id."""
    last = in_force(session, before.id) if before else {}
    replaced = in_force(session, round_.id, back=1)
    for municipality, row in lists.items():
        now: List = json.loads(row.content)
        about = {"municipality": municipality}
        earlier = replaced.get(municipality)
        if earlier and is_reversed(_order(now), _order(json.loads(earlier.content))):
            yield _said(language, Fault("order-reversed"), about)
        for order in now["orders"]:
            if is_reversed(order["order"], _order(now)):
                whose = about | {"unit": str(order["unit"])}
                named = {"unit": units.get(whose["unit"], whose["unit"])}
                yield _said(language, Fault("unit-order-reversed"), whose, named)
        if before and municipality in last:
            then: List = json.loads(last[municipality].content)
            gone = _wishes(then).keys() - _wishes(now).keys()
            placed = placed_before(session, municipality, gone) if gone else ()
            yield from _since(language, about, now, then, placed, before.label)


def _unit_names(document: Mapping[str, Any]) -> dict[str, str]:
    """Return what each unit is called, with its site where another one is called the same."""
    often = Counter(each["name"] for each in document["units"])
    return {
        each["id"]: f"{each['name']} ({each['site']})" if often[each["name"]] > 1 else each["name"]
        for each in document["units"]
    }


def _since(
    language: Language,
    about: Mapping[str, str],
    now: List,
    then: List,
    placed: Collection[str],
    label: str,
) -> Iterator[OddityRecord]:
    """Yield what is odd beside the list of the round before, whoever was placed since left out."""
    figures: dict[str, Any] = {"round": Verbatim(label)}
    if is_reversed(_order(now), _order(then)):
        yield _said(language, Fault("order-reversed-since", figures=figures), about)
    wished, had = _wishes(now), _wishes(then)
    people = wished.keys() | (had.keys() - placed)
    changed = sum(wished.get(each) != had.get(each) for each in people)
    if len(people) >= FEWEST and 2 * changed > len(people):
        figures |= {"changed": changed, "of": len(people)}
        yield _said(language, Fault("list-changed", figures=figures), about)


def _order(list_: List) -> Sequence[str]:
    return list_["default_order"] or ()


def _wishes(list_: List) -> dict[str, list[str]]:
    """Return what each candidate of a list wishes for, in order: targets without their days."""
    return {
        each["id"]: [str(wish["target"]) for wish in each["wishes"]] for each in list_["candidates"]
    }


def _of_chances(round_: rounds.Round, language: Language) -> Iterator[OddityRecord]:
    """Yield the windows that none of the candidates could use, and who could use none."""
    words = Wording(round_, language)
    reached, used = within_reach(round_)
    used |= {commitment.window for commitment in round_.commitments}
    for candidate in round_.candidates:
        if candidate.id not in reached and candidate.id not in round_.accepted:
            whose = {"municipality": candidate.municipality, "candidate": candidate.id}
            yield _said(language, Fault("candidate-unreached"), whose)
    for window in round_.windows:
        released = window.release_on is not None and window.release_on <= round_.decision_date
        if window.id in used or released:
            continue
        figures = {"opens": str(window.opens), "until": str(last_day(window.closes))}
        about = {"window": window.id, "unit": window.unit}
        named = {"unit": words.unit(window.unit)}
        yield _said(language, Fault("window-unused", figures=figures), about, named)


def _said(
    language: Language,
    odd: Fault,
    about: Mapping[str, str],
    named: Mapping[str, str] | None = None,
) -> OddityRecord:
    """Return a warning; `about` are ids, `named` what the sentence says in place of some."""
    told = {name: Verbatim(id_) for name, id_ in {**about, **(named or {})}.items()}
    said = sentence(language, f"warnings.{odd.code}", {**told, **odd.figures})
    nobody = dict.fromkeys(("municipality", "candidate", "window", "unit"))
    figures = dict(odd.figures)
    return OddityRecord(code=odd.code, figures=figures, sentence=said, **{**nobody, **about})
