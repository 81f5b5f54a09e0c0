"""What browsers fetch beside a page: styles and scripts, at addresses that name their content."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from mimetypes import guess_type

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.web.headers import LASTING
from api.web.problems import Problem

router = APIRouter(include_in_schema=False)


class Unbuilt(Exception):
    """A file that ``make assets`` fetches is not there."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that is handed out."""

    content: bytes
    media_type: str
    digest: str


@cache
def file(name: str) -> File:
    """Return a file by its name below ``static/``.

    Raises
    ------
    Unbuilt
        There is none: ``make assets`` has not been run, or the name is wrong.
    """
    place = files("api.pages") / "static"
    for step in name.split("/"):
        place /= step
    if not place.is_file():
        raise Unbuilt(f"{name}: make assets")
    content = place.read_bytes()
    return File(content, guess_type(name)[0] or "", sha256(content).hexdigest()[:16])


def address(name: str) -> str:
    """Return where a file is found: another content has another address."""
    return f"/static/{file(name).digest}/{name}"


@router.get("/static/{digest}/{name:path}", operation_id="page_file")
def handed_out(request: Request, digest: str, name: str) -> Response:
    """Hand out a file, to be kept for ever."""
    try:
        found = None if ".." in name else file(name)
    except (Unbuilt, OSError):  # a name that no file can have
        found = None
    if found is None or found.digest != digest:
        raise Problem("not-found")
    setattr(request.state, LASTING, True)
    return Response(found.content, media_type=found.media_type)
