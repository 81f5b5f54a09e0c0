"""Made-up rounds of every size that are live, and plans of them that are made in a moment."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from api.clock import utc_now
from api.running.sample import fill_in
from data.documents import write_round
from data.forms.rounds import RoundForm
from data.synthetic import generate
from models.database import Database
from models.scope import EVERYTHING
from models.tables import Organisation, Site
from scheduler.model import Model
from scheduler.options import Option, Part
from scheduler.plans import FORMAT
from scheduler.priority import Priority
from scheduler.rounds import Round


def region(number: str) -> str:
    """Return the number of a region's organisation."""
    return f"{number}0000000"


def fill(database: Database, preset: str, number: str) -> None:
    """Register a made-up world as a region of its own, and collect its round.

    Parameters
    ----------
    number
        Two digits with which its numbers begin, such that `region` has a right control digit: 31,
        62 and 93 do.
    """
    round_ = generate(preset, 1)
    values = _renamed(json.loads(write_round(round_)), _names(round_, number))
    document = RoundForm.model_validate(values)
    trusts = sorted({unit.trust for unit in document.units})
    organisation = {trust: f"{number}{place:07}" for place, trust in enumerate(trusts, 1)}
    with database.writing(EVERYTHING) as session:
        session.add(Organisation(number=region(number), name=f"Region {number}", kind="RHF"))
        session.flush()
        for trust, own in organisation.items():
            name, whole = f"Foretak {trust}", region(number)
            session.add(Organisation(number=own, kind="HF", trust=trust, name=name, parent=whole))
        session.flush()
        for site, trust in sorted({(unit.site, unit.trust) for unit in document.units}):
            session.add(Site(id=site, name=f"Sykehus {site}", organisation=organisation[trust]))
        session.flush()
        fill_in(session, document, region(number), utc_now())


def _names(round_: Round, number: str) -> dict[str, str]:
    """Return another name for every id, so that no two worlds have one in common."""
    units, windows = round_.units, round_.windows
    own = {id_ for unit in units for id_ in (unit.id, unit.site, unit.trust)}
    own |= {window.id for window in windows}
    found = {id_: f"{id_}-{number}" for id_ in own}
    found |= {each.id: f"{number}{at:04}" for at, each in enumerate(round_.municipalities, 1)}
    people = ((each.id, found[each.municipality]) for each in round_.candidates)
    return found | {id_: f"{town}-{id_}" for id_, town in people}


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Return a value of JSON with other names in it."""
    if isinstance(value, dict):
        return {names.get(key, key): _renamed(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_renamed(each, names) for each in value]
    return names.get(value, value) if isinstance(value, str) else value


def quick_plan(round_: Round) -> dict[str, Any]:
    """Return a plan that keeps every rule: who is first in line takes her best seat that is free.

    A seat counts as taken for longer than it is, wherever that is quicker to tell.
    """
    model = Model(round_)
    rank = {
        candidate: at
        for order in round_.priorities
        if order.unit is None
        for at, candidate in enumerate(order.order)
    }
    options = sorted(
        enumerate(model.options),
        key=lambda each: (rank.get(each[1].candidate, 0), each[1].wish_class, each[0]),
    )
    taken: dict[str, list[Part]] = defaultdict(list)
    chosen: dict[str, int] = {}
    for option in model.accepted:
        _take(round_, taken, option)
    for number, option in options:
        if option.candidate not in chosen and _is_free(round_, taken, option):
            _take(round_, taken, option)
            chosen[option.candidate] = number
    settled, _ = Priority(model).settled(chosen.values())
    return {
        "format": FORMAT,
        "round": round_.id,
        "placements": [
            {"candidate": option.candidate, "window": part.window, "start": str(part.start)}
            for option in (*model.accepted, *(model.options[i] for i in sorted(settled)))
            for part in option.parts
        ],
    }


def _limits(round_: Round, option: Option, part: Part) -> Iterator[tuple[str, int | None]]:
    """Yield what a part takes a place of, and how many places that has; None = any number."""
    town = round_.candidate[option.candidate].municipality
    yield f"window {part.window}", round_.window[part.window].positions
    yield f"unit {part.unit}", round_.unit[part.unit].supervised_places
    yield f"town {town}", round_.municipality[town].max_away


def _take(round_: Round, taken: dict[str, list[Part]], option: Option) -> None:
    for part in option.parts:
        for subject, _ in _limits(round_, option, part):
            taken[subject].append(part)


def _is_free(round_: Round, taken: Mapping[str, list[Part]], option: Option) -> bool:
    return all(
        most is None
        or sum(o.start < part.end and part.start < o.end for o in taken.get(subject, ())) < most
        for part in option.parts
        for subject, most in _limits(round_, option, part)
    )
