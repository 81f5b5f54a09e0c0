"""Sentences for people: the room gives codes with figures, this catalogue words them.

Texts lie in ``data/texts/<language>/<family>.toml``; the key ``family.code`` of a text is its
file's stem and its name in the file. Placeholders in braces are filled with figures: ``{start}``
stands for the value, ``{days:dag|dager}`` for a count with its noun: for one and for many, and in a
language with a dual, where it differs, for two in between. ``data/texts/review.toml`` names the
languages that nobody who speaks them has reviewed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any, Literal, get_args

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

Language = Literal["nb", "nn", "se", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

DATES: Mapping[Language, str] = {"nb": "d. MMM", "nn": "d. MMM", "se": "d.M.", "en": "d MMM"}
"""A day of the year in Unicode's pattern letters.

Sámi writes numbers: the name of a month would need an ending that depends on the sentence."""

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Verbatim(str):
    """Text that is shown as it stands, such as an id, even where it looks like a date."""

    __slots__ = ()


def sentence(language: Language, key: str, figures: Mapping[str, object] | None = None) -> str:
    """Return the sentence for a key, its placeholders filled.

    Parameters
    ----------
    language
        ``nb`` (bokmål), ``nn`` (nynorsk), ``se`` (Northern Sámi) or ``en``.
    key
        ``family.code``, such as ``faults.id-unknown``.
    figures
        Values by placeholder; dates (also as ISO text) are written as the language does.

    Raises
    ------
    KeyError
        For a key that the catalogue lacks, or a placeholder without a figure.
    """
    name, _, code = key.partition(".")
    return _Filler(language).vformat(family(language, name)[code], (), figures or {})


@cache
def family(language: Language, name: str) -> Mapping[str, str]:
    """Return a family's texts by code, none where there is no such family."""
    file = files("data") / "texts" / language / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """Return every text of a language by ``family.code``."""
    entries = (entry.name for entry in (files("data") / "texts" / language).iterdir())
    names = [name.removesuffix(".toml") for name in entries if name.endswith(".toml")]
    return {
        f"{name}.{code}": text for name in names for code, text in family(language, name).items()
    }


def written_date(language: Language, day: date, year: bool = True) -> str:
    """Return a date as people write it: ``1. aug. 2027`` or ``1 Aug 2027``, or without the year."""
    pattern = DATES[language]
    if year:
        pattern += "y" if pattern.endswith(".") else " y"
    return str(format_date(day, pattern, locale=language))


def written_count(language: Language, count: int) -> str:
    """Return a whole number with the language's thousands separator."""
    return str(format_decimal(count, locale=language))


def written_decimal(language: Language, number: float, decimals: int) -> str:
    """Return a number with the language's decimal sign and at most so many decimals."""
    return str(format_decimal(number, f"#,##0.{'#' * decimals}", locale=language))


def counted(language: Language, count: int, *nouns: str) -> str:
    """Return a count with its noun: ``1 dag``, ``2 dager``.

    Parameters
    ----------
    nouns
        For one and for many; in between, for two, where a language with a dual has another word.
    """
    form = Locale.parse(language).plural_form(count)
    noun = {"one": nouns[0], "two": nouns[1]}.get(form, nouns[-1])
    return f"{written_count(language, count)} {noun}"


@cache
def unreviewed_languages() -> frozenset[str]:
    """Return the languages whose texts a machine made, and nobody who speaks them has reviewed."""
    marks = tomllib.loads((files("data") / "texts" / "review.toml").read_text(encoding="utf-8"))
    return frozenset(marks["machine-made"])


def review_notice(language: Language) -> tuple[tuple[Language, str], ...]:
    """Return what a page says of its own texts, in their language and in bokmål.

    It is empty where somebody who speaks the language has reviewed them.
    """
    if language not in unreviewed_languages():
        return ()
    told: tuple[Language, ...] = (language, "nb")
    return tuple((each, sentence(each, "report.machine-made")) for each in told)


class _Filler(Formatter):
    """Fills placeholders in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        if not format_spec:
            return _shown(self.language, value)
        return counted(self.language, value, *format_spec.split("|"))


def _shown(language: Language, value: object) -> str:
    if isinstance(value, date):
        return written_date(language, value)
    if isinstance(value, str) and not isinstance(value, Verbatim):
        return _dated(language, value)
    if isinstance(value, list | tuple):
        return ", ".join(_shown(language, item) for item in value)
    return str(value)


def _dated(language: Language, text: str) -> str:
    """Write an ISO date (YYYY-MM-DD and nothing else) as people do; leave any other text alone."""
    if not ISO_DATE.fullmatch(text):
        return text
    try:
        return written_date(language, date.fromisoformat(text))
    except ValueError:
        return text
