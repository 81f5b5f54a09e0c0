"""How somebody wants to read: a language, and light or dark; a link chooses, a cookie keeps it."""

from __future__ import annotations

from typing import Literal, get_args

from starlette.requests import Request
from starlette.responses import Response

from api.settings import Settings
from api.web.languages import preferred
from data.sentences import LANGUAGES, Language

Appearance = Literal["auto", "light", "dark"]
APPEARANCES: tuple[Appearance, ...] = get_args(Appearance)

_KEPT_SECONDS = 365 * 86_400


def language(request: Request) -> Language:
    """Return the language that the address asks for, or a cookie, or else the browser."""
    for said in (request.query_params.get("language"), request.cookies.get("language")):
        if said in LANGUAGES:
            return said
    return preferred(request.headers.get("accept-language"))


def appearance(request: Request) -> Appearance:
    """Return light, dark, or as the system is."""
    for said in (request.query_params.get("appearance"), request.cookies.get("appearance")):
        for known in APPEARANCES:
            if said == known:
                return known
    return "auto"


def keep(settings: Settings, request: Request, response: Response) -> None:
    """Keep what the address asks for, beyond this page."""
    asked = request.query_params
    chosen = {
        "language": (language(request), LANGUAGES),
        "appearance": (appearance(request), APPEARANCES),
    }
    for name, (value, known) in chosen.items():
        if asked.get(name) in known:
            response.set_cookie(
                name,
                value,
                max_age=_KEPT_SECONDS,
                httponly=True,
                secure=settings.https,
                samesite="lax",
            )
