"""What an issuer publishes: a JSON Web Key Set, fetched with limits and read with care (RFC 7517).

Only the configured address is ever fetched: what a token says of keys is not followed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from typing import Any

from httpx2 import URL, AsyncClient, HTTPError, InvalidURL, Response
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key
from joserfc.jws import JWSRegistry
from joserfc.util import base64_to_int

from api.identity.issuers import is_loopback
from data.forms.json_text import Unreadable, parse

FETCH_SECONDS = 5.0
"""Longest fetch, from the first step to the last byte."""

MAX_BYTES = 2**20
"""Largest key set."""

RSA_BITS = range(2048, 4097)
"""Sizes of RSA keys: smaller ones are weak, larger ones slow to check with."""

_JSON = frozenset({"application/json", "application/jwk-set+json"})

_PUBLIC = ("kty", "kid", "use", "key_ops", "alg", "crv", "n", "e", "x", "y")
"""Members of a key that are read; a private half published by mistake is not."""


class Unpublished(Exception):
    """An issuer's keys could not be had; `fault` says why in a word."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def fetch_keys(
    address: str, algorithms: Collection[str], seconds: float = FETCH_SECONDS
) -> dict[str, Key]:
    """Return the keys that are published at an address, by their ids.

    Call it in a thread that runs no event loop.

    Parameters
    ----------
    algorithms
        Keys that serve none of these are left out.

    Raises
    ------
    Unpublished
        Where nothing came in time, something else came, or no key is of use.
    """
    try:
        content = _fetch(address, seconds)
    except TimeoutError:
        raise Unpublished("timeout") from None
    except (HTTPError, InvalidURL, OSError):
        raise Unpublished("unreachable") from None
    keys = read_keys(content, algorithms)
    if not keys:
        raise Unpublished("no-keys")
    return keys


def _fetch(address: str, seconds: float) -> bytes:
    """Run the download in a loop of its own: only a cancelled task bounds the whole of it.

    The client's own limits are for each read, and ``asyncio.run`` waits for a name to be found.
    """
    with closing(asyncio.new_event_loop()) as loop:
        try:
            return loop.run_until_complete(_download(address, seconds))
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())


async def _download(address: str, seconds: float) -> bytes:
    url = URL(address)
    client = AsyncClient(
        timeout=None,
        follow_redirects=False,
        trust_env=not is_loopback(url),  # a proxy must not see what stays on this machine
        headers={"Accept": ", ".join(sorted(_JSON)), "Accept-Encoding": "identity"},
    )
    async with asyncio.timeout(seconds), client, client.stream("GET", url) as response:
        _check(response)
        content = bytearray()
        async for chunk in response.aiter_raw():  # as it comes: nothing is unpacked
            content += chunk
            if len(content) > MAX_BYTES:
                raise Unpublished("too-large")
    return bytes(content)


def _check(response: Response) -> None:
    if response.status_code != 200:
        raise Unpublished("status")
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _JSON:
        raise Unpublished("not-json")


def read_keys(content: bytes, algorithms: Collection[str]) -> dict[str, Key]:
    """Return the keys of a key set that serve one of the algorithms, by their ids.

    Of two keys with the same id the first one counts; what is no usable key is left out.

    Raises
    ------
    Unpublished
        Where the content is no key set.
    """
    try:
        parsed = parse(content)
    except Unreadable:
        raise Unpublished("not-json") from None
    listed = parsed.value.get("keys") if isinstance(parsed.value, dict) else None
    if parsed.faults or not isinstance(listed, list):
        raise Unpublished("not-keys")
    keys: dict[str, Key] = {}
    for published in listed:
        kid = published.get("kid") if isinstance(published, dict) else None
        if isinstance(kid, str) and (key := _usable(published, algorithms)) is not None:
            keys.setdefault(kid, key)
    return keys


def _usable(published: Mapping[str, Any], algorithms: Iterable[str]) -> Key | None:
    """Return a key, where it can check signatures of these algorithms."""
    public = {name: published[name] for name in _PUBLIC if name in published}
    try:
        if public["kty"] == "RSA" and not _sound(public["n"]):
            return None
        key = JWKRegistry.import_key(public)
        key.check_key_op("verify")
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if any(_serves(key, algorithm) for algorithm in algorithms) else None


def _sound(modulus: str) -> bool:
    return base64_to_int(modulus).bit_length() in RSA_BITS


def _serves(key: Key, algorithm: str) -> bool:
    try:
        JWSRegistry.algorithms[algorithm].check_key(key)
    except JoseError:
        return False
    return True
