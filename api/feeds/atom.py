"""Atom feeds (RFC 4287) as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from api.schemas.fields import written_instant

MEDIA_TYPE = "application/atom+xml"

_NAMESPACE = "http://www.w3.org/2005/Atom"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed without entries was last updated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing told.

    Attributes
    ----------
    id
        An IRI that never changes.
    link
        Address of what it tells of, answered as JSON.
    categories
        Short words for machines.
    """

    id: str
    title: str
    summary: str
    author: str
    link: str
    published: datetime
    updated: datetime
    categories: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Entries, newest first; `link` is the feed's own address."""

    id: str
    title: str
    author: str
    link: str
    language: str
    entries: Sequence[Entry]


def written(feed: Feed) -> bytes:
    """Return the feed as XML in UTF-8, the same bytes for the same feed."""
    root = Element("feed", {"xmlns": _NAMESPACE, "xml:lang": feed.language})
    updated = max((entry.updated for entry in feed.entries), default=_NEVER)
    _head(root, feed.id, feed.title, feed.author, updated)
    SubElement(root, "link", {"rel": "self", "type": MEDIA_TYPE, "href": feed.link})
    for entry in feed.entries:
        element = SubElement(root, "entry")
        _head(element, entry.id, entry.title, entry.author, entry.updated)
        _text(element, "published", written_instant(entry.published))
        link = {"rel": "alternate", "type": "application/json", "href": entry.link}
        SubElement(element, "link", link)
        for term in entry.categories:
            SubElement(element, "category", {"term": term})
        _text(element, "summary", entry.summary)
    content: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _head(element: Element, id_: str, title: str, author: str, updated: datetime) -> None:
    """Write what feeds and entries have in common."""
    _text(element, "id", id_)
    _text(element, "title", title)
    _text(SubElement(element, "author"), "name", author)
    _text(element, "updated", written_instant(updated))


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text
