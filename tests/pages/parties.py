"""Parties of a running service who call its interface, beside those who look at pages."""

from __future__ import annotations

from typing import Any

import httpx2

from tests.api.running import awaited
from tests.pages.browsing import Desk


class Party:
    """Somebody who calls the interface."""

    def __init__(self, desk: Desk, role: str, **named: str) -> None:
        self._desk, self._token = desk, desk.service.site.token(role, **named)

    def get(self, path: str) -> Any:
        return self._ask("GET", path).json()

    def post(self, path: str, body: Any = None, *, of: str = "") -> Any:
        """Do something, to `of` as it stands."""
        tag = {"If-Match": self._ask("GET", of).headers["etag"]} if of else {}
        return self._ask("POST", path, json=body, headers=tag).json()

    def put(self, path: str, body: Any) -> Any:
        """Put something in the place of what there is, if there is anything."""
        held = self._answer("GET", path)
        state = {"If-Match": held.headers["etag"]} if held.is_success else {"If-None-Match": "*"}
        return self._ask("PUT", path, json=body, headers=state).json()

    def patch(self, path: str, body: Any) -> Any:
        """Change something as it stands."""
        tag = {"If-Match": self._ask("GET", path).headers["etag"]}
        return self._ask("PATCH", path, json=body, headers=tag).json()

    def _ask(self, method: str, path: str, **sent: Any) -> httpx2.Response:
        answer = self._answer(method, path, **sent)
        assert answer.is_success, answer.text
        return answer

    def _answer(self, method: str, path: str, **sent: Any) -> httpx2.Response:
        with self._desk.service.client(self._token) as client:
            return client.request(method, f"/v1{path}", **sent)


def published(desk: Desk, round_: str) -> None:
    """Lock the round, plan it, have it approved, and publish it."""
    planner, approver = Party(desk, "planner"), Party(desk, "approver")
    planner.post(f"/rounds/{round_}/lock", of=f"/rounds/{round_}")
    plan = planner.post(f"/rounds/{round_}/plans", {"seconds": 20})["id"]
    awaited(lambda: planner.get(f"/plans/{plan}")["state"] == "completed", 40)
    approver.post(f"/plans/{plan}/approve", of=f"/plans/{plan}")
    planner.post(f"/plans/{plan}/publish", {}, of=f"/plans/{plan}")
