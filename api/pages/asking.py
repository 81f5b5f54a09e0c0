"""Asking the interface within the process, as somebody who is signed in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from httpx2 import ASGITransport, AsyncClient, InvalidURL, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from api.identity.claims import Identity
from api.web.admission import KNOWN
from api.web.paging import MAX_ITEMS
from api.web.problems import MEDIA_TYPE
from data.sentences import Language

_NOBODY = "http://rotations"
"""Where requests go: nowhere, since they never leave the process."""


class Refused(Exception):
    """The interface refused something, as a problem.

    Attributes
    ----------
    status, code, title
        The problem; its title is a sentence in the reader's language.
    faults
        Each with ``place``, ``code``, ``figures`` and ``sentence``.
    problem
        All members of the answer.
    """

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(problem["code"])
        self.problem = problem
        self.status: int = problem["status"]
        self.code: str = problem["code"]
        self.title: str = problem["title"]
        self.faults: Sequence[Mapping[str, Any]] = problem.get("faults", ())


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answered.

    Attributes
    ----------
    data
        The value of its JSON; None where it is none.
    content, media_type
        The body as it came, for files that are handed on.
    tag
        The ETag, to be named with a change.
    location
        Where the new thing is found, below ``/v1``.
    """

    status: int
    data: Any
    content: bytes
    media_type: str
    tag: str | None
    location: str | None


class Asking:
    """Asks operations of the interface as one person, in one language.

    Each method raises `Refused` where the answer is no success. `tag` is sent as If-Match, `new` as
    ``If-None-Match: *``, `key` as Idempotency-Key. A path is plain text: nothing that an id
    in it holds becomes a query.

    Parameters
    ----------
    app
        The application, with all that stands around a request.
    client
        The address that the reader calls from.
    """

    def __init__(self, app: ASGIApp, identity: Identity, language: Language, client: str) -> None:
        async def known(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, KNOWN: identity}, receive, send)

        self._client = AsyncClient(
            transport=ASGITransport(known, client=(client, 0)),
            base_url=_NOBODY,
            headers={"Accept-Language": language},
            timeout=None,
        )

    async def get(self, path: str, **query: object) -> Answer:
        """Ask for something; what is None is left out of the query."""
        return await self._ask("GET", path, params=query)

    async def all(self, path: str, **query: object) -> list[Any]:
        """Return every item of a list, however many parts it comes in."""
        items: list[Any] = []
        cursor: str | None = None
        while True:
            part = (await self.get(path, limit=MAX_ITEMS, cursor=cursor, **query)).data
            items += part["items"]
            cursor = part["next"]
            if cursor is None:
                return items

    async def post(
        self,
        path: str,
        body: object = None,
        *,
        tag: str | None = None,
        key: str | None = None,
        file: tuple[bytes, str] | None = None,
        **query: object,
    ) -> Answer:
        """Do something; `file` is a content with its media type, sent instead of JSON."""
        headers = {"If-Match": tag, "Idempotency-Key": key}
        return await self._ask("POST", path, params=query, headers=headers, **_sent(body, file))

    async def put(
        self,
        path: str,
        body: object = None,
        *,
        tag: str | None = None,
        new: bool = False,
        file: tuple[bytes, str] | None = None,
        **query: object,
    ) -> Answer:
        """Put something in its place."""
        headers = {"If-Match": tag, "If-None-Match": "*" if new else None}
        return await self._ask("PUT", path, params=query, headers=headers, **_sent(body, file))

    async def patch(self, path: str, body: object, *, tag: str | None = None) -> Answer:
        """Change part of something."""
        return await self._ask("PATCH", path, headers={"If-Match": tag}, **_sent(body, None))

    async def delete(self, path: str, *, tag: str | None = None) -> Answer:
        """Take something away."""
        return await self._ask("DELETE", path, headers={"If-Match": tag})

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, object] | None = None,
        headers: Mapping[str, str | None] | None = None,
        **sent: Any,
    ) -> Answer:
        """Send a request, with what is not None of its query and head."""
        asked = {name: str(value) for name, value in (params or {}).items() if value is not None}
        said = {name: value for name, value in (headers or {}).items() if value is not None}
        if "content" in sent:
            sent["content"], said["Content-Type"] = sent["content"]
        head = {name.encode(): value.encode() for name, value in said.items()}
        try:
            answer = await self._client.request(
                method, quote(path), params=asked, headers=head, **sent
            )
        except InvalidURL:  # longer than an address can be: nothing is there
            raise HTTPException(404) from None
        data = _value(answer)
        if not answer.is_success:
            raise Refused(data)
        return Answer(
            status=answer.status_code,
            data=data,
            content=answer.content,
            media_type=answer.headers.get("content-type", ""),
            tag=answer.headers.get("etag"),
            location=answer.headers.get("location"),
        )


def _sent(body: object, file: tuple[bytes, str] | None) -> dict[str, Any]:
    """Return what is sent as a body, with its media type."""
    if file is not None:
        return {"content": file}
    # In ASCII, and with whatever JSON has no word for: the interface refuses that where it stands.
    return {} if body is None else {"content": (json.dumps(body).encode(), "application/json")}


def _value(answer: Response) -> Any:
    """Return the value of an answer in JSON."""
    kind = answer.headers.get("content-type", "").partition(";")[0]
    return answer.json() if kind in ("application/json", MEDIA_TYPE) else None
