"""`/ui/audit/` as a browser shows it."""

import json
from pathlib import Path

import pytest

from testing.access import make_key, make_person
from testing.api import Api
from testing.browser import Tab, looks_right
from testing.pages import log_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("web")]


def test_events_are_filtered_and_taken_away(tab: Tab, tmp_path: Path) -> None:
    make_person()
    caller = Api(make_key(name="nightly").text)
    made = caller.post("/task-schedules/", {"operation": "4+7", "every_x_days": 3, "name": "report"}).json
    caller.send("PATCH", f"/task-schedules/{made['id']}/", b'{"priority": 8}')
    log_in(tab)
    page = tab.open("/ui/audit/")
    looks_right(tab)
    page.get_by_label("Action").select_option("schedule.update")
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url("**/ui/audit/?*")
    page.get_by_text("1 field", exact=True).click()
    page.get_by_text("5 → 8").wait_for()
    looks_right(tab)
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as NDJSON").click()
    download.value.save_as(tmp_path / "audit.ndjson")
    [line] = (tmp_path / "audit.ndjson").read_text().splitlines()
    assert json.loads(line)["changes"] == {"priority": {"before": 5, "after": 8}}
