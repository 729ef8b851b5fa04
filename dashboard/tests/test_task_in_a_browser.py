"""Pages of tasks, as a browser shows them."""

import pytest

from tasks_api.models import Task
from testing.browser import NewTab, Tab, looks_right

pytestmark = pytest.mark.usefixtures("seeded", "broker")


def test_a_task_in_each_state_looks_right(tab: Tab) -> None:
    for task in Task.objects.order_by("status", "id").distinct("status"):
        tab.open(f"/ui/tasks/{task.id}/")
        looks_right(tab)


@pytest.mark.parametrize("verb", ["cancel", "retry", "priority", "again"])
def test_what_can_be_done_with_it_looks_right(new_tab: NewTab, verb: str) -> None:
    task = Task.objects.filter(operation="calculate").latest("id")
    tab = new_tab()
    tab.open(f"/ui/tasks/{task.id}/{verb}/")
    looks_right(tab)


def test_a_new_task_by_keyboard_alone(new_tab: NewTab) -> None:
    task = Task.objects.filter(operation="calculate").latest("id")
    page = new_tab().open(f"/ui/tasks/{task.id}/again/")
    page.get_by_label("expression").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("6*7")
    page.get_by_role("button", name="Run it").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/again/" not in url)
    assert Task.objects.filter(arguments={"expression": "6*7"}).count() == 1


# What the page's own script has let through, of two clicks; neither leaves the page.
CLICK_TWICE = """() => {
  const form = document.querySelector("main form"), isHeldBack = [];
  addEventListener("submit", (event) => { isHeldBack.push(event.defaultPrevented); event.preventDefault(); });
  form.requestSubmit();
  form.requestSubmit();
  return isHeldBack;
}"""


def test_a_second_click_sends_nothing(new_tab: NewTab) -> None:
    task = Task.objects.filter(operation="calculate").latest("id")
    page = new_tab().open(f"/ui/tasks/{task.id}/again/")
    page.get_by_label("expression").fill("6*7")
    assert page.evaluate(CLICK_TWICE) == [False, True]
