"""`manage.py people`."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from access.models import Person, Session
from testing.access import PASSWORD, Browser, make_person, make_project

pytestmark = pytest.mark.django_db

OTHER = "another long password"


@pytest.fixture(autouse=True)
def stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes in, without a terminal."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n" * 3))


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("people", *arguments, stdout=out)
    return out.getvalue().strip()


def refused(*arguments: str) -> str:
    with pytest.raises(CommandError) as error:
        run(*arguments)
    return str(error.value)


def test_create() -> None:
    make_project("acme")
    assert run("create", "Ada@Example.com", "--role", "admin", "--project", "acme=viewer") == (
        "ada@example.com  admin  acme=viewer"
    )
    assert Browser().log_in("ada@example.com").status_code == 303
    assert run("list") == "ada@example.com  admin  acme=viewer"


def test_the_password_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{OTHER}\n")
    run("create", "ada", "--role", "admin", "--password-file", str(file))
    assert Browser().log_in(password=OTHER).status_code == 303
    assert "cannot be read" in refused("password", "ada", "--password-file", str(tmp_path / "none"))


def test_no_password_is_taken_from_the_command_line() -> None:
    with pytest.raises((CommandError, SystemExit)):
        run("create", "ada", "--role", "admin", "--password", PASSWORD)


def test_the_first_must_be_an_administrator() -> None:
    make_project("acme")
    assert "must have the role admin" in refused("create", "ada", "--project", "acme=admin")
    assert not Person.objects.exists()
    run("create", "ada", "--role", "admin")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["create", "ada"], "name must be a name that nobody has yet, got ada"),
        (["create", "two words"], "name must have 1 to 150 characters"),
        (["create", "bob", "--project", "none=viewer"], "there is no project none"),
        (["create", "bob", "--project", "viewer"], "must be a project's slug"),
        (["role", "nobody", "--role", "viewer"], "there is nobody who is called nobody"),
    ],
)
def test_refusals(arguments: list[str], told: str) -> None:
    make_person()
    assert told in refused(*arguments)


def test_a_weak_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert "password is too short" in refused("create", "ada", "--role", "admin")


def test_what_changes_ends_sessions() -> None:
    make_person(password=OTHER)
    browser = Browser()
    browser.log_in(password=OTHER)
    run("password", "ada")
    assert not Session.objects.exists()
    assert browser.log_in().status_code == 303
    assert run("deactivate", "ada") == "ada  admin  deactivated"
    assert not Session.objects.exists()
    assert browser.log_in().status_code == 422
    assert run("activate", "ada") == "ada  admin"
    assert browser.log_in().status_code == 303


def test_roles() -> None:
    make_person()
    make_project("acme")
    assert run("role", "ada", "--project", "acme=operator") == "ada  admin  acme=operator"
    assert run("role", "ada", "--role", "viewer", "--project", "acme=none") == "ada  viewer"
    assert run("role", "ada", "--role", "none") == "ada  -"
