"""Scenarios: named changes to a frozen round, made in its document and in nothing else.

Changes are made in order. Whoever is removed leaves every order and gives up her seats, and offers
lapse in a window that is removed. An order
that the scenario does not give itself follows the people: whoever belongs in it no longer leaves
it, whoever belongs in it now stands last. Nothing else goes along: what still refers to a record
that is gone is a fault of the changed round, told where the record was removed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from scheduler.errors import Fault, Place

Action = Literal["add", "change", "remove"]
Key = tuple[str | None, ...]

KEYS: Mapping[str, tuple[str, ...]] = {
    "units": ("id",),
    "windows": ("id",),
    "municipalities": ("id",),
    "candidates": ("id",),
    "priorities": ("municipality", "unit"),
    "commitments": ("candidate",),
}
"""The fields by which a record of each list of a round is named."""

SINGLES: Mapping[str, tuple[str, ...] | None] = {"policy": None, "round": ("decision_date",)}
"""Records that stand alone, and the fields of each that may be changed; None = all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of a scenario.

    Attributes
    ----------
    record
        A list of the round, `policy` or `round`.
    key
        The values of `KEYS` that name the record; empty where one is added or it stands alone.
    fields
        Values by field: of the new record, or those that replace what stands there.
    """

    action: Action
    record: str
    key: Key = ()
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What if: a name, and changes in the order in which they are made."""

    name: str
    changes: tuple[Change, ...]


@dataclass(slots=True, eq=False)
class _Record:
    """A record in the making, and which change each of its fields comes from.

    `whole` is the change that added the record; None = it was there before.
    """

    values: dict[str, Any]
    whole: int | None = None
    changed: dict[str, int] = field(default_factory=dict)

    def change(self, number: int, fields: Mapping[str, Any]) -> None:
        self.values.update(fields)
        self.changed.update(dict.fromkeys(fields, number))

    @property
    def is_given(self) -> bool:
        """Whether a scenario had its say about the record."""
        return self.whole is not None or bool(self.changed)


