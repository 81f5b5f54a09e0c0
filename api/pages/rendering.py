"""From what the interface answered to HTML: templates, and the words and figures in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, partial
from typing import Any

from jinja2 import Environment

from api.clock import NORWAY
from api.pages import figures
from api.pages.files import address
from data.sentences import (
    LANGUAGES,
    Language,
    review_notice,
    sentence,
    written_count,
    written_date,
    written_decimal,
)
from data.templates import templates

NAMES: Mapping[Language, str] = {
    "nb": "Bokmål",
    "nn": "Nynorsk",
    "se": "Davvisámegiella",
    "en": "English",
}
"""What each language calls itself."""


@cache
def environment() -> Environment:
    """Return the templates, and what all of them know."""
    made = templates("api.pages", "layout")
    made.globals |= {
        "address": address,
        "figures": figures,
        "languages": [(code, NAMES[code]) for code in LANGUAGES],
    }
    return made


def render(template: str, language: Language, context: Mapping[str, Any]) -> str:
    """Return a template filled in; call it in a thread, long tables take a while."""
    # Filters stand in the context as functions: an environment is of every language.
    words = {
        "language": language,
        "t": partial(text, language),
        "day": partial(day, language),
        "moment": partial(moment, language),
        "count": partial(written_count, language),
        "decimal": partial(written_decimal, language),
        "review": review_notice(language),
    }
    return environment().get_template(template).render(words | dict(context))


def text(language: Language, key: str, /, **values: object) -> str:
    """Return a text of the catalogue: ``family.code``, or a code of the family ``pages``."""
    return sentence(language, key if "." in key else f"pages.{key}", values)


def day(language: Language, said: date | str) -> str:
    """Return a date, also one in ISO text, as people write it."""
    return written_date(language, said if isinstance(said, date) else date.fromisoformat(said))


def moment(language: Language, said: datetime | str) -> str:
    """Return date and time of day in Norway as people write them: ``1. des. 2026 23:00``."""
    at = said if isinstance(said, datetime) else datetime.fromisoformat(said)
    local = at.astimezone(NORWAY)
    return f"{written_date(language, local.date())} {local:%H:%M}"
