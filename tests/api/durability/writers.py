"""Writers that go on until they are answered, and remember what was acknowledged."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

import httpx2

WAIT_SECONDS = 60.0


@dataclass
class Acknowledged:
    """What the service has said yes to, by the key that the request was sent under."""

    units: dict[str, str] = field(default_factory=dict)
    lists: dict[int, str] = field(default_factory=dict)
    plans: dict[str, str] = field(default_factory=dict)

    @property
    def counts(self) -> tuple[int, int]:
        """How much of what is written all the time."""
        return len(self.units), len(self.lists)


class Writer:
    """Sends changes one after the other; one without an answer is sent again, under its key."""

    def __init__(self, url: str, token: str, acknowledged: Acknowledged, stop: Event) -> None:
        self._url, self.acknowledged, self._stop = url, acknowledged, stop
        self._headers = {"Authorization": f"Bearer {token}"}
        self.faults: list[str] = []

    def goes_on(self, before: tuple[int, int]) -> bool:
        """Tell whether there is more of everything than before.

        Raises
        ------
        AssertionError
            Somebody was answered what may not be.
        """
        assert self.faults == [], self.faults
        now = self.acknowledged.counts
        return all(new > old for new, old in zip(now, before, strict=True))

    def start(self, work: str, *given: Any) -> Thread:
        """Begin one of the ways to write, in a thread of its own."""
        thread = Thread(target=self._guarded, args=(getattr(self, work), given))
        thread.start()
        return thread

    def _guarded(self, work: Any, given: tuple[Any, ...]) -> None:
        try:
            work(*given)
        except BaseException as error:  # noqa: BLE001 - told where the test ends
            self.faults.append(repr(error))

    def units(self, seed: int) -> None:
        """Register units, each under an id of its own."""
        chance = random.Random(seed)
        number = 0
        while not self._stop.is_set():
            id_, name = f"unit-{seed}-{number}", f"Avdeling {chance.random()}"
            body = {"name": name, "site": "hammerfest"}
            answer = self._sent("PUT", f"/v1/units/{id_}", id_, body, {"If-None-Match": "*"})
            assert answer.status_code == 201, answer.text
            assert answer.json()["name"] == name
            self.acknowledged.units[id_] = name
            number += 1

    def lists(self, address: str, seed: int) -> None:
        """Hand in a municipality's list again and again, each naming the one before."""
        chance = random.Random(seed)
        tag = self._sent("GET", address, "", None, {}).headers["etag"]
        while not self._stop.is_set():
            key = f"list-{seed}-{chance.random()}"
            body = {"candidates": [asked(f"5614-k{chance.randrange(10**6)}")]}
            answer = self._sent("PUT", address, key, body, {"If-Match": tag})
            assert answer.is_success, answer.text
            receipt = answer.json()
            self.acknowledged.lists[receipt["number"]] = receipt["hash"]
            tag = answer.headers["etag"]

    def plans(self, address: str, seed: int, number: int) -> None:
        """Ask for so many plans; as many as may wait at a time."""
        while len(self.acknowledged.plans) < number:
            key = f"plan-{seed}-{len(self.acknowledged.plans)}"
            answer = self._sent("POST", address, key, None, {})
            if answer.status_code == 409:
                time.sleep(0.3)
                continue
            assert answer.status_code == 202, answer.text
            self.acknowledged.plans[key] = answer.json()["id"]

    def _sent(
        self, method: str, path: str, key: str, body: Any, headers: dict[str, str]
    ) -> httpx2.Response:
        """Send a request until somebody answers it."""
        deadline = time.monotonic() + WAIT_SECONDS
        keyed = {"Idempotency-Key": key} if key else {}
        while time.monotonic() < deadline:
            try:
                answer = httpx2.request(
                    method,
                    self._url + path,
                    json=body,
                    headers={**self._headers, **keyed, **headers},
                    timeout=10,
                )
            except httpx2.TransportError:
                time.sleep(0.02)
                continue
            if answer.status_code != 503:
                return answer
            time.sleep(0.05)
        raise AssertionError(f"{method} {path}: nobody answers")


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
