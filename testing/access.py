"""Keys, people and projects for tests, and what a process knows of them."""

import math
import re
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, cast

from django.contrib.auth.hashers import make_password
from django.http import HttpResponse
from django.test import Client

from access import known
from access.key_text import KeyText, new_key
from access.models import Key, Person, PersonRole, Project

PASSWORD = "correct horse battery"  # noqa: S105 (of tests)


def assume_open() -> None:
    """This process knows that there is no key, and need not ask."""
    known.openness.keep(None, known.Openness(is_open=True), until=math.inf)


def make_project(slug: str = "acme", **fields: object) -> Project:
    """A row."""
    project: Project = Project.objects.create(slug=slug, **{"name": slug, **fields})
    known.forget()
    return project


def make_key(role: str | None = "admin", project: Project | None = None, **fields: object) -> KeyText:
    """A key, and its text. The process forgets what it knew, and a service that was open is closed."""
    text = new_key()
    Key.objects.create(
        public_id=text.id,
        name=str(fields.pop("name", role)),
        role=role,
        project=project,
        digest=text.digest,
        last_characters=text.last_characters,
        **fields,
    )
    known.forget()
    return text


def make_person(
    name: str = "ada",
    role: str | None = "admin",
    password: str = PASSWORD,
    *,
    is_active: bool = True,
    **roles: str,
) -> Person:
    """A person with this role, and with others in projects, which are made where they are not there."""
    person: Person = Person.objects.create(
        name=name, role=role, password=_hashed(password), is_active=is_active
    )
    for slug, each in roles.items():
        project, _ = Project.objects.get_or_create(slug=slug, defaults={"name": slug})
        PersonRole.objects.create(person=person, project=project, role=each)
    known.forget()
    return person


@cache
def _hashed(password: str) -> str:
    """Each hash takes its time."""
    return make_password(password)


class Browser:
    """Somebody who opens pages and sends forms: it keeps cookies, and sends the token that a page has."""

    def __init__(self, **headers: str) -> None:
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False, headers=headers)

    def get(self, path: str, **more: Any) -> Any:
        """Open a page."""
        return self.client.get(path, **more)

    def read(self, path: str) -> str:
        """What a page shows, which has to open."""
        answer = self.get(path)
        assert answer.status_code == HTTPStatus.OK, answer.content
        return str(answer.content.decode())

    def send(
        self, path: str, fields: Mapping[str, Any], *, page: str | None = None, **more: Any
    ) -> HttpResponse:
        """Send the form of a page, by default of the one with the same path."""
        token = self.token(page or path)
        return cast("HttpResponse", self.client.post(path, {**fields, "csrfmiddlewaretoken": token}, **more))

    def token(self, page: str) -> str:
        """What this page's form has."""
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(page).content.decode())
        assert found, f"{page} has no form"
        return found[1]

    def log_in(self, name: str = "ada", password: str = PASSWORD, **more: str) -> HttpResponse:
        """Send the form for that."""
        return self.send("/ui/login/", {"name": name, "password": password, **more})


def logged_in(name: str = "ada") -> Browser:
    """A browser in which this person has logged in."""
    browser = Browser()
    assert browser.log_in(name).status_code == HTTPStatus.SEE_OTHER
    return browser
