"""What the tests of access begin with."""

import pytest

from access import known
from access.models import Person
from testing.access import Browser, make_person


@pytest.fixture(autouse=True)
def nothing_is_known(open_access: None) -> None:
    """This process asks the database, as one that has just begun."""
    known.forget()


@pytest.fixture
def ada() -> Person:
    """She may do everything."""
    return make_person()


@pytest.fixture
def browser() -> Browser:
    """A browser in which nobody has logged in."""
    return Browser()


@pytest.fixture
def hers(ada: Person, browser: Browser) -> Browser:
    """A browser in which Ada has logged in."""
    assert browser.log_in().status_code == 303
    return browser
