"""Tokens by hand: good ones, and whatever somebody may try instead. All parties are made up."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from joserfc.jwk import ECKey, Key, OctKey, RSAKey
from joserfc.jws import JWSRegistry

from api.identity.issuers import RemoteIssuer
from api.identity.keys import PublishedKeys
from api.identity.publications import read_keys
from api.identity.refusals import Reason
from api.identity.tokens import Identifier, Trusted

NOW = datetime(2027, 1, 15, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())

PEOPLE: Final = "https://people.example/"
MACHINES: Final = "https://machines.example/"
OTHERS: Final = "https://others.example/"
"""Three issuers: one of people, one of organisations, one that is asked for less."""

API: Final = "https://rotations.example/api"
LEVEL: Final = "https://people.example/claims/level"
SCOPE: Final = "rotations:write"
TRUST: Final = {"authority": "iso6523-actorid-upis", "ID": "0192:889640782"}
SUPPLIER: Final = {"authority": "iso6523-actorid-upis", "ID": "9908:974760673"}

ATTACKER: Final = "https://attacker.example/"
HOUR: Final = 3600

KEY_ID: Final = "shared-name"
"""Every issuer calls its key so, as happens."""

ABSENT: Final = object()
"""As a change: leave it out."""

Signer = Callable[[bytes], bytes]
Maker = Callable[[], str]
Group = dict[str, tuple[Reason, Maker]]
"""Why tokens are refused and what makes them, by what is wrong with them."""

Doc = Mapping[str, Any]


@cache
def rsa(owner: str) -> RSAKey:
    """Return somebody's RSA key, always the same in one run."""
    del owner  # what tells one key from another
    return RSAKey.generate_key(2048, {"kid": KEY_ID})


@cache
def elliptic(owner: str) -> ECKey:
    """Return somebody's key for ES256, always the same in one run."""
    return ECKey.generate_key("P-256", {"kid": f"{owner}-ec"})


def signer(key: Key, algorithm: str = "RS256") -> Signer:
    """Return what signs with a key, fit or not."""
    return lambda message: JWSRegistry.algorithms[algorithm].sign(message, key)


def secret(content: bytes, algorithm: str = "HS256") -> Signer:
    """Return what signs with a shared secret."""
    return signer(OctKey(content, content), algorithm)


def base64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def changed(values: Doc, changes: Doc) -> dict[str, Any]:
    return {name: value for name, value in {**values, **changes}.items() if value is not ABSENT}


def header(**changes: Any) -> dict[str, Any]:
    return changed({"alg": "RS256", "kid": KEY_ID, "typ": "at+jwt"}, changes)


def people(**changes: Any) -> dict[str, Any]:
    """Return claims of somebody who logged in at level 4."""
    return changed(
        {
            "iss": PEOPLE,
            "aud": API,
            "sub": "person-17",
            "scope": f"openid {SCOPE}",
            LEVEL: "4",
            "iat": SECONDS - 60,
            "nbf": SECONDS - 60,
            "exp": SECONDS + 600,
        },
        changes,
    )


def machines(**changes: Any) -> dict[str, Any]:
    """Return claims of an organisation for which another one acts."""
    return changed(
        {
            "iss": MACHINES,
            "scope": SCOPE,
            "consumer": TRUST,
            "supplier": SUPPLIER,
            "iat": SECONDS - 60,
            "exp": SECONDS + 60,
        },
        changes,
    )


def written(part: Doc | str | bytes) -> bytes:
    """Return the bytes of a part of a token: JSON of an object, or what was written by hand."""
    if isinstance(part, bytes):
        return part
    return part.encode() if isinstance(part, str) else json.dumps(part).encode()


def assembled(head: Doc | str | bytes, body: Doc | str | bytes, sign: Signer) -> str:
    """Return a token of these parts, properly signed."""
    message = f"{base64(written(head))}.{base64(written(body))}"
    return f"{message}.{base64(sign(message.encode()))}"


def token(body: Doc | None = None, /, sign: Signer | None = None, **changes: Any) -> str:
    """Return a token, of somebody who logged in or with these claims, with a changed header."""
    claims = people() if body is None else body
    owner = claims["iss"] if isinstance(claims.get("iss"), str) else PEOPLE
    return assembled(header(**changes), claims, sign or signer(rsa(owner)))


def by_people(message: bytes) -> bytes:
    return signer(rsa(PEOPLE))(message)


def raw(head: str | bytes, body: str | bytes) -> str:
    """Return a token of parts written by hand, signed with the right key."""
    return assembled(head, body, by_people)


def issuers() -> tuple[RemoteIssuer, ...]:
    return (
        RemoteIssuer(
            issuer=PEOPLE,
            jwks=PEOPLE,
            audience=API,
            subject="sub",
            scopes=(SCOPE,),
            claims={LEVEL: "4"},
        ),
        RemoteIssuer(
            issuer=MACHINES,
            jwks=MACHINES,
            subject="consumer",
            scopes=(SCOPE,),
            types=("", "JWT", "at+jwt"),
            max_age_seconds=120,
        ),
        RemoteIssuer(
            issuer=OTHERS,
            jwks=OTHERS,
            audience=API,
            subject="name",
            algorithms=("ES256", "Ed25519"),
            leeway_seconds=0,
        ),
    )


@dataclass
class Publication:
    """What an issuer publishes, and how often it was fetched."""

    issuer: RemoteIssuer
    fetches: int = 0

    def fetch(self) -> dict[str, Key]:
        self.fetches += 1
        owner = self.issuer.issuer
        return read_keys(key_set(rsa(owner), elliptic(owner)), self.issuer.algorithms)


def key_set(*keys: Key) -> bytes:
    """Return the key set that publishes these keys."""
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]}).encode()


def identifier() -> tuple[Identifier, list[Publication]]:
    """Return one that trusts the three issuers, and what they publish."""
    publications = [Publication(issuer) for issuer in issuers()]
    trusted = [Trusted(one.issuer, PublishedKeys(one.fetch)) for one in publications]
    return Identifier(trusted), publications
