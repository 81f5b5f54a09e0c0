"""The service's own key: who holds the data folder can make tokens, and nobody else."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any, Final, Self

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from api.identity.issuers import LOCAL, Issuer
from data.atomic import write_file

FILE = "signing-key.json"
AUDIENCE = "rotations"
ALGORITHM: Final = "ES256"
LIFETIME = timedelta(hours=12)
"""How long a local token is good for, where nobody asks for less."""

_OTHERS = 0o077
_MAX_BYTES = 4096


class UnfitKey(Exception):
    """The file of the local key cannot be used; the message says why, and nothing of the key."""


class LocalKey:
    """The local key."""

    def __init__(self, key: ECKey) -> None:
        self._key, self._key_id = key, key.thumbprint()
        self._public = ECKey.import_key(key.as_dict(private=False))

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Return the key of a data folder, made where there is none.

        Of several processes that make it at once one wins, and all return its key.

        Raises
        ------
        UnfitKey
            Where others may read the file, or it holds no such key.
        OSError
            Where the file cannot be read or made.
        """
        path = folder / FILE
        if not path.exists():
            _make(path)
        return cls(_read(path))

    @property
    def issuer(self) -> Issuer:
        """What local tokens have to say."""
        return Issuer(
            issuer=LOCAL,
            audience=AUDIENCE,
            algorithms=(ALGORITHM,),
            types=("JWT",),
            subject="sub",
        )

    def find(self, key_id: str) -> ECKey | None:
        """Return the public key, where it has this id."""
        return self._public if key_id == self._key_id else None

    def sign(self, subject: str, now: datetime, lifetime: timedelta = LIFETIME) -> str:
        """Return a token for a subject, good from now on.

        Parameters
        ----------
        lifetime
            At least a second; more than 24 hours is not believed by anybody.
        """
        issued = int(now.timestamp())
        claims: dict[str, Any] = {
            "iss": LOCAL,
            "aud": AUDIENCE,
            "sub": subject,
            "iat": issued,
            "exp": issued + int(lifetime.total_seconds()),
            "jti": token_hex(16),
        }
        header = {"alg": ALGORITHM, "kid": self._key_id}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])


def _make(path: Path) -> None:
    """Make a key beside its place and link it there: a link, unlike a move, replaces nothing."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = json.dumps(ECKey.generate_key("P-256").as_dict(private=True)).encode()
    beside = path.with_name(f".{path.name}.{token_hex(8)}")
    write_file(beside, made)
    try:
        path.hardlink_to(beside)
    except FileExistsError:
        return
    finally:
        beside.unlink()


def _read(path: Path) -> ECKey:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & _OTHERS:
            raise UnfitKey(f"{FILE} may be read or written by others; it must be 0600")
        content = file.read(_MAX_BYTES)
    try:
        key = ECKey.import_key(json.loads(content))
        fits = key.is_private and key.curve_name == "P-256"
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        fits = False
    if not fits:
        raise UnfitKey(f"{FILE} holds no private key for {ALGORITHM}")
    return key
