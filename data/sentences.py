"""Sentences for people: the room gives codes with figures, this catalogue words them.

Texts lie in ``data/texts/<language>/<family>.toml``; the key ``family.code`` of a text is its
file's stem and its name in the file. Placeholders in braces are filled with figures.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

from babel.dates import format_date

Language = Literal["nb", "en"]
LANGUAGES: tuple[Language, ...] = ("nb", "en")


def sentence(language: Language, key: str, figures: Mapping[str, object] | None = None) -> str:
    """Return the sentence for a key, its placeholders filled.

    Parameters
    ----------
    language
        ``nb`` (bokmål) or ``en``.
    key
        ``family.code``, such as ``faults.id-unknown``.
    figures
        Values by placeholder; dates (also as ISO text) are written as the language does.

    Raises
    ------
    KeyError
        For a key that the catalogue lacks.
    """
    shown = {name: _shown(language, value) for name, value in (figures or {}).items()}
    return catalogue(language)[key].format_map(shown)


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """Return every text of a language by ``family.code``."""
    texts: dict[str, str] = {}
    for entry in (files("data") / "texts" / language).iterdir():
        if entry.name.endswith(".toml"):
            family = entry.name.removesuffix(".toml")
            content = tomllib.loads(entry.read_text(encoding="utf-8"))
            texts |= {f"{family}.{code}": text for code, text in content.items()}
    return texts


def written_date(language: Language, day: date) -> str:
    """Return a date as people write it: ``1. aug. 2027`` or ``1 Aug 2027``."""
    return str(format_date(day, "d. MMM y" if language == "nb" else "d MMM y", locale=language))


def _shown(language: Language, value: object) -> str:
    if isinstance(value, date):
        return written_date(language, value)
    if isinstance(value, str):
        try:
            return written_date(language, date.fromisoformat(value))
        except ValueError:
            return value
    if isinstance(value, list | tuple):
        return ", ".join(_shown(language, item) for item in value)
    return str(value)
