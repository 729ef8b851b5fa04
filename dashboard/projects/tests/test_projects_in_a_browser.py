"""`/ui/projects/` as a browser shows it: made, limited and frozen."""

import pytest

from access.models import Project
from testing.access import make_person, make_project
from testing.browser import Tab, looks_right
from testing.pages import log_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("web")]


def test_a_project_from_its_making_to_its_freezing(tab: Tab) -> None:
    make_person()
    make_project("long", name="wall <script>alert(1)</script> " * 3, quotas={"waiting_tasks": 2_000_000_000})
    log_in(tab)
    page = tab.open("/ui/projects/")
    looks_right(tab)
    page.get_by_label("Slug").fill("acme")
    page.get_by_role("button", name="Make it").click()
    page.wait_for_url("**/ui/projects/acme/settings/")
    looks_right(tab)
    page.get_by_label("Waiting tasks").fill("100")
    page.get_by_role("button", name="Set the limits").click()
    page.get_by_text("acme is changed").wait_for()
    page.get_by_role("button", name="Freeze").click()
    page.get_by_role("button", name="Thaw").wait_for()
    looks_right(tab)
    project = Project.objects.get(slug="acme")
    assert (project.status, project.quotas) == ("frozen", {"waiting_tasks": 100})
