"""Whom the operator trusts to say who calls: the issuers file, TOML."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from httpx2 import URL, InvalidURL
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    StrictStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails

MAX_BYTES = 2**20
"""Largest issuers file that is read."""

LOCAL = "rotations-local"
"""Issuer of the tokens that are signed with the service's own key, and of their grants."""

CONSUMER = "consumer"
"""Subject: the organisation number in Maskinporten's claim of this name."""

MAX_LEEWAY_SECONDS = 60

Listed = TypeVar("Listed", str, tuple[Any, ...])

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"
]
"""Signatures with a public key. With a shared secret, whoever can check a token could make one."""


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be printable")
    return text


def _not_empty(listed: Listed) -> Listed:
    if not listed:
        raise ValueError("must not be empty")
    return listed


Line = Annotated[StrictStr, Field(max_length=255), AfterValidator(_printable)]
Text = Annotated[Line, AfterValidator(_not_empty)]


_SAID = {
    "dict_type": "must be a table",
    "extra_forbidden": "is not known",
    "greater_than_equal": "must be at least {ge}",
    "int_type": "must be a whole number",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "missing": "is missing",
    "model_type": "must be a table",
    "string_too_long": "must not be longer than {max_length} characters",
    "string_type": "must be text",
    "tuple_type": "must be a list",
    "value_error": "{error}",
}
"""What would be right, by the name that pydantic gives the fault."""


class InvalidIssuers(Exception):
    """The issuers file cannot be used; `faults` has a line for each thing that is wrong."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class Issuer(BaseModel):
    """What a token of an issuer has to say.

    Attributes
    ----------
    issuer
        The claim ``iss``, letter by letter: also its last slash.
    audience
        The claim ``aud``; None = not asked for, and then `scopes` must name one.
    algorithms
        Signatures that are accepted.
    types
        Header ``typ``, whatever its case; an empty text accepts a token without one.
    subject
        The claim that says who calls: ``sub``, ``consumer`` or any other that holds text.
    scopes
        What the claim ``scope`` must hold, all of it.
    claims
        Claims that must be exactly this text.
    leeway_seconds
        How far clocks may differ, 0–60 s.
    max_age_seconds
        Longest time since ``iat``, which is then required; None = until the token expires.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    issuer: Text
    audience: Text | None = None
    algorithms: Annotated[tuple[Algorithm, ...], AfterValidator(_not_empty)] = ("RS256",)
    types: Annotated[tuple[Line, ...], AfterValidator(_not_empty)] = ("JWT", "at+jwt")
    subject: Text
    scopes: tuple[Text, ...] = ()
    claims: Mapping[Text, StrictStr] = Field(default_factory=dict)
    leeway_seconds: Annotated[StrictInt, Field(ge=0, le=MAX_LEEWAY_SECONDS)] = 5
    max_age_seconds: Annotated[StrictInt, Field(ge=1)] | None = None

    @field_validator("scopes")
    @classmethod
    def _is_for_us(cls, scopes: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if any(" " in scope for scope in scopes):
            raise ValueError("must be single scopes, in a list")
        if not scopes and "audience" in info.data and info.data["audience"] is None:
            raise ValueError("must name a scope where no audience is asked for")
        return scopes


class RemoteIssuer(Issuer):
    """An issuer elsewhere, that publishes its keys.

    Attributes
    ----------
    jwks
        Where the keys are: https, or http on this machine's own address.
    """

    jwks: Text

    @field_validator("issuer")
    @classmethod
    def _is_no_other(cls, issuer: str) -> str:
        if issuer == LOCAL:
            raise ValueError(f"must not be {LOCAL}, which is the service itself")
        if "|" in issuer:
            raise ValueError("must not hold |, which parts issuer and subject")
        return issuer

    @field_validator("jwks")
    @classmethod
    def _is_fetchable(cls, jwks: str) -> str:
        try:
            url = URL(jwks)
        except InvalidURL:
            raise ValueError("must be a URL") from None
        if not url.host or url.userinfo or url.fragment:
            raise ValueError("must be a URL with a host, without user or fragment")
        if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url)):
            raise ValueError("must begin with https:// (http:// only on a loopback address)")
        return jwks


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    issuers: Annotated[tuple[RemoteIssuer, ...], AfterValidator(_not_empty)]


def is_loopback(url: URL) -> bool:
    """Tell whether a URL leads to this machine."""
    try:
        return ip_address(url.host).is_loopback
    except ValueError:
        return url.host == "localhost"


def read_issuers(path: Path) -> tuple[RemoteIssuer, ...]:
    """Return the issuers of a file.

    Raises
    ------
    InvalidIssuers
        With every fault at once; no value of the file is repeated.
    """
    document = _document(path)
    faults = list(_repeated(document))
    try:
        found = _File.model_validate(document).issuers
    except ValidationError as error:
        raise InvalidIssuers([*map(_fault, error.errors()), *faults]) from None
    if faults:
        raise InvalidIssuers(faults)
    return found


def _document(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InvalidIssuers([f"cannot be read: {error.strerror}"]) from None
    if len(content) > MAX_BYTES:
        raise InvalidIssuers(["is larger than 1 MiB"])
    try:
        return tomllib.loads(content.decode())
    except UnicodeDecodeError:
        raise InvalidIssuers(["is not UTF-8"]) from None
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"line \d+, column \d+", str(error))
        raise InvalidIssuers([f"is not TOML{': ' + where.group() if where else ''}"]) from None
    except RecursionError:
        raise InvalidIssuers(["is nested too deeply"]) from None


def _repeated(document: Mapping[str, Any]) -> Iterable[str]:
    """Yield a fault for each issuer that stands there before, whatever else is wrong."""
    listed = document.get("issuers")
    seen: set[str] = set()
    for position, entry in enumerate(listed if isinstance(listed, list) else ()):
        issuer = entry.get("issuer") if isinstance(entry, dict) else None
        if isinstance(issuer, str):
            if issuer in seen:
                yield f"issuers[{position}].issuer: must not stand there twice"
            seen.add(issuer)


def _fault(error: ErrorDetails) -> str:
    """Say where the file is wrong and what would be right, without what stands there."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in error["loc"])
    said = _SAID.get(error["type"], error["msg"]).format(**error.get("ctx", {}))
    return f"{''.join(steps).removeprefix('.')}: {said}"
