"""`/ui/files/` as a browser shows it."""

import re

import pytest

from files.models import File
from testing.browser import Tab, looks_right
from testing.files import stored

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("web")]

HOSTILE = "<script>alert(1)<|script>\u202e" + "long" * 40
ROWS = b"".join(b"bolt,7,%s\n" % (b"wide" * 30) for _ in range(60))


def test_a_file_until_it_is_deleted(tab: Tab) -> None:
    file = stored(HOSTILE, ROWS)
    page = tab.open("/ui/files/")
    looks_right(tab)
    page.locator("tbody a").first.click()
    page.wait_for_url(f"**/ui/files/{file.id}/")
    looks_right(tab)
    page.get_by_role("link", name="Edit").click()
    page.wait_for_url("**/edit/")
    looks_right(tab)
    page.get_by_label("Name").fill("orders.csv")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/ui/files/{file.id}/")
    assert page.get_by_role("heading", level=1).inner_text() == "orders.csv"
    page.get_by_role("link", name="Delete").click()
    page.wait_for_url("**/delete/")
    looks_right(tab)
    page.get_by_role("button", name="Delete it").click()
    page.wait_for_url("**/ui/files/")
    assert not File.objects.exists()


def test_an_upload_leads_to_the_file(tab: Tab) -> None:
    page = tab.open("/ui/files/upload/")
    looks_right(tab)
    page.get_by_label("File").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": ROWS})
    page.get_by_label("Name").fill("../a")
    with page.expect_console_message():  # which tells of the status
        page.get_by_role("button", name="Upload").click()
    page.get_by_role("alert").wait_for()
    tab.complaints.clear()
    assert "not a path" in page.get_by_role("alert").inner_text()
    looks_right(tab)
    page.get_by_label("File").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": ROWS})
    page.get_by_role("button", name="Upload").click()
    page.wait_for_url(re.compile(r"/ui/files/[0-9a-f-]{36}/$"))
    assert page.get_by_role("heading", level=1).inner_text() == "a.csv"
    assert File.objects.get().size == len(ROWS)
