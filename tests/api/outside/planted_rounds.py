"""Rounds of the world, in every state, with lists, snapshots and plans made by the real planner."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from sqlmodel import SQLModel

from api.schemas.requests import RequestsForm
from data.documents import read_round, write_round
from models.tables import Participation, Round, Standing, Submission, Transition
from scheduler.canonical import encode
from tests.api.outside import seeing
from tests.api.outside.canaries import Owner
from tests.api.outside.world import (
    AGREED,
    DAY,
    DECISION,
    RULES,
    SITES,
    TRUSTS,
    World,
)
from tests.api.served import ALTA, BERGEN, BERGEN_TOWN, FINNMARK, NORTH, NOW, TROMS, TROMSO, VADSO

DEADLINE = datetime(2026, 12, 15, 23, tzinfo=UTC)


@dataclass(frozen=True)
class Setting:
    """A round that is to be: who plans it, its state, who takes part, and the states of plans."""

    organisation: str
    state: str
    parties: tuple[str, ...]
    plans: tuple[str, ...] = ()
    origin: str = "collected"


SETTINGS = {
    "f-draft": Setting(FINNMARK, "draft", (ALTA,)),
    "f-open": Setting(FINNMARK, "open", (ALTA, VADSO, TROMSO, BERGEN_TOWN)),
    "f-locked": Setting(
        FINNMARK, "locked", (ALTA, BERGEN_TOWN), ("completed", "running", "queued", "failed")
    ),
    "f-published": Setting(
        FINNMARK, "locked", (ALTA, VADSO, TROMSO, BERGEN_TOWN), ("published", "completed")
    ),
    "f-imported": Setting(FINNMARK, "locked", (VADSO,), ("completed",), "imported"),
    "n-published": Setting(NORTH, "locked", (ALTA, TROMSO), ("published",)),
    "t-published": Setting(TROMS, "locked", (TROMSO, VADSO), ("published",)),
    "b-published": Setting(BERGEN, "locked", (BERGEN_TOWN,), ("published", "cancelled")),
}


ASKED_FOR = ("f-draft", "f-open", "f-imported", "t-published", "b-published")
"""Rounds whose lists are asked for one by one: own ones, a guest's, another trust's, another's."""


