"""Back to the page that somebody asked for before signing in.

Where to is kept by the browser alone, in a cookie that no other site sets: nothing in an address
says it, so that no link to the sign-in page leads anywhere else.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from api.pages import sessions
from api.settings import Settings

NAME = "rotations-wanted"
"""The cookie that knows the page."""

_SECONDS = 1800
_LONGEST = 2000
_OWN = re.compile(r"/(?!sign-)[\w.\-~%]+(?:/[\w.\-~%]+)*/?(?:\?[\w.\-~%=&+,:/]*)?", re.ASCII)
"""A path of ours with what is asked of it: no host, and nothing that a browser takes for one."""


def remember(settings: Settings, request: Request, response: Response) -> None:
    """Let the browser keep which page was asked for; of a part of a page, the page around it."""
    wanted = str(request.url)
    if "hx-request" in request.headers:
        wanted = request.headers.get("hx-current-url", "")
    parts = urlsplit(wanted)
    path = quote(parts.path, safe="/%") + (f"?{parts.query}" if parts.query else "")
    if _is_own(path):
        sessions.set_cookie(settings, response, NAME, quote(path, safe=""), _SECONDS)


def remembered(settings: Settings, request: Request) -> str:
    """Return the page that was asked for; the front page where there is none."""
    path = unquote(request.cookies.get(sessions.cookie(settings, NAME), ""))
    return path if _is_own(path) else "/"


def forget(settings: Settings, response: Response) -> None:
    """Let the browser forget the page."""
    sessions.drop_cookie(settings, response, NAME)


def _is_own(path: str) -> bool:
    return len(path) <= _LONGEST and _OWN.fullmatch(path) is not None
