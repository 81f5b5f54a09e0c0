"""Lists as workbooks: the template fetched from a page, filled in, and sent back."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import Workbook, load_workbook
from playwright.sync_api import FilePayload, Page


def filled(page: Page, change: dict[str, Any]) -> bytes:
    """Fetch the template, and fill cells in: ``Ark!A2``."""
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Hent Excel-malen").click()
    book: Workbook = load_workbook(io.BytesIO(fetched.value.path().read_bytes()))
    for where, value in change.items():
        sheet, _, cell = where.partition("!")
        book[sheet][cell] = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def upload(page: Page, content: bytes) -> None:
    """Send a workbook in."""
    file = FilePayload(name="liste.xlsx", mimeType="application/octet-stream", buffer=content)
    page.get_by_label("Utfylt mal (xlsx)").set_input_files(file)
    page.get_by_role("button", name="Last opp").click()
