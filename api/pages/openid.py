"""Signing in where an organisation's people sign in anyway: OpenID Connect, code with PKCE.

The issuer is one of those whose tokens the interface believes, and its ID token is held to the same
rules by the same code, for this client and this attempt: so it names the same identity. Nothing of
what the issuer sends is kept.
"""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Any, Self
from urllib.parse import quote, urlencode

from fastapi.concurrency import run_in_threadpool
from httpx2 import URL, AsyncClient, HTTPError, InvalidURL

from api.identity.claims import Identity
from api.identity.compact import take_apart
from api.identity.issuers import is_loopback
from api.identity.publications import FETCH_SECONDS, MAX_BYTES
from api.identity.refusals import Refused, Unavailable
from api.identity.tokens import Identifier, Trusted
from api.web.service import Service
from data.forms.json_text import Unreadable, parse

CALLBACK = "/sign-in/openid/callback"
"""Where the issuer sends people back to."""


class NotSignedIn(Exception):
    """The attempt came to nothing; `reason` says why in a word, and nothing that was sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Attempt:
    """What only the browser that begins knows, until it comes back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Self:
        """Return one that nobody can guess."""
        return cls(token_urlsafe(32), token_urlsafe(32), token_urlsafe(48))

    @classmethod
    def read(cls, said: str | None) -> Self:
        """Return the attempt that a browser has kept.

        Raises
        ------
        NotSignedIn
            It has kept none.
        """
        parts = (said or "").split(".")
        if len(parts) != 3 or not all(parts):
            raise NotSignedIn("attempt-missing")
        return cls(*parts)

    def written(self) -> str:
        """Return the attempt as a browser keeps it."""
        return f"{self.state}.{self.nonce}.{self.verifier}"

    @property
    def challenge(self) -> str:
        """What the issuer is told of the verifier before it is told the verifier (RFC 7636)."""
        digest = sha256(self.verifier.encode()).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class _Published:
    """What an issuer says of itself."""

    authorization: str
    token: str
    names_itself: bool


async def begin(service: Service, attempt: Attempt) -> str:
    """Return where somebody signs in.

    Raises
    ------
    Unavailable
        The issuer does not answer, or not as it should.
    """
    asked = {
        "response_type": "code",
        "client_id": service.settings.sign_in_client,
        "redirect_uri": _callback(service),
        "scope": service.settings.sign_in_scopes,
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": attempt.challenge,
        "code_challenge_method": "S256",
    }
    address = (await _published(_issuer(service))).authorization
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


async def finish(service: Service, attempt: Attempt, said: Mapping[str, str]) -> Identity:
    """Return who has signed in, from what the issuer sent the browser back with.

    Raises
    ------
    NotSignedIn
        Somebody has not, or somebody else has.
    Unavailable
        The issuer does not answer, or not as it should.
    """
    if not compare_digest(said.get("state", "").encode(), attempt.state.encode()):
        raise NotSignedIn("state-wrong")
    issuer = _issuer(service)
    published = await _published(issuer)
    # Another issuer's answer, given out for this one's (RFC 9207).
    if said.get("iss", None if published.names_itself else issuer) != issuer:
        raise NotSignedIn("issuer-wrong")
    if "error" in said or "code" not in said:
        raise NotSignedIn("refused")
    token = await _redeemed(service, published.token, said["code"], attempt)
    identity = await run_in_threadpool(_identified, service, token)
    nonce = take_apart(token).claims.get("nonce")
    if not isinstance(nonce, str) or not compare_digest(nonce.encode(), attempt.nonce.encode()):
        raise NotSignedIn("nonce-wrong")
    return identity


def _identified(service: Service, token: str) -> Identity:
    """Return whom an ID token names, if it was made for this client."""
    trusted = service.identifier.trusted(_issuer(service))
    if trusted is None:
        raise NotSignedIn("issuer-unknown")
    client = {"audience": service.settings.sign_in_client, "scopes": (), "types": ("JWT", "")}
    for_us = trusted.issuer.model_copy(update=client)
    try:
        return Identifier([Trusted(for_us, trusted.keys)]).identify(token, service.clock())
    except Refused as refused:
        raise NotSignedIn(str(refused.code)) from None


async def _redeemed(service: Service, address: str, code: str, attempt: Attempt) -> str:
    """Exchange a code for the ID token it stands for."""
    settings = service.settings
    assert settings.sign_in_client is not None
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": _callback(service),
        "code_verifier": attempt.verifier,
    }
    login = None
    if settings.sign_in_secret is None:
        form["client_id"] = settings.sign_in_client
    else:
        secret = settings.sign_in_secret.get_secret_value()
        login = quote(settings.sign_in_client, safe=""), quote(secret, safe="")
    status, document = await _asked("POST", address, data=form, auth=login)
    token = document.get("id_token")
    if status != 200 or not isinstance(token, str):
        raise NotSignedIn("code-refused")
    return token


async def _published(issuer: str) -> _Published:
    """Return what the issuer says of itself (OpenID Connect Discovery)."""
    status, document = await _asked("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if status != 200 or document.get("issuer") != issuer:
        raise Unavailable
    names_itself = document.get("authorization_response_iss_parameter_supported") is True
    return _Published(
        _fit(document.get("authorization_endpoint")),
        _fit(document.get("token_endpoint")),
        names_itself,
    )


async def _asked(method: str, address: str, **sent: Any) -> tuple[int, Mapping[str, Any]]:
    """Return status and object of an answer that comes in time and is not too large."""
    content = bytearray()
    try:
        url = URL(_fit(address))
        client = AsyncClient(timeout=None, follow_redirects=False, trust_env=not is_loopback(url))
        async with (
            asyncio.timeout(FETCH_SECONDS),
            client,
            client.stream(method, url, headers={"Accept": "application/json"}, **sent) as answer,
        ):
            async for chunk in answer.aiter_bytes():
                content += chunk
                if len(content) > MAX_BYTES:
                    raise Unavailable
        parsed = parse(bytes(content))
    except (HTTPError, InvalidURL, OSError, TimeoutError, Unreadable):
        raise Unavailable from None
    if parsed.faults or not isinstance(parsed.value, dict):
        raise Unavailable
    return answer.status_code, parsed.value


def _fit(address: object) -> str:
    """Return an address that what is secret may be sent to."""
    try:
        url = URL(address) if isinstance(address, str) else None
    except InvalidURL:
        url = None
    if url is None or not (url.scheme == "https" or (url.scheme == "http" and is_loopback(url))):
        raise Unavailable
    return str(url)


def _issuer(service: Service) -> str:
    assert service.settings.sign_in_issuer is not None
    return service.settings.sign_in_issuer


def _callback(service: Service) -> str:
    assert service.settings.base_url is not None
    return service.settings.base_url.rstrip("/") + CALLBACK
