"""Notices in words and in figures: ids and dates, never names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from api.schemas.fields import written_instant
from data.sentences import Language, Verbatim, review_notice, sentence
from data.wording import last_day
from models.tables import Notice
from scheduler.canonical import encode

_ROUNDS = "/v1/rounds/{round}"
_PLACEMENTS = "/v1/placements/{subject}"

_LINKS = {
    "offer": "/v1/offers/{subject}",
    "placement": _PLACEMENTS,
    "evaluation": _PLACEMENTS,
    "completion": _PLACEMENTS,
    "exemption": "/v1/supervisors/{subject}",
    "agreement": "/v1/municipalities/{municipality}/agreements",
    "notices": "/v1/notices?state=failed",
}
"""Where to look at what a notice tells of, by the first word of its kind; else at its round."""


_IDS = frozenset({"unit", "then_unit", "round", "municipality"})


def title(notice: Notice, language: Language) -> str:
    """Return the notice in a few words."""
    return sentence(language, f"notices.{notice.kind}-title", _shown(notice.figures))


def text(notice: Notice, base_url: str | None) -> str:
    """Return the notice as plain text, in its language, with a link to what it tells of."""
    language = cast("Language", notice.language)
    shown = _shown(notice.figures)
    lines = [sentence(language, f"notices.{notice.kind}", shown)]
    if "then_unit" in shown:
        lines.append(sentence(language, "notices.then", shown))
    lines += [sentence(language, "notices.reference", {"subject": notice.figures["subject"]})]
    if base_url is not None:
        lines.append(base_url.rstrip("/") + link(notice))
    lines.append(sentence(language, "notices.sent-by-service"))
    lines += [said for _, said in review_notice(language)]
    return "\n\n".join(lines) + "\n"


def message(notice: Notice) -> bytes:
    """Return the notice as a webhook is sent it, the same bytes each time."""
    return encode(
        {
            "kind": notice.kind,
            "made_at": written_instant(notice.made_at),
            "organisation": notice.organisation,
            "round": notice.round,
            "figures": notice.figures,
        }
    )


def link(notice: Notice) -> str:
    """Return the path of what a notice tells of."""
    path = _LINKS.get(notice.kind.partition("-")[0], _ROUNDS)
    return path.format_map({**notice.figures, "round": notice.round})


def _shown(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return figures as texts want them: ids as they stand, and the last day of a period."""
    shown = {
        name: Verbatim(value) if name in _IDS and value else value
        for name, value in figures.items()
    }
    for end, last in (("end", "last"), ("then_end", "then_last")):
        if end in figures:
            shown[last] = last_day(date.fromisoformat(figures[end]))
    return shown
