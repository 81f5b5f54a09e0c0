"""The feed of vacancies: what was published, changed or withdrawn lately, for those looking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from urllib.parse import urlencode

from starlette.responses import Response

from api.feeds.atom import MEDIA_TYPE, Entry, Feed, written
from data.sentences import Language, Verbatim, sentence
from models.store.windows import Vacancy

PERIOD = timedelta(days=90)
"""How far back a feed goes."""

MAX_ENTRIES = 200
"""Most entries of a feed, the newest ones."""

SETTLED = timedelta(seconds=60)
"""After so long no change of an earlier time can come in any more."""

_TAG = "tag:rotations,2026:windows"
"""Names feed and entries (RFC 4151), wherever the service is reached."""


class AtomResponse(Response):
    """An answer that is an Atom feed."""

    media_type = MEDIA_TYPE


def vacancies_feed(
    vacancies: Sequence[Vacancy], language: Language, base: str, asked: Mapping[str, str]
) -> bytes:
    """Return the feed of vacancies in a language.

    Parameters
    ----------
    base
        Where the service is reached, without a slash at the end.
    asked
        The filters that these vacancies passed, by name.
    """
    query = "?" + urlencode(sorted(asked.items())) if asked else ""
    return written(
        Feed(
            id=_TAG + query,
            title=sentence(language, "windows.feed"),
            author="Rotations",
            link=f"{base}/v1/windows/feed.atom{query}",
            language=language,
            entries=[_entry(vacancy, language, base) for vacancy in vacancies],
        )
    )


def answered(
    body: bytes,
    newest: datetime | None,
    now: datetime,
    if_none_match: str | None,
    if_modified_since: str | None,
) -> Response:
    """Return a feed, or 304 where the caller's headers say that they have it as it is.

    Last-Modified counts whole seconds, and a change can come in a little after its time; so it is
    left out until the newest change is `SETTLED`.
    """
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag}
    modified = newest.replace(microsecond=0) if newest and newest < now - SETTLED else None
    if modified is not None:
        headers["Last-Modified"] = format_datetime(modified, usegmt=True)
    if if_none_match is not None:  # it alone counts then (RFC 9110, section 13.2.2)
        had = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
        known = bool(had & {tag, "*"})
    else:
        since = _moment(if_modified_since or "")
        known = since is not None and modified is not None and modified <= since
    return Response(status_code=304, headers=headers) if known else AtomResponse(body, 200, headers)


def _moment(header: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _entry(vacancy: Vacancy, language: Language, base: str) -> Entry:
    window = vacancy.window
    figures = {
        "unit": Verbatim(vacancy.unit.name),
        "site": Verbatim(vacancy.site.name),
        "opens": window.opens,
        "last": window.closes - timedelta(days=1),
    }
    withdrawn = window.withdrawn_at is not None
    return Entry(
        id=f"{_TAG}/{window.id}",
        title=sentence(language, f"windows.{'withdrawn' if withdrawn else 'title'}", figures),
        summary=" ".join(_said(vacancy, language)),
        author=vacancy.organisation.name,
        link=f"{base}/v1/windows/{window.id}",
        published=window.published_at,
        updated=window.changed_at,
        categories=[window.kind, window.certainty, *(["withdrawn"] if withdrawn else [])],
    )


def _said(vacancy: Vacancy, language: Language) -> list[str]:
    """Return the sentences about a vacancy."""
    window = vacancy.window
    figures = {
        "positions": window.positions,
        "percent": window.fte_percent,
        "months": window.min_gp_months,
        "day": window.release_on,
    }
    codes = [window.kind, "size", window.certainty]
    if window.min_gp_months:
        codes.append("experience")
    if window.release_on is not None:
        codes.append("release")
    return [sentence(language, f"windows.{code}", figures) for code in codes]
