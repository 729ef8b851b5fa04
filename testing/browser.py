"""A real browser that looks at pages of the real web server: `tab`, and `looks_right(tab)`.

`make test` looks in two ways, `make test-ui` in all of `LOOKS`.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, sync_playwright

from testing.web import Web

CHROMIUM = "chromium"
ALL_LOOKS = "UI_LOOKS"
"""An environment variable: `all` looks in each way."""
SLOW_MS = 30_000
MOST_TABS = 200
# On the page's own thread: what does not move sideways, and what a rule of accessibility says.
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
AXE_RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}


@dataclass(frozen=True)
class Look:
    """How somebody looks at pages. `width` is in pixels."""

    scheme: Literal["light", "dark"]
    width: int
    script: bool = True

    def __str__(self) -> str:
        return f"{self.scheme}-{self.width}{'' if self.script else '-without-script'}"


SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LOOKS = [Look(*each) for each in product(SCHEMES, (1280, 320), (True, False))]
USUAL = [Look("light", 1280), Look("dark", 320)]


@dataclass
class Tab:
    """A page that is open, and what its browser complained of so far."""

    page: Page
    look: Look
    url: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str, *, status: int = 200) -> Page:
        """Go there, by an address of this service."""
        answer = self.page.goto(self.url + path)
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}\n{answer.text()[:2_000]}"
        return self.page

    def hears(self, message: ConsoleMessage) -> None:
        """Remember what the console says of errors."""
        if message.type == "error":
            self.complaints.append(message.text)


def looks_right(tab: Tab) -> None:
    """Fails unless nothing breaks the policy for content, nothing moves sideways, and axe finds nothing."""
    assert tab.complaints == []
    assert tab.page.evaluate(SIDEWAYS) <= 0, f"{tab.page.url} moves sideways at {tab.look.width} px"
    if not tab.look.script:
        return  # axe is a script itself, and waits by timers that do not run there
    found = Axe().run(tab.page, options={**AXE_RULES, "resultTypes": ["violations"]})
    told = [
        f"{each['id']} ({each['impact']}): {each['help']}\n"
        + "\n".join(node["html"][:300] for node in each["nodes"])
        for each in found.response["violations"]
    ]
    assert told == [], f"{tab.page.url}\n" + "\n".join(told)


def reach(page: Page, wanted: Locator) -> None:
    """Go there by Tab alone, as whoever has no mouse; fails where that does not lead there."""
    for _ in range(MOST_TABS):
        if wanted.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the key Tab does not lead to {wanted}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test of `tab` looks in every way that is asked for."""
    if "look" in metafunc.fixturenames:
        looks = LOOKS if os.environ.get(ALL_LOOKS) == "all" else USUAL
        metafunc.parametrize("look", looks, ids=str)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. Its driver has an event loop in this thread, for which Django would refuse queries."""
    path = shutil.which(CHROMIUM)
    if path is None:
        pytest.skip(f"{CHROMIUM} is not installed")
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as driver:
            # Without its sandbox, for tests may run as root.
            browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
            yield browser
            browser.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@contextmanager
def open_tab(browser: Browser, look: Look, url: str, **options: Any) -> Iterator[Tab]:
    """A tab in a browser of its own: no cookies, nothing remembered."""
    context = browser.new_context(
        viewport={"width": look.width, "height": 900},
        color_scheme=look.scheme,
        java_script_enabled=look.script,
        reduced_motion="reduce",
        **options,
    )
    context.set_default_timeout(SLOW_MS)
    tab = Tab(context.new_page(), look, url)
    tab.page.on("console", tab.hears)
    tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
    try:
        yield tab
    finally:
        context.close()


@pytest.fixture
def tab(chromium: Browser, web: Web, look: Look) -> Iterator[Tab]:
    """A tab that looks at the web server of the tests. What it is to see must be committed (`transactional_db`)."""
    with open_tab(chromium, look, web.url) as opened:
        yield opened


NewTab = Callable[..., Tab]


@pytest.fixture
def new_tab(chromium: Browser, web: Web) -> Iterator[NewTab]:
    """For tests that look in one way, or more than once at a time: `new_tab(Look("light", 1280), locale="de")`."""
    opened: list[Any] = []

    def begin(look: Look = USUAL[0], **options: Any) -> Tab:
        context = open_tab(chromium, look, web.url, **options)
        opened.append(context)
        return context.__enter__()

    yield begin
    for context in opened:
        context.__exit__(None, None, None)
