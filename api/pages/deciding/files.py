"""Files of the interface, handed on to who is signed in."""

from __future__ import annotations

from starlette.responses import Response

from api.pages.asking import Answer


def handed_on(found: Answer, name: str) -> Response:
    """Return a file of the interface as a download."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(found.content, headers=headers, media_type=found.media_type)
