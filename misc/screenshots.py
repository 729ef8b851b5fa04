"""Pictures of pages for the documentation: a whole stack, some work for it, and a browser. `make screenshots`."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import sync_playwright

from testing.browser import CHROMIUM, Look, open_tab
from testing.stack import Stack, running_stack

FOLDER = Path(__file__).resolve().parent.parent / "docs/images"
PAGES = {"overview": "/ui/", "tasks": "/ui/tasks/", "schedules": "/ui/schedules/"}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SETTLE_SECONDS = 75
"""Until schedules have run, and the roll-up has counted what ended."""
SCHEDULES: tuple[dict[str, Any], ...] = (
    {"name": "Nightly invoices", "cron": "0 2 * * *", "timezone": "Europe/Berlin"},
    {"name": "Health of the shop", "every_x_minutes": 1},
    {"name": "Weekly report", "cron": "0 9 * * 1", "timezone": "America/New_York"},
    {"name": "Clean up uploads", "every_x_hours": 6},
    {"name": "Exchange rates", "every_x_minutes": 15},
    {"name": "Sync customers", "every_x_minutes": 5},
    {"name": "Import from the old shop", "every_x_hours": 1},
)


def main() -> None:
    """Take them all."""
    path = shutil.which(CHROMIUM)
    if path is None:
        raise SystemExit(f"{CHROMIUM} is not installed")
    with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder), WORKERS="4") as stack:
        work(stack)
        time.sleep(SETTLE_SECONDS)
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
            for scheme, (name, address) in product(SCHEMES, PAGES.items()):
                with open_tab(browser, Look(scheme, 1280), stack.url) as tab:
                    page = tab.open(address)
                    page.wait_for_load_state()
                    page.screenshot(path=FOLDER / f"{name}-page-{scheme}.png", clip=_top(page.viewport_size))
            browser.close()


def _top(size: Any) -> Any:
    return {"x": 0, "y": 0, "width": size["width"], "height": size["height"]}


def work(stack: Stack) -> None:
    """What a shop might have it do."""
    for path, body in _bodies():
        answer = stack.http.post(path, json=body)
        assert answer.is_success, answer.text  # noqa: S101 (we wrote the bodies)
    found = stack.http.get("/task-schedules/", params={"name": "Import from the old shop"}).json()["results"]
    stack.http.post(f"/task-schedules/{found[0]['id']}/pause/", json={"reason": "the disk is full"})


def _bodies() -> Iterator[tuple[str, Any]]:
    for schedule in SCHEDULES:
        yield "/task-schedules/", {"operation": "calculate", "arguments": {"expression": "4+7"}, **schedule}
    sums = [
        {"operation": "calculate", "arguments": {"expression": f"{number} * 1.19"}} for number in range(240)
    ]
    wrong = [{"operation": "calculate", "arguments": {"expression": f"{number} / 0"}} for number in range(6)]
    calls = [
        {"operation": "http_request", "arguments": {"url": "http://127.0.0.1:9/"}, "max_attempts": 1}
    ] * 3
    long = [{"operation": "sleep", "arguments": {"seconds": seconds}} for seconds in (150, 240, 400)]
    yield "/tasks/batch-request/", [*sums, *wrong, *calls, *long]


if __name__ == "__main__":
    os.environ.setdefault("DEVELOPMENT", "1")
    main()
