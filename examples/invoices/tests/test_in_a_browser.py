"""The page of invoices on a whole stack: a PDF that is uploaded, its progress, the load by a schedule, and bad rows."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
from playwright.sync_api import Browser, expect

from examples.invoices.sample import BAD, PDF, rows
from testing.browser import USUAL, Look, Tab, looks_right, open_tab
from testing.stack import PROJECT, Stack, running_stack

pytestmark = [pytest.mark.acceptance, pytest.mark.xdist_group("invoices")]

PATIENCE_MS = 60_000
SETTINGS = {
    "APPS": "examples.invoices",
    "LOAD_TARGETS_FILE": str(PROJECT / "examples/invoices/targets.toml"),
    "SECRETS": '{"database_url": ["load_csv"]}',
    "FLOWER": "0",
    "WORKERS": "1",
}
NIGHTLY = {
    "name": "invoices of the day",
    "operation": "load_csv",
    "arguments": {
        "file": {"$file": {"newest": "invoices*.csv", "max_age_seconds": 86_400, "if_none": "skip"}},
        "target": "books",
        "table": "public.invoice",
        "columns": {"Number": "number", "Customer": "customer", "Day": "day", "Amount": "amount"},
        "mode": "upsert",
        "on_bad_row": "skip",
    },
    "cron": "0 2 * * *",
    "timezone": "Europe/Berlin",
    "tags": ["invoices"],
}


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("invoices"), **SETTINGS) as stack:
        yield stack


def occupy(stack: Stack) -> str:
    """A task that keeps the one worker busy; its address."""
    body = {"operation": "sleep", "arguments": {"seconds": 600}, "priority": 9, "timeout_seconds": 900}
    address = stack.http.post("/tasks/", json=body).headers["Location"]
    stack.wait_until(lambda: stack.http.get(address).json()["status"] == "STARTED")
    return str(address)


def convert(tab: Tab, stack: Stack, query: str = "") -> None:
    """Upload the PDF, and watch it while it waits until it is read."""
    other = occupy(stack)
    page = tab.open("/invoices/")
    page.get_by_label("PDF").set_input_files(PDF)
    page.get_by_role("button", name="Convert").click()
    page.wait_for_url("**/invoices/*-*/")
    if query:
        page.goto(page.url + query)
    bar = page.get_by_role("progressbar")
    expect(bar).to_have_attribute("value", "0")
    expect(page.locator("#conversion")).to_contain_text("Waits for a worker")
    looks_right(tab)
    stack.http.post(f"{other}cancel/")
    expect(bar).to_have_attribute("value", "100", timeout=PATIENCE_MS)
    expect(page.locator("#conversion")).to_contain_text(f"{len(rows()) - 1} rows")


def test_from_the_pdf_to_rows_and_bad_rows(books: Stack, chromium: Browser) -> None:
    with open_tab(chromium, USUAL[0], books.url) as tab:
        convert(tab, books)
        with tab.page.expect_download() as download:
            tab.page.get_by_role("link", name="Download the CSV").click()
        assert download.value.path().read_text().splitlines()[0] == ",".join(rows()[0])

        schedule = books.http.post("/task-schedules/", json=NIGHTLY)
        assert schedule.is_success, schedule.text
        task = books.http.post(f"{schedule.headers['Location']}trigger/").json()
        assert books.http.get(f"/tasks/{task['id']}/?wait=60").json()["status"] == "SUCCESS"

        page = tab.open("/invoices/")
        good = len(rows()) - 1 - len(BAD)
        expect(page.locator("#load")).to_contain_text(f"{good} new, 0 changed, 0 known, {len(BAD)} bad")
        expect(page.locator("#rows")).to_contain_text(f"{good} in the table")
        bad = page.get_by_label("Bad rows").locator("tbody tr")
        for number, (row, values) in enumerate(BAD.items()):
            expect(bad.nth(number).locator("td").first).to_have_text(str(row + 1))
            told = bad.nth(number).inner_text()
            assert any(value in told for value in values), told
        looks_right(tab)


def test_the_bar_follows_by_polling_too_on_a_small_screen(books: Stack, chromium: Browser) -> None:
    with open_tab(chromium, Look("dark", 320), books.url) as tab:
        convert(tab, books, "?by=polling")
        looks_right(tab)


def test_what_is_no_pdf_is_told(books: Stack, chromium: Browser) -> None:
    with open_tab(chromium, USUAL[0], books.url) as tab:
        page = tab.open("/invoices/")
        page.get_by_label("PDF").set_input_files(
            {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"no PDF"}
        )
        page.get_by_role("button", name="Convert").click()
        expect(page.locator("#conversion .error")).to_contain_text("PDF", timeout=PATIENCE_MS)


def test_what_is_not_its_own_is_refused(books: Stack) -> None:
    other = books.http.post("/tasks/", json={"operation": "1+1"}).json()["id"]
    for path in (f"/invoices/{other}/", f"/invoices/{other}/progress/"):
        assert books.http.get(path).status_code == HTTPStatus.NOT_FOUND
    nothing = books.http.post("/invoices/upload/")
    assert nothing.status_code == HTTPStatus.BAD_REQUEST
    assert "This field is required." in nothing.text
    elsewhere = books.http.post("/invoices/upload/", headers={"Origin": "https://evil.example"})
    assert elsewhere.status_code == HTTPStatus.FORBIDDEN
