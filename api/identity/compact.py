"""A token taken apart, before anything in it is believed (RFC 7515, RFC 7519, RFC 8725)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.util import urlsafe_b64decode

from api.identity.refusals import Reason, Refused
from data.forms.json_text import Unreadable, parse

MAX_BYTES = 8192
"""Longest token that is looked at."""

FORBIDDEN = frozenset({"b64", "crit", "jku", "jwk", "x5c", "x5u"})
"""Header parameters that change how a token is read, or bring or point to a key of its own."""

_SEGMENTS, _SEGMENTS_OF_JWE = 3, 5


@dataclass(frozen=True, slots=True)
class Compact:
    """Header and claims of a token whose signature nobody has checked yet."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]


def take_apart(token: str) -> Compact:
    """Return what a signed token in compact form says.

    Parameters
    ----------
    token
        What stood after ``Bearer``.

    Raises
    ------
    Refused
        Where the token is too large or has another form: encrypted, with detached or nested
        content, with forbidden header parameters, or with JSON that can be read in two ways.
    """
    if len(token) > MAX_BYTES:
        raise Refused(Reason.TOO_LARGE)
    segments = token.split(".")
    if len(segments) == _SEGMENTS_OF_JWE:
        raise Refused(Reason.ENCRYPTED)
    if len(segments) != _SEGMENTS or not token.isascii():
        raise Refused(Reason.MALFORMED)
    header = _json_object(segments[0])
    if not header.keys().isdisjoint(FORBIDDEN):
        raise Refused(Reason.HEADER)
    if not segments[1]:
        raise Refused(Reason.DETACHED)
    if "cty" in header:
        raise Refused(Reason.NESTED)
    return Compact(header, _json_object(segments[1]))


def _json_object(segment: str) -> Mapping[str, Any]:
    try:
        parsed = parse(urlsafe_b64decode(segment.encode()))
    except (ValueError, Unreadable):
        raise Refused(Reason.MALFORMED) from None
    if parsed.faults or not isinstance(parsed.value, dict):
        raise Refused(Reason.MALFORMED)
    return parsed.value
