"""`/ui/people/` as a browser shows it."""

import pytest

from access.models import Person
from testing.access import PASSWORD, make_person
from testing.browser import Tab, looks_right
from testing.pages import log_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("web")]


def test_somebody_is_made_and_deactivated(tab: Tab) -> None:
    make_person(acme="viewer")
    log_in(tab)
    page = tab.open("/ui/people/")
    looks_right(tab)
    page.get_by_role("link", name="New person").click()
    page.wait_for_url("**/ui/people/new/")
    looks_right(tab)
    page.get_by_label("Name").fill("eve@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Project").select_option("acme")
    page.get_by_label("Role there").select_option("operator")
    page.get_by_role("button", name="Make the person").click()
    page.get_by_role("heading", name="eve@example.com").wait_for()
    looks_right(tab)
    page.get_by_role("button", name="Deactivate").click()
    page.get_by_role("button", name="Activate", exact=True).wait_for()
    person = Person.objects.get(name="eve@example.com")
    assert (person.role, person.is_active) == (None, False)
    assert dict(person.roles.values_list("project__slug", "role")) == {"acme": "operator"}
