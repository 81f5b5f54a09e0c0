"""A list on its way through a form: nothing of it is kept anywhere but in the page.

Fields are numbered once (``/candidates/3/name``). The order is said by hidden fields that are named
as the list itself (``/candidates`` = 3) and stand in its parts: what is moved on the page moves in
what is sent, and nothing is numbered anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from starlette.datastructures import FormData

from api.pages.municipality.places import Places
from api.pages.typed import whole

Document = dict[str, Any]

WHOLE = ("months_needed", "gp_months", "min_fte_percent")
DAYS = ("lis1_completed_on", "available_from", "complete_by")
_DAY = timedelta(days=1)

PERIOD: Mapping[str, Any] = {"from": None, "to": None}
WISH: Mapping[str, Any] = {"target": "", "earliest": None, "latest": None, "ideal": None}
CANDIDATE: Mapping[str, Any] = {
    "id": "",
    "name": None,
    "months_needed": 6,
    "learning_goals": (),
    "lis1_completed_on": None,
    "gp_months": 0,
    "supervisor": None,
    "in_individual_plan": False,
    "min_fte_percent": 50,
    "available_from": None,
    "unavailable": (),
    "complete_by": None,
    "wishes": (),
}
"""Every field, as where nothing is said."""

_VERBS = ("up", "down", "add", "remove")


class Draft:
    """What stands in a form that was sent, with what its button asks for done to it.

    Parameters
    ----------
    do
        What was pressed: a verb and what it is done to, such as ``up:/candidates/3`` or
        ``add:/candidates/3/wishes``. Anything else changes nothing.
    number
        The municipality's number: the ids of its candidates begin with it.
    given
        Ids that somebody has or had; who is new gets another one.
    """

    def __init__(
        self,
        form: FormData,
        places: Places,
        number: str,
        do: str = "",
        given: Collection[str] = (),
    ) -> None:
        self._form, self._places, self._number, self._given = form, places, number, given
        self._orders: dict[str, list[str]] = {}
        self._new: set[str] = set()
        verb, _, pointer = do.partition(":")
        if verb in _VERBS and pointer.startswith("/"):
            self._act(verb, pointer)

    def document(self) -> Document:
        """Return the list as the interface takes it; lines in which nothing stands are left out."""
        candidates = dict(self._candidates())
        ids = [each["id"] for each in candidates.values()]
        return {
            "candidates": [*candidates.values()],
            "default_order": ids or None,
            "orders": [self._order(at, candidates) for at in self._lines("/orders")],
        } | ({"late_reason": reason} if (reason := self._text("/late_reason")) else {})

    def _lines(self, pointer: str) -> list[str]:
        """Return where the parts of a list stand, in their order."""
        return [f"{pointer}/{number}" for number in self._order_of(pointer)]

    def _order_of(self, pointer: str) -> list[str]:
        if pointer not in self._orders:
            said = (str(each) for each in self._form.getlist(pointer))
            numbers = (each for each in said if isinstance(whole(each), int))
            self._orders[pointer] = [*dict.fromkeys(numbers)]
        return self._orders[pointer]

    def _act(self, verb: str, pointer: str) -> None:
        if verb == "add":
            order = self._order_of(pointer)
            number = str(1 + max(map(int, order), default=-1))
            self._new.add(f"{pointer}/{number}")
            order.append(number)
            return
        parent, _, number = pointer.rpartition("/")
        order = self._order_of(parent)
        if number not in order:
            return
        at = order.index(number)
        order.remove(number)
        if verb != "remove":
            order.insert(max(at - 1, 0) if verb == "up" else at + 1, number)

    def _candidates(self) -> Iterator[tuple[str, Document]]:
        for at in self._lines("/candidates"):
            found = self._candidate(at)
            if at in self._new:
                found["id"] = self._free_id()
            yield at.rpartition("/")[2], found

    def _candidate(self, at: str) -> Document:
        found: Document = {name: self._day(f"{at}/{name}") for name in DAYS}
        for name in WHOLE:
            if text := self._text(f"{at}/{name}"):
                found[name] = whole(text)
        return found | {
            "id": self._text(f"{at}/id"),
            "name": self._text(f"{at}/name") or None,
            "supervisor": self._text(f"{at}/supervisor") or None,
            "in_individual_plan": bool(self._text(f"{at}/in_individual_plan")),
            "learning_goals": [str(each) for each in self._form.getlist(f"{at}/learning_goals")],
            "wishes": [*self._wishes(at)],
            "unavailable": [*self._periods(at)],
        }

    def _wishes(self, candidate: str) -> Iterator[Document]:
        for at in self._lines(f"{candidate}/wishes"):
            days = {name: self._day(f"{at}/{name}") for name in ("earliest", "latest", "ideal")}
            target = self._places.told(self._text(f"{at}/target"))
            if target or any(days.values()) or at in self._new:
                yield {"target": target, **_said(days)}

    def _periods(self, candidate: str) -> Iterator[Document]:
        for at in self._lines(f"{candidate}/unavailable"):
            first, last = self._day(f"{at}/from"), self._day(f"{at}/to")
            if first or last or at in self._new:
                yield _said({"from": first, "to": day_after(last)})

    def _order(self, at: str, candidates: Mapping[str, Document]) -> Document:
        """Return an order for one unit: of all who wish for it, and of nobody else."""
        unit = self._text(f"{at}/unit")
        wishing = [number for number, each in candidates.items() if self._wishes_for(each, unit)]
        said = [number for number in self._order_of(f"{at}/order") if number in wishing]
        order = [*dict.fromkeys((*said, *wishing))]
        return {"unit": unit, "order": [candidates[number]["id"] for number in order]}

    def _wishes_for(self, candidate: Document, unit: str) -> bool:
        return any(self._places.covers(wish["target"], unit) for wish in candidate["wishes"])

    def _free_id(self) -> str:
        """Return an id that nobody has, or had."""
        taken = {self._text(f"{at}/id") for at in self._lines("/candidates")}.union(self._given)
        count = max(1, len(taken))
        while f"{self._number}-c{count}" in taken:
            count += 1
        return f"{self._number}-c{count}"

    def _text(self, name: str) -> str:
        said = self._form.get(name, "")
        return said.strip() if isinstance(said, str) else ""

    def _day(self, name: str) -> str | None:
        return self._text(name) or None


def _said(values: Mapping[str, Any]) -> Document:
    """Return what is said; of the rest the interface tells whether it is missing."""
    return {name: value for name, value in values.items() if value is not None}


def laid_out(list_: Mapping[str, Any]) -> Document:
    """Return a list with every field of every candidate, for a form."""
    candidates = [{**CANDIDATE, **each} for each in list_["candidates"]]
    positions = {each["id"]: position for position, each in enumerate(candidates)}
    for each in candidates:
        each["wishes"] = [{**WISH, **wish} for wish in each["wishes"]]
        each["unavailable"] = [
            {**PERIOD, **period, "to": day_before(period.get("to"))}
            for period in each["unavailable"]
        ]
    orders = [
        {
            "unit": each["unit"],
            "order": [positions[id_] for id_ in each["order"] if id_ in positions],
        }
        for each in list_.get("orders", ())
    ]
    reason = list_.get("late_reason")
    return {"candidates": candidates, "orders": orders, "late_reason": reason}


def in_order(list_: Mapping[str, Any]) -> Document:
    """Return a list whose candidates stand in its order."""
    rank = {id_: place for place, id_ in enumerate(list_.get("default_order") or ())}
    last = len(rank)
    candidates = sorted(list_["candidates"], key=lambda each: rank.get(each["id"], last))
    return {**list_, "candidates": candidates}


def named(draft: Document, fault: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a fault whose sentence names the candidate, for where it stands away from her."""
    steps = str(fault["place"]).split("/")
    at = whole(steps[2]) if steps[1:2] == ["candidates"] and len(steps) > 2 else None
    if not isinstance(at, int) or at >= len(draft["candidates"]):
        return fault
    who = draft["candidates"][at]
    return {**fault, "sentence": f"{who['name'] or who['id']}: {fault['sentence']}"}


def day_after(last: str | None) -> str | None:
    """Return the day on which something is over, of its last day; nonsense stays as it is."""
    return _moved(last, _DAY)


def day_before(end: str | None) -> str | None:
    """Return the last day, of the day on which something is over."""
    return _moved(end, -_DAY)


def _moved(day: str | None, by: timedelta) -> str | None:
    try:
        return str(date.fromisoformat(day) + by) if day else day
    except (ValueError, OverflowError):
        return day
