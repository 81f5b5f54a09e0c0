"""One spelling for one content: the canonical form behind every hash and lottery ticket.

Keys are sorted, texts are NFC, there is no white space, and letters outside ASCII stand as
themselves in UTF-8. For a document, names are left out and lists that carry no order are sorted,
so neither the order of lists nor the spelling of a name changes its hash.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from unicodedata import normalize

WITHIN = "[]"
"""Stands for the key of a list within a list."""

ORDERED = frozenset({"wishes", "order", "tiers", WITHIN})
"""Keys whose lists carry meaning in their order; every other list is a set."""

NAMED = frozenset({"policy", "by_trust"})
"""Keys whose objects keep `name`: a policy's own counts, and a trust may be called so."""

_written = json.JSONEncoder(ensure_ascii=False).encode


def encode(value: object) -> bytes:
    """Return the canonical JSON of plain values (dict, list, str, int, bool, None) in UTF-8."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return normalize("NFC", text).encode()


def digest(document: Mapping[str, object]) -> str:
    """Return ``sha256:…`` of a document's canonical form.

    Parameters
    ----------
    document
        A round or plan document of plain values, defaults filled in.
    """
    return "sha256:" + sha256(normalize("NFC", _text(document, key="")).encode()).hexdigest()


def _text(value: object, key: str) -> str:
    """Return the canonical form of what stands under `key`, each part written once."""
    if isinstance(value, str):
        return _written(value)
    if isinstance(value, Mapping):
        named = key in NAMED
        keys = sorted(k for k in value if named or k != "name")
        return "{" + ",".join(f"{_written(k)}:{_text(value[k], key=k)}" for k in keys) + "}"
    if isinstance(value, list | tuple):
        items = [_text(item, key=WITHIN) for item in value]
        if key not in ORDERED:
            items.sort(key=_composed)
        return "[" + ",".join(items) + "]"
    return _written(value)


def _composed(text: str) -> str:
    return normalize("NFC", text)
