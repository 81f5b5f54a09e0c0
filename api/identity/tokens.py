"""From a bearer token to the one who calls (RFC 8725)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Self

from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry, deserialize_compact

from api.identity.claims import Identity, check_claims, identity_of
from api.identity.compact import MAX_BYTES, take_apart
from api.identity.issuers import Issuer, read_issuers
from api.identity.keys import Keys, PublishedKeys
from api.identity.local import LocalKey
from api.identity.publications import fetch_keys
from api.identity.refusals import Reason, Refused, Unavailable
from api.settings import Settings

__all__ = ["Identifier", "Identity", "Reason", "Refused", "Trusted", "Unavailable"]

MAX_KEY_ID = 255
"""Longest id of a key, in characters."""


class _Registry(JWSRegistry):
    """The signatures of one issuer, in headers as long as a token may be."""

    max_header_length = MAX_BYTES


@dataclass(frozen=True, slots=True)
class Trusted:
    """An issuer and where its keys come from."""

    issuer: Issuer
    keys: Keys


class Identifier:
    """Tells from a token who calls, by whom it trusts; safe to use from many threads."""

    def __init__(self, trusted: Iterable[Trusted]) -> None:
        self._trusted = {one.issuer.issuer: one for one in trusted}

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the one that trusts whom the operator trusts; fetches nothing yet.

        Raises
        ------
        InvalidIssuers, UnfitKey
            Where the issuers file or the local key cannot be used.
        """
        trusted = []
        if settings.local_tokens:
            local = LocalKey.of(settings.data_dir)
            trusted.append(Trusted(local.issuer, local))
        for issuer in read_issuers(settings.issuers) if settings.issuers else ():
            fetch = partial(fetch_keys, issuer.jwks, issuer.algorithms)
            trusted.append(Trusted(issuer, PublishedKeys(fetch)))
        return cls(trusted)

    def identify(self, token: str, now: datetime) -> Identity:
        """Return who calls.

        Call it in a thread that runs no event loop: it may fetch keys.

        Parameters
        ----------
        token
            What stood after ``Bearer``.
        now
            The time, with its zone.

        Raises
        ------
        Refused
            Where the token is not believed.
        Unavailable
            Where the issuer's keys are not to be had.
        """
        compact = take_apart(token)
        name = compact.claims.get("iss")
        trusted = self._trusted.get(name) if isinstance(name, str) else None
        if trusted is None:
            raise Refused(Reason.ISSUER)
        _check_signature(token, compact.header, trusted)
        check_claims(compact.claims, trusted.issuer, now)
        return identity_of(compact.claims, trusted.issuer)

    def trusted(self, issuer: str) -> Trusted | None:
        """Return an issuer that the operator trusts; None = it is none of them."""
        return self._trusted.get(issuer)

    def published(self) -> Mapping[str, PublishedKeys]:
        """Return the keys that are fetched, by issuer: their age and faults, and `refresh`."""
        return {
            name: one.keys
            for name, one in self._trusted.items()
            if isinstance(one.keys, PublishedKeys)
        }


def _check_signature(token: str, header: Mapping[str, Any], trusted: Trusted) -> None:
    """Hold header and signature against what the issuer, and nobody else, has laid down."""
    issuer = trusted.issuer
    if header.get("alg") not in issuer.algorithms:
        raise Refused(Reason.ALGORITHM)
    if _media_type(header.get("typ", "")) not in map(_media_type, issuer.types):
        raise Refused(Reason.TYPE)
    key_id = header.get("kid")
    if not isinstance(key_id, str) or not 0 < len(key_id) <= MAX_KEY_ID:
        raise Refused(Reason.KEY_ID)
    key = trusted.keys.find(key_id)
    if key is None:
        raise Refused(Reason.KEY)
    # What a header says beside this is ignored (RFC 7515); harmful parameters were refused before.
    registry = _Registry(algorithms=issuer.algorithms, strict_check_header=False)
    try:
        deserialize_compact(token, key, registry=registry)
    except (JoseError, ValueError, TypeError, RecursionError):
        raise Refused(Reason.SIGNATURE) from None


def _media_type(said: object) -> str | None:
    """Return a type of token as RFC 7515 compares them, None where it is no text."""
    return said.lower().removeprefix("application/") if isinstance(said, str) else None
