"""Tokens that must not be believed, each with the reason: name, reason and maker, in groups."""

from __future__ import annotations

from tests.api.identity.forgeries import ALGORITHMS, FORM, HEADERS, KEYS
from tests.api.identity.minting import Group
from tests.api.identity.pretences import AUDIENCES, DEMANDS, ISSUERS, SUBJECTS, TIMES

BATTERY: dict[str, Group] = {
    "form": FORM,
    "header": HEADERS,
    "algorithm": ALGORITHMS,
    "key": KEYS,
    "issuer": ISSUERS,
    "audience": AUDIENCES,
    "time": TIMES,
    "demand": DEMANDS,
    "subject": SUBJECTS,
}
