"""A browser and a running service for the tests of a module.

Not for longer: while the browser runs, its library keeps an event loop running in this thread, in
which no other test could run one of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.api.conftest import embedded
from tests.api.identity.test_real_issuer import issuer
from tests.pages.browsing import CHROMIUM, Desk, chromium, desk

__all__ = ["browser", "embedded", "finnmark", "issuer"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists() and "CI" not in os.environ:
        pytest.skip("needs Debian's Chromium")
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def finnmark(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Serve the Finnmark sample, with a worker; no script may fail meanwhile."""
    folder = tmp_path_factory.mktemp("finnmark")
    with desk(browser, folder, "--sample", "finnmark") as opened:
        yield opened
        assert opened.faults == []
