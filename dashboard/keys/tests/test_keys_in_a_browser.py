"""`/ui/keys/` as a browser shows it: from the first key to its end."""

import re

import pytest

from access.models import Key
from testing.access import make_key, make_person, make_project
from testing.browser import Tab, looks_right
from testing.pages import log_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("web")]


def test_a_key_from_its_making_to_its_end(tab: Tab) -> None:
    make_person()
    make_key("viewer", make_project("acme"), name="wall <script>alert(1)</script>", max_priority=3)
    log_in(tab)
    page = tab.open("/ui/keys/")
    looks_right(tab)
    page.get_by_role("link", name="New key").click()
    page.wait_for_url("**/ui/keys/new/")
    page.get_by_text("Restrictions", exact=True).click()
    looks_right(tab)
    page.get_by_label("Name").fill("nightly build")
    page.get_by_label("Networks").fill("10.20.0.0/16")
    page.get_by_role("button", name="Create the key").click()
    page.locator("#key-text").wait_for()
    assert re.fullmatch(r"pct_\w{51}", page.locator("#key-text").inner_text())
    looks_right(tab)
    key = Key.objects.get(name="nightly build")
    page = tab.open(f"/ui/keys/{key.public_id}/")
    looks_right(tab)
    page.get_by_role("link", name="Edit").click()
    page.wait_for_url("**/edit/")
    looks_right(tab)
    page.get_by_label("Highest priority").fill("3")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/ui/keys/{key.public_id}/")
    key.refresh_from_db()
    assert (key.max_priority, key.networks) == (3, ["10.20.0.0/16"])
    page.get_by_text("Revoke it", exact=True).click()
    page.get_by_role("button", name="Revoke nightly build").click()
    page.wait_for_url("**/ui/keys/")
    assert Key.objects.get(name="nightly build").revoked_at is not None