@dataclass
class Planting:
    """One round on its way into the world."""

    world: World
    name: str
    setting: Setting
    people: dict[str, list[str]] = field(default_factory=dict)
    waivers: dict[str, str | None] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        seen = self.setting.state != "draft"
        owner = Owner(
            organisations=frozenset({self.setting.organisation}),
            parties=frozenset(self.setting.parties if seen else ()),
            published=seen,
        )
        self.id = self.world.aviary.handle(seeing.ROUND, owner)
        self.owner = replace(owner, round=self.id)
        self.label = f"{self.name}-{self._word(seeing.ROUND, self.owner)}"
        self.title = f"Runde {self._word(seeing.ROUND, self.owner)}"

    def _word(self, kind: str, owner: Owner) -> str:
        return self.world.aviary.word(kind, owner)

    def _staff(self, kind: str) -> str:
        return self._word(kind, self.owner)

    @property
    def is_asked_for(self) -> bool:
        """Whether its lists are asked for one by one."""
        return self.name in ASKED_FOR

    def of(self, municipality: str, candidate: str | None = None) -> Owner:
        """Return whose a municipality's part in the round is, or a candidate's."""
        return Owner(
            organisations=self.owner.organisations,
            municipality=municipality,
            candidate=candidate,
            published=self.owner.published,
            round=self.id,
        )

    def head(self) -> Iterator[SQLModel]:
        """Yield the round, who takes part, and how it came to its state."""
        setting = self.setting
        collected = setting.origin == "collected"
        yield Round(
            id=self.id,
            organisation=setting.organisation,
            label=self.label,
            name=self.title,
            decision_date=DECISION,
            deadline=DEADLINE if collected else None,
            policy=self.world.policies[setting.organisation] if collected else None,
            state=setting.state,
            origin=setting.origin,
            made_at=NOW,
            made_by=self._staff(seeing.NOBODY),
        )
        way = ["draft", "open", "locked", "open", "locked"]
        states = way[: way.index(setting.state) + 1] if setting.state != "locked" else way
        for number, state in enumerate(states if collected else ["locked"], 1):
            yield Transition(
                round=self.id,
                number=number,
                state=state,
                reason=f"Fordi {self._staff(seeing.REASON)}" if number == 4 else None,
                moved_at=NOW,
                moved_by=f"rotations-local|{self._staff(seeing.AUTHOR)}",
            )
        for municipality in setting.parties:
            yield Participation(round=self.id, municipality=municipality)

    def lists(self) -> Iterator[SQLModel]:
        """Yield each municipality's list, two people long, with what a planner knows of them."""
        for municipality in self.setting.parties if self.setting.state != "draft" else ():
            people = [self._person(municipality, n) for n in (0, 1)]
            self.people[municipality] = people
            if self.setting.origin == "collected":
                yield from (self._standing(municipality, id_) for id_ in people)
                yield self._submission(municipality, people)

    def _person(self, municipality: str, n: int) -> str:
        """Return the id of somebody new; by municipality and number she is found again."""
        # Whose she is names her id, which says whose she is: so the word is made first.
        aviary = self.world.aviary
        word = aviary.word(seeing.CANDIDATE, self.of(municipality))
        id_ = f"{municipality}-{word}"
        owner = self.of(municipality, id_)
        aviary.canaries[word] = replace(aviary.canaries[word], owner=owner)
        self.names[id_] = f"Kari {aviary.word(seeing.NAME, owner)}"
        self.waivers[id_] = None if n else f"Avtalt: {aviary.word(seeing.WAIVER, owner)}"
        return id_

    def _standing(self, municipality: str, id_: str) -> Standing:
        owner, at = self.of(municipality, id_), {"id": self.id, "candidate": id_}
        if self.waivers[id_] and self.is_asked_for:
            self.world.add("standing", owner, at, round=self.owner)
        if self.name in ("f-draft", "f-published"):  # in the latter some have rights
            self.world.add("wishes", owner, at, round=self.owner)
        return Standing(
            round=self.id,
            candidate=id_,
            municipality=municipality,
            submitted_on=date(2026, 11, 22),
            lead_waiver=self.waivers[id_],
        )

    def _submission(self, municipality: str, people: Sequence[str]) -> Submission:
        owner = self.of(municipality)
        form = RequestsForm.model_validate(self.list_of(municipality, people))
        text = encode(form.model_dump(mode="json", by_alias=True, exclude={"late_reason"}))
        digest = sha256(text).hexdigest()
        if self.is_asked_for:
            self.world.aviary.keep(digest, seeing.LIST, owner)
        late = self.is_asked_for and municipality == self.setting.parties[-1]
        return Submission(
            id=self.world.aviary.handle(seeing.NOBODY, owner),
            round=self.id,
            municipality=municipality,
            number=1,
            content=text.decode(),
            hash=f"sha256:{digest}",
            submitted_at=NOW,
            submitted_by=self._word(seeing.NOBODY, owner),
            late_reason=f"Snøstorm {self._word(seeing.LATE, owner)}" if late else None,
        )

    def list_of(self, municipality: str, people: Sequence[str]) -> dict[str, Any]:
        """Return a list as it is handed in."""
        return {
            "candidates": [
                {
                    "id": id_,
                    "name": self.names[id_],
                    "lis1_completed_on": "2024-08-31",
                    "supervisor": self.world.supervisors[municipality],
                    "in_individual_plan": True,
                    "wishes": [wish_for(unit) for unit in self.wished(n)],
                }
                for n, id_ in enumerate(people)
            ],
            "default_order": list(people),
        }

    def wished(self, n: int) -> list[str]:
        """Return the units that the n-th of a list wishes for: her colleague's first of all."""
        return [unit for unit in seeing.UNITS if unit in self._units()][: n + 1]

    def _units(self) -> set[str]:
        covered = seeing.COVERS.get(self.setting.organisation, {self.setting.organisation})
        return {unit for unit, organisation in seeing.UNITS.items() if organisation in covered}

    def document(self) -> bytes:
        """Return the round's document, ``rotations/round@1``."""
        lists = {number: self.list_of(number, people) for number, people in self.people.items()}
        return write_round(
            read_round(
                json.dumps(
                    {
                        "format": "rotations/round@1",
                        "round": {
                            "id": self.label,
                            "name": self.title,
                            "decision_date": str(DECISION),
                        },
                        "policy": {"name": "regler", "version": 1, **RULES},
                        "units": [_unit(unit) for unit in sorted(self._units())],
                        "windows": [
                            _window(self.world.windows[unit], unit)
                            for unit in sorted(self._units())
                        ],
                        "municipalities": [_municipality(number) for number in lists],
                        "candidates": [
                            self._candidate(number, asked)
                            for number, list_ in lists.items()
                            for asked in list_["candidates"]
                        ],
                        "priorities": [
                            {"municipality": number, "unit": None, "order": list_["default_order"]}
                            for number, list_ in lists.items()
                        ],
                    }
                ).encode()
            )
        )

    def _candidate(self, municipality: str, asked: dict[str, Any]) -> dict[str, Any]:
        said = {key: value for key, value in asked.items() if key != "supervisor"}
        known = {"has_supervisor": True, "submitted_on": "2026-11-22"}
        waiver = {"lead_waiver": self.waivers[asked["id"]]}
        return said | known | waiver | {"municipality": municipality}


def wish_for(unit: str) -> dict[str, str]:
    """Return a wish to start in a unit when its vacancy opens."""
    return {"target": unit, "earliest": "2027-08-01", "latest": "2027-08-01"}


def _unit(unit: str) -> dict[str, Any]:
    site = unit.partition("-")[0]
    return {"id": unit, "site": site, "trust": TRUSTS[SITES[site]], "supervised_places": 2}


def _window(id_: str, unit: str) -> dict[str, Any]:
    period = {"opens": "2027-08-01", "closes": "2028-02-01"}
    return {"id": id_, "unit": unit, "positions": 2} | period


def _municipality(number: str) -> dict[str, Any]:
    return {
        "id": number,
        "registered_on": "2019-03-01",
        "agreements": [
            {"trust": TRUSTS[organisation], "signed_on": str(DAY)}
            for organisation in AGREED[number]
        ],
    }
