"""A round collected over HTTP, for tests of what its parties do with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from httpx2 import Response

from models.scope import EVERYTHING
from models.tables import Policy, Supervisor, Window
from tests.api.served import ALTA, FINNMARK, NOW, VADSO, Person, Served

SAMPLE = Path(__file__).parents[3] / "data" / "samples" / "finnmark"

DEADLINE = "2026-12-15T11:00:00Z"


@cache
def finnmark_document() -> dict[str, Any]:
    """Return the round of the Finnmark sample, as it is shipped."""
    document: dict[str, Any] = json.loads((SAMPLE / "round.json").read_text(encoding="utf-8"))
    return document


@dataclass(frozen=True)
class Collecting:
    """A round, and how its parties call it."""

    served: Served
    id: str

    @property
    def path(self) -> str:
        return f"/v1/rounds/{self.id}"

    @property
    def tag(self) -> str:
        """The round's ETag as its planner reads it."""
        return str(self.served.planner.get(self.path).headers["etag"])

    def move(self, move: str, **sent: Any) -> Response:
        """Open, lock or reopen the round as its planner."""
        return self.served.planner.post(f"{self.path}/{move}", tag=self.tag, **sent)

    def requests(self, municipality: str = ALTA) -> str:
        return f"{self.path}/municipalities/{municipality}/requests"

    def hand_in(
        self, list_: dict[str, Any], municipality: str = ALTA, who: Person | None = None
    ) -> Response:
        """Hand in a list in place of whatever is in."""
        who = who or self.served.coordinator(municipality)
        held = who.get(self.requests(municipality))
        state: dict[str, Any] = {"tag": held.headers["etag"]} if held.is_success else {"new": True}
        return who.put(self.requests(municipality), json=list_, **state)

    def dry_run(self, list_: Any, municipality: str = ALTA, **sent: Any) -> Response:
        return self.served.coordinator(municipality).put(
            self.requests(municipality), json=list_, params={"dry_run": "true"}, **sent
        )

    def hold(self, seats: Any) -> Response:
        """Say as the planner which seats are held."""
        address, planner = f"{self.path}/commitments", self.served.planner
        tag = planner.get(address).headers["etag"]
        return planner.put(address, json={"commitments": seats}, tag=tag)

    def document(self, **sent: Any) -> Any:
        answer = self.served.planner.get(f"{self.path}/document", **sent)
        assert answer.status_code == 200, answer.text
        return answer.json()


def plant_policy(served: Served, organisation: str = FINNMARK, **change: Any) -> str:
    """Plant the sample's policy as an organisation's own and return its id."""
    content = finnmark_document()["policy"] | change
    with served.database.writing(EVERYTHING) as session:
        id_ = uuid4().hex
        session.add(
            Policy(
                id=id_,
                organisation=organisation,
                name=content["name"] if organisation == FINNMARK else organisation,
                version=content["version"],
                valid_from=date(2026, 1, 1),
                content={k: v for k, v in content.items() if k not in {"name", "version"}},
                made_at=NOW,
                made_by="test",
            )
        )
    return id_


def plant_window(served: Served, id_: str = "", **change: Any) -> str:
    """Plant a window in Hammerfest medicine from August 2027 for a year, and return its id."""
    values: dict[str, Any] = {
        "id": id_ or uuid4().hex,
        "unit": "hammerfest-medisin",
        "opens": date(2027, 8, 1),
        "closes": date(2028, 8, 1),
        "positions": 1,
        "kind": "locum",
        "fte_percent": 100,
        "min_gp_months": 0,
        "certainty": "confirmed",
        "published_at": NOW,
        "changed_at": NOW,
    }
    with served.database.writing(EVERYTHING) as session:
        session.add(Window(**values | change))
    return str(values["id"])


def plant_supervisor(served: Served, municipality: str = ALTA, **change: Any) -> str:
    """Plant a supervisor, a specialist with room for three, and return the id."""
    values: dict[str, Any] = {
        "id": uuid4().hex,
        "municipality": municipality,
        "name": "Ola Eksempel",
        "specialist": True,
        "capacity": 3,
        "hours_per_month": 4,
    }
    with served.database.writing(EVERYTHING) as session:
        session.add(Supervisor(**values | change))
    return str(values["id"])


def new_round(served: Served, **change: Any) -> dict[str, Any]:
    """Return a new round of Finnmark's, as it is sent."""
    form = {
        "organisation": FINNMARK,
        "label": "2027-Q1",
        "name": "Finnmark, vinteren 2027",
        "decision_date": "2027-01-15",
        "deadline": DEADLINE,
        "participants": [ALTA, VADSO],
    }
    return form | ({} if "policy" in change else {"policy": plant_policy(served)}) | change


def drafted(served: Served, **change: Any) -> Collecting:
    """Make a round that is a draft yet."""
    made = served.planner.post("/v1/rounds", json=new_round(served, **change))
    assert made.status_code == 201, made.text
    return Collecting(served, made.json()["id"])


def opened(served: Served, **change: Any) -> Collecting:
    """Make a round and open it."""
    round_ = drafted(served, **change)
    assert round_.move("open").status_code == 200
    return round_


def at(served: Served, moment: datetime) -> None:
    """Set the clock; everybody signs in anew, for a token does not last for weeks."""
    served.clock.now = moment
    served.people.clear()


def wish(target: str = "hammerfest-medisin", **change: Any) -> dict[str, Any]:
    """Return a wish for the autumn of 2027."""
    return {"target": target, "earliest": "2027-08-01", "latest": "2027-12-01"} | change


def candidate(id_: str = f"{ALTA}-1", **change: Any) -> dict[str, Any]:
    """Return a candidate whom nothing but the round keeps from a place, without supervisor."""
    return {
        "id": id_,
        "supervisor": None,
        "in_individual_plan": True,
        "lis1_completed_on": "2024-08-31",
        "wishes": [wish()],
    } | change


def list_of(*candidates: dict[str, Any], **change: Any) -> dict[str, Any]:
    """Return a list in this order."""
    return {
        "candidates": list(candidates),
        "default_order": [each["id"] for each in candidates],
    } | change