class Patched:
    """A round's document with a scenario's changes made in it.

    Parameters
    ----------
    document
        The document of a round that exists; it is left as it is.
    scenario
        Changes whose form is right; whether the values are is for whoever reads the new document.
    """

    def __init__(self, document: Mapping[str, Any], scenario: Scenario) -> None:
        self._format = document["format"]
        self._single = {name: _Record(dict(document[name])) for name in SINGLES}
        self._lists = {name: [_Record(dict(item)) for item in document[name]] for name in KEYS}
        self._gone: dict[tuple[str, Key], int] = {}
        self.faults: list[Fault] = []
        for number, change in enumerate(scenario.changes):
            self._make(number, change)
        self._follow()

    @property
    def document(self) -> dict[str, Any]:
        """The document of the changed round, unchecked."""
        singles = {name: record.values for name, record in self._single.items()}
        lists = {name: [r.values for r in records] for name, records in self._lists.items()}
        return {"format": self._format, **singles, **lists}

    def origin(self, fault: Fault) -> Fault:
        """Return a fault of the changed document at the place in the scenario that it comes from.

        Where no change can be told, the record is named by its key instead of its position.
        """
        return replace(fault, place=self._origin(fault))

    def _make(self, number: int, change: Change) -> None:
        if change.record in self._single:
            self._single[change.record].change(number, change.fields)
            return
        records = self._lists[change.record]
        if change.action == "add":
            added = _Record(dict(change.fields), whole=number)
            records.append(added)
            self._gone.pop((change.record, _key(change.record, added.values)), None)
            return
        meant = [record for record in records if _key(change.record, record.values) == change.key]
        if not meant:
            at = ("changes", number, KEYS[change.record][0])
            self.faults.append(Fault("id-unknown", at, {"list": change.record}))
        for record in meant:
            if change.action == "change":
                record.change(number, change.fields)
            else:
                records.remove(record)
                self._forget(number, change, record)

    def _forget(self, number: int, change: Change, record: _Record) -> None:
        """Remember what is gone: a candidate with her seats and ranks, a window with its offers."""
        self._gone[change.record, change.key] = number
        if change.record == "units":
            for place in ("site", "trust"):
                self._gone.setdefault(("units", (_text(record.values.get(place)),)), number)
        if change.record == "windows":
            lapsed = {"window": change.key[0], "state": "offered"}
            self._let_go(lambda held: lapsed.items() <= held.items())
        if change.record == "candidates":
            (her,) = change.key
            self._let_go(lambda held: held.get("candidate") == her)
            for order in self._lists["priorities"]:
                if ranked := _items(order.values, "order"):
                    order.values["order"] = [c for c in ranked if c != her]

    def _let_go(self, of: Callable[[Mapping[str, Any]], bool]) -> None:
        held = self._lists["commitments"]
        self._lists["commitments"] = [each for each in held if not of(each.values)]

    def _follow(self) -> None:
        """Let the orders that the scenario does not give follow the people."""
        orders = self._lists["priorities"]
        for order in orders:
            belonging = self._belonging(*_key("priorities", order.values))
            if belonging is not None and not order.is_given:
                stay = [c for c in order.values["order"] if c in belonging]
                order.values["order"] = [*stay, *(c for c in belonging if c not in stay)]
        given = {_key("priorities", order.values) for order in orders}
        for municipality in self._lists["municipalities"]:
            key = (_text(municipality.values.get("id")), None)
            belonging = self._belonging(*key) or []
            if len(belonging) > 1 and key not in given and ("priorities", key) not in self._gone:
                values = {"municipality": key[0], "unit": None, "order": belonging}
                orders.append(_Record(values))

    def _belonging(self, municipality: object, unit: object) -> list[str] | None:
        """Return whom an order should rank, the added ones last; None where nobody can tell."""
        people = [
            person.values
            for person in self._lists["candidates"]
            if person.values.get("municipality") == municipality
            and isinstance(person.values.get("id"), str)
        ]
        if unit is not None:
            units = (each.values for each in self._lists["units"])
            places = next((_places(values) for values in units if values.get("id") == unit), None)
            if places is None:
                return None
            people = [person for person in people if _targets(person) & places]
        return list(dict.fromkeys(person["id"] for person in people))

    def _origin(self, fault: Fault) -> Place:
        name, *steps = fault.place or ("",)
        if name in self._single:
            return self._from(self._single[str(name)], (name,), steps)
        if name not in self._lists or not steps:
            return fault.place
        record, inner = self._lists[str(name)][int(steps[0])], steps[1:]
        if not record.is_given:
            removed = self._gone.get(self._missed(fault, record, inner))
            if removed is not None:
                return ("changes", removed)
        key = (str(value) for value in _key(str(name), record.values) if value is not None)
        return self._from(record, (name, *key), inner)

    def _missed(self, fault: Fault, record: _Record, inner: Sequence[str | int]) -> tuple[str, Key]:
        """Return list and key of the record whose absence a fault is about."""
        if fault.code == "order-missing":
            return "priorities", (_text(record.values.get("id")), None)
        value: Any = record.values
        for step in inner:
            value = value[step]
        return str(fault.figures.get("list")), (_text(value),)

    def _from(self, record: _Record, at: Place, inner: Sequence[str | int]) -> Place:
        """Return the place of the change that a value of a record comes from, or `at` itself."""
        number = record.changed.get(str(inner[0]), record.whole) if inner else record.whole
        if number is not None:
            return ("changes", number, "fields", *inner)
        if record.changed:
            return ("changes", max(record.changed.values()))
        return (*at, *inner)


def _key(name: str, values: Mapping[str, Any]) -> Key:
    return tuple(_text(values.get(field)) for field in KEYS[name])


def _places(unit: Mapping[str, Any]) -> set[object]:
    return {unit.get(name) for name in ("id", "site", "trust") if _text(unit.get(name))}


def _targets(person: Mapping[str, Any]) -> set[object]:
    wishes = (wish for wish in _items(person, "wishes") if isinstance(wish, dict))
    return {target for wish in wishes if (target := _text(wish.get("target")))}


def _items(values: Mapping[str, Any], name: str) -> list[Any]:
    """Return a list of a record; an empty one where something else stands there."""
    items = values.get(name)
    return items if isinstance(items, list) else []


def _text(value: object) -> str | None:
    """Return a text; None for anything else, which names no record."""
    return value if isinstance(value, str) else None
