"""What tests of pages do in a real browser."""

from testing.access import PASSWORD
from testing.browser import Tab


def log_in(tab: Tab, name: str = "ada", password: str = PASSWORD) -> None:
    """By the form, as somebody whom `testing.access.make_person` made."""
    page = tab.open("/ui/login/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/ui/")
