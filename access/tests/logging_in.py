"""What tests of people who log in have in common."""

from django.http import HttpResponse

from testing.access import PASSWORD, Browser

OTHER = "another long password"


def is_in(browser: Browser) -> bool:
    status: int = browser.get("/ui/").status_code
    assert status in (200, 303)
    return status == 200


def change_password(browser: Browser, **fields: str) -> HttpResponse:
    return browser.send("/ui/password/", {"current": PASSWORD, "new": OTHER, "again": OTHER, **fields})
