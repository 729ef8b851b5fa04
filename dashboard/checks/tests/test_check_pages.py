"""`/ui/checks/`."""

import pytest
from pytest_django import DjangoAssertNumQueries

from dashboard.shell import strip
from schedules.api import checks
from tasks_api.health.checks.check import Check
from tasks_api.health.checks.found import fail, ok
from testing.access import Browser, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("broker")]

HOSTILE = "<script>alert(1)</script>"


def test_it_works() -> None:
    page = Browser().read("/ui/checks/")
    for text in ("Postgres version", "no worker and no sweeper and no beat is alive", "manage.py start"):
        assert text in page


def test_the_worst_comes_first_and_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    found: tuple[Check[object], ...] = (
        Check("good", lambda _: ok("well")),
        Check("bad", lambda _: fail(HOSTILE, HOSTILE)),
    )
    monkeypatch.setattr(checks, "CHECKS", found)
    page = Browser().read("/ui/checks/")
    assert HOSTILE not in page
    assert page.index('id="check-bad"') < page.index('id="check-good"')


def test_it_costs_few_statements(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    make_person()
    browser = Browser()
    browser.log_in()
    strip.forget()  # it is asked for, too
    with django_assert_max_num_queries(12):
        browser.read("/ui/checks/")


@pytest.mark.parametrize("roles", [{"role": "viewer"}, {"role": None, "own": "operator"}])
def test_it_is_for_operators_of_the_installation(roles: dict[str, str]) -> None:
    make_person(**roles)  # type: ignore[arg-type]
    browser = Browser()
    browser.log_in()
    assert browser.get("/ui/checks/").status_code == 403
