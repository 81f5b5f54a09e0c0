"""What the claims of a token must say, and whom they name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stdnum.no import orgnr

from api.identity.issuers import CONSUMER, Issuer
from api.identity.refusals import Reason, Refused

MAX_LIFETIME_SECONDS = 86_400
"""Longest time from issue to expiry of a token that is believed."""

MAX_SUBJECT = 255
"""Longest subject, in characters."""

_END_OF_TIME = 253_402_300_800
"""The year 10000, in seconds since 1970."""

_ACTOR = re.compile(r"(?:0192|9908):([0-9]{9})")
"""An organisation in Norway; 9908 is the older code of the same register."""

_NATIONAL_IDENTITY_NUMBER = re.compile(r"[0-9]{11}")

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a token says is calling; it gives no right by itself.

    Attributes
    ----------
    issuer
        Who says so.
    subject
        What the issuer calls the caller.
    supplier
        Organisation number of the one who acts for the subject, for the audit; gives no right.
    """

    issuer: str
    subject: str
    supplier: str | None = None


def check_claims(claims: Claims, issuer: Issuer, now: datetime) -> None:
    """Hold claims against what their issuer must say; the signature has been checked.

    Raises
    ------
    Refused
        With the first rule they break.
    """
    _check_times(claims, issuer, now.timestamp())
    if issuer.audience is not None and not _is_only(claims.get("aud"), issuer.audience):
        raise Refused(Reason.AUDIENCE)
    if "cnf" in claims:
        raise Refused(Reason.BOUND)
    if not _scopes(claims).issuperset(issuer.scopes):
        raise Refused(Reason.SCOPE)
    if any(claims.get(name) != value for name, value in issuer.claims.items()):
        raise Refused(Reason.CLAIM)


def identity_of(claims: Claims, issuer: Issuer) -> Identity:
    """Return whom claims name.

    Raises
    ------
    Refused
        Where the claim that identifies is missing or not fit to be kept.
    """
    if issuer.subject != CONSUMER:
        return Identity(issuer.issuer, _subject(claims.get(issuer.subject)))
    consumer, supplier = claims.get(CONSUMER), claims.get("supplier")
    return Identity(
        issuer.issuer,
        _organisation(consumer, Reason.SUBJECT),
        None if supplier is None else _organisation(supplier, Reason.SUPPLIER),
    )


def _check_times(claims: Claims, issuer: Issuer, now: float) -> None:
    expires, issued, begins = (_time(claims, name) for name in ("exp", "iat", "nbf"))
    leeway = issuer.leeway_seconds
    if expires is None:
        raise Refused(Reason.TIME)
    if now >= expires + leeway:
        raise Refused(Reason.EXPIRED)
    if any(time is not None and time > now + leeway for time in (issued, begins)):
        raise Refused(Reason.EARLY)
    since = now if issued is None else issued
    if expires == issued or not since - leeway < expires <= since + MAX_LIFETIME_SECONDS:
        raise Refused(Reason.LIFETIME)
    if issuer.max_age_seconds is not None and (
        issued is None or now > issued + issuer.max_age_seconds + leeway
    ):
        raise Refused(Reason.OLD)


def _time(claims: Claims, name: str) -> int | None:
    """Return a time in whole seconds since 1970, None where it is not said."""
    if name not in claims:
        return None
    time = claims[name]
    if type(time) is not int or not 0 <= time < _END_OF_TIME:
        raise Refused(Reason.TIME)
    return time


def _is_only(said: object, audience: str) -> bool:
    """Tell whether a token is for this audience alone: another one could send it on to us."""
    return said in (audience, [audience])


def _scopes(claims: Claims) -> frozenset[str]:
    said = claims.get("scope")
    listed = said.split(" ") if isinstance(said, str) else said
    if not isinstance(listed, list):
        return frozenset()
    return frozenset(scope for scope in listed if isinstance(scope, str))


def _subject(said: object) -> str:
    """Return a subject that can be kept: printable, and no national identity number."""
    if not isinstance(said, str) or not 0 < len(said) <= MAX_SUBJECT or not said.isprintable():
        raise Refused(Reason.SUBJECT)
    if _NATIONAL_IDENTITY_NUMBER.fullmatch(said):
        raise Refused(Reason.SUBJECT)
    return said


def _organisation(said: object, reason: Reason) -> str:
    """Return the number of an organisation that Maskinporten names."""
    match said:
        case {"authority": "iso6523-actorid-upis", "ID": str(actor)}:
            found = _ACTOR.fullmatch(actor)
            if found and orgnr.is_valid(found.group(1)):
                return found.group(1)
    raise Refused(reason)
