"""Writers that go on until they are answered, and remember what was acknowledged."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from tests.api.durability.sending import Sender


@dataclass
class Acknowledged:
    """What the service has said yes to, by the key that the request was sent under."""

    units: dict[str, str] = field(default_factory=dict)
    lists: dict[int, str] = field(default_factory=dict)
    plans: dict[str, str] = field(default_factory=dict)


class Writer(Sender):
    """Writes units, lists and plans, and remembers what was acknowledged."""

    def __init__(self, url: str, token: str, acknowledged: Acknowledged, stop: Event) -> None:
        super().__init__(url, token, stop)
        self.acknowledged = acknowledged

    @property
    def counts(self) -> tuple[int, ...]:
        """How much of what is written all the time."""
        return len(self.acknowledged.units), len(self.acknowledged.lists)

    def units(self, seed: int) -> None:
        """Register units, each under an id of its own."""
        chance = random.Random(seed)
        number = 0
        while not self._stop.is_set():
            id_, name = f"unit-{seed}-{number}", f"Avdeling {chance.random()}"
            body = {"name": name, "site": "hammerfest"}
            answer = self.sent("PUT", f"/v1/units/{id_}", id_, body, {"If-None-Match": "*"})
            assert answer.status_code == 201, answer.text
            assert answer.json()["name"] == name
            self.acknowledged.units[id_] = name
            number += 1

    def lists(self, address: str, seed: int) -> None:
        """Hand in a municipality's list again and again, each naming the one before."""
        chance = random.Random(seed)
        tag = self.sent("GET", address, "", None, {}).headers["etag"]
        while not self._stop.is_set():
            key = f"list-{seed}-{chance.random()}"
            body = {"candidates": [asked(f"5614-k{chance.randrange(10**6)}")]}
            answer = self.sent("PUT", address, key, body, {"If-Match": tag})
            assert answer.is_success, answer.text
            receipt = answer.json()
            self.acknowledged.lists[receipt["number"]] = receipt["hash"]
            tag = answer.headers["etag"]

    def plans(self, address: str, seed: int, number: int) -> None:
        """Ask for so many plans; as many as may wait at a time."""
        while len(self.acknowledged.plans) < number:
            key = f"plan-{seed}-{len(self.acknowledged.plans)}"
            answer = self.sent("POST", address, key, None, {})
            if answer.status_code == 409:
                time.sleep(0.3)
                continue
            assert answer.status_code == 202, answer.text
            self.acknowledged.plans[key] = answer.json()["id"]


def asked(candidate: str) -> dict[str, Any]:
    """Return a candidate as a municipality asks for her."""
    return {
        "id": candidate,
        "name": "Oppdiktet Person",
        "supervisor": None,
        "in_individual_plan": True,
        "wishes": [
            {"target": "hammerfest-medisin", "earliest": "2027-08-01", "latest": "2027-12-01"}
        ],
    }
