"""A reader of the pages without a browser: quick, and without scripts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response

from api.pages import links
from models.scope import EVERYTHING
from models.tables import Grant
from tests.api.served import FINNMARK, Person, Served

OWN = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
"""What a browser sends with a form of ours."""


@dataclass
class Reader:
    """Somebody with a cookie jar of their own."""

    client: TestClient
    headers: dict[str, str] = field(default_factory=lambda: dict(OWN))

    def get(self, path: str, **sent: Any) -> Response:
        return self._ask("GET", path, sent)

    def post(self, path: str, **sent: Any) -> Response:
        """Send a form (`data`), without following where it leads."""
        return self._ask("POST", path, sent)

    def _ask(self, method: str, path: str, sent: dict[str, Any]) -> Response:
        headers = {**self.headers, **sent.pop("headers", {})}
        return self.client.request(method, path, headers=headers, follow_redirects=False, **sent)


def reader(served: Served, **headers: str) -> Reader:
    """Return somebody who is not signed in."""
    return Reader(TestClient(served.app, raise_server_exceptions=False), {**OWN, **headers})


def subject_of(served: Served, person: Person) -> str:
    with served.database.reading(EVERYTHING) as session:
        grant = session.get(Grant, person.grant)
    assert grant is not None
    return grant.subject


def link_for(served: Served, person: Person) -> str:
    """Make a link that signs somebody in."""
    with served.database.writing(EVERYTHING) as session:
        return links.make(session, subject_of(served, person), served.clock())


def signed_in(served: Served, role: str, organisation: str = FINNMARK, **named: str) -> Reader:
    """Return who has this one right, signed in by a link."""
    found = reader(served)
    person = served.as_(role, organisation, **named)
    assert found.post(link_for(served, person)).status_code == 303
    return found
