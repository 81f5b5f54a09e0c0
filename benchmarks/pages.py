"""How soon the pages of a large plan appear in a browser, and how much they send.

``python -m benchmarks.pages [--preset national] [--seconds 60] [--times 5] [--plan plan.json]``

Serves the sample in a temporary folder, imports a made-up round, hands in a plan of it (the given
one, or the best that a search of so many seconds finds) and opens each page in Debian's Chromium,
with nothing in its cache. Told are medians: milliseconds until the answer has begun, until there is
something to see, and until all is there; kilobytes as they were sent; elements. Service and browser
share the machine: say which one it was beside the numbers.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from httpx2 import Client
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.reads import ORGANISATION, PROGRAM
from data.documents import write_plan, write_round
from data.synthetic import PRESETS, generate
from scheduler.planner import plan_round
from scheduler.rounds import Round
from scheduler.watch import Limits, Watch

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run")
PAGES = ("", "?zoom=quarter", "?zoom=week", "?status=free", "/proof", "/people")
TIMING = """() => {
    const [way] = performance.getEntriesByType("navigation");
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    return [way.responseStart, paint.startTime, way.loadEventEnd,
            document.querySelectorAll("*").length];
}"""


@dataclass(frozen=True, slots=True)
class Visit:
    """One opening of a page: milliseconds from the click, bytes sent, elements of the page."""

    answered: float
    painted: float
    loaded: float
    sent: int
    elements: int


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--preset", choices=sorted(PRESETS), default="national")
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--times", type=int, default=5)
    options.add_argument("--plan", type=Path, help="a plan of the preset with seed 1")
    asked = options.parse_args()
    round_ = generate(asked.preset, 1)
    plan = asked.plan.read_bytes() if asked.plan else _planned(round_, asked.seconds)
    with TemporaryDirectory() as folder, _serving(Path(folder)) as url:
        address = _hand_in(url, Path(folder), round_, json.loads(plan))
        placed = len(json.loads(plan)["placements"])
        print(f"{asked.preset}: {len(round_.units)} units, {placed} placements")
        print(f"{'page':16} {'answer':>8} {'paint':>8} {'load':>8} {'kB':>8} {'elements':>9}")
        with _visiting(url, Path(folder)) as browser:
            for path in PAGES:
                _tell(path, [_visit(browser, f"{address}{path}") for _ in range(asked.times)])


def _planned(round_: Round, seconds: float) -> bytes:
    return write_plan(plan_round(round_, Limits(seconds=seconds), Watch(clock=monotonic)))


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    """Serve the sample and yield the address."""
    command = [*PROGRAM, "serve", "--port", "0", "--sample", "finnmark", "--data-dir", str(folder)]
    with subprocess.Popen(  # noqa: S603 - the command is ours
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://[\d.]+:\d+", process.stdout.readline())
            assert found is not None, "the service has not begun"
            yield found[0]
        finally:
            process.terminate()


def _said(folder: Path, command: str, *words: str) -> str:
    """Return what a command of the program prints for a planner."""
    whole = [*PROGRAM, command, "--role", "planner", "--org", ORGANISATION, *words]
    made = subprocess.run(  # noqa: S603 - the command is ours
        [*whole, "--data-dir", str(folder)], stdout=subprocess.PIPE, text=True, check=True
    )
    return made.stdout


def _hand_in(url: str, folder: Path, round_: Round, plan: Mapping[str, Any]) -> str:
    """Import a round, hand in its plan, and return the address of the plan's page."""
    kept = ("candidate", "window", "start")
    sent = {
        "format": plan["format"],
        "round": plan["round"],
        "placements": [{name: each[name] for name in kept} for each in plan["placements"]],
    }
    headers = {"Authorization": f"Bearer {_said(folder, 'token').strip()}"}
    with Client(base_url=url, headers=headers, timeout=600) as client:
        made = client.post(
            "/v1/rounds/import",
            params={"organisation": ORGANISATION},
            content=write_round(round_),
            headers={"Content-Type": "application/json"},
        )
        made.raise_for_status()
        handed = client.post(f"{made.headers['location']}/plans/hand", json=sent)
        handed.raise_for_status()
    return f"{url}{handed.headers['location'].removeprefix('/v1')}"


@contextmanager
def _visiting(url: str, folder: Path) -> Iterator[Page]:
    """Yield the window of a planner who is signed in, without a cache."""
    found = re.search(r"/sign-in/\S+", _said(folder, "link", "--url", url))
    assert found is not None, "there is a link"
    with sync_playwright() as playwright:
        browser: Browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{url}{found[0]}")
        page.locator("main form button").click()
        yield page
        browser.close()


def _visit(page: Page, address: str) -> Visit:
    """Open a page, and return what that took."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address, wait_until="networkidle")
    answered, painted, loaded, elements = page.evaluate(TIMING)
    session.detach()
    return Visit(answered, painted, loaded, int(sum(sizes)), elements)


def _tell(path: str, visits: list[Visit]) -> None:
    print(
        f"{path or '(timeline)':16} {median(v.answered for v in visits):8.0f}"
        f" {median(v.painted for v in visits):8.0f} {median(v.loaded for v in visits):8.0f}"
        f" {median(v.sent for v in visits) / 1000:8.1f} {visits[0].elements:9}"
    )


if __name__ == "__main__":
    main()
