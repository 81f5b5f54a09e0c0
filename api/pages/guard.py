"""What another site makes a browser send is refused: nobody may act in somebody's name."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

from api.web.calls import WITHOUT_BODY

OWN = frozenset({"same-origin", "none"})
"""What browsers say of a request that a page of ours, or the reader, has begun."""


class Foreign(Exception):
    """The request was begun by a page that is none of ours."""


def expect_own(request: Request, base_url: str | None) -> None:
    """Make sure that a change is asked for by a page of ours.

    Parameters
    ----------
    base_url
        Where people reach the service; None = where the request went.

    Raises
    ------
    Foreign
        Where it is not, or nobody can tell.
    """
    if request.method in WITHOUT_BODY:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        is_own = site in OWN
    else:  # an older browser
        is_own = request.headers.get("origin") == origin(base_url or str(request.base_url))
    if not is_own:
        raise Foreign


def origin(address: str) -> str:
    """Return scheme, host and port of an address, as a browser writes them."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
