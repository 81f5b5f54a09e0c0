"""Files that are answered with: what they are called, and how the description speaks of them."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from api.web.problems import answers

JSON = "application/json"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
ICS = "text/calendar; charset=utf-8"
HTML = "text/html; charset=utf-8"


def file_answers(media_type: str, *codes: str) -> dict[int | str, dict[str, Any]]:
    """Return the description of an operation that answers with a file, or with these problems."""
    schema = {"type": "object"} if media_type == JSON else {"type": "string", "format": "binary"}
    content = {media_type.partition(";")[0]: {"schema": schema}}
    return {200: {"description": "The file.", "content": content}, **answers(*codes)}


def download(name: str, media_type: str, content: bytes) -> Response:
    """Return a file that is to be kept under a name."""
    return Response(
        content,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
        media_type=media_type,
    )
