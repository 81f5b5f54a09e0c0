"""In which language somebody wants to read."""

from __future__ import annotations

from data.sentences import LANGUAGES, Language

DEFAULT: Language = "nb"
_OTHER_NAMES = {"no": "nb", "sme": "se"}


def preferred(accept_language: str | None) -> Language:
    """Return the first language of an ``Accept-Language`` header that is spoken here.

    Bokmål answers to "Norwegian", and where nothing is given, or nothing known.
    """
    wishes = []
    for position, part in enumerate((accept_language or "").split(",")[:20]):
        tag, _, parameter = part.strip().partition(";")
        wishes.append((-_weight(parameter), position, tag.split("-")[0].strip().lower()))
    for weight, _, tag in sorted(wishes):
        spoken = _OTHER_NAMES.get(tag, tag)
        if weight < 0 and spoken in LANGUAGES:
            return spoken
    return DEFAULT


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
