"""What comes in and goes out at `/people/`."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from access.actions.people import Changes
from access.api.key_forms import MOST_LISTED, KeyRole
from access.api.project_forms import project_named
from access.models import Person, Project
from access.people import names, passwords
from rest.input import Strict, read_body, refusal
from rest.json import instant_text
from rest.problems import FieldError, InvalidInput
from values.wording import received

MOST_SHOWN = 64
"""Characters of what is no slug: one more than a slug has."""


def _name(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return names.read_name(value)
    except names.NoName as error:
        raise refusal("invalid_name", f"{error}, got {received(value)}") from None


PersonName = Annotated[str, BeforeValidator(_name), Field(max_length=names.LONGEST)]
Password = Annotated[str, Field(max_length=passwords.LONGEST)]
Roles = Annotated[dict[str, KeyRole | None], Field(max_length=MOST_LISTED)]


class PersonChanges(Strict):
    """The body of `PATCH /people/{id}/`. Omitted fields stay as they are."""

    role: Annotated[
        KeyRole | None, Field(description="In every project, and for what belongs to none. `null`: none.")
    ] = None
    roles: Annotated[
        Roles | None,
        Field(
            description="In projects, by their slugs. Those that are not named stay; `null` takes one away."
        ),
    ] = None
    is_active: Annotated[
        bool | None, Field(description="Whether they may log in. `false` ends all their sessions at once.")
    ] = None
    password: Annotated[
        Password | None, Field(description="Another one. Ends all their sessions at once.")
    ] = None


class PersonBody(Strict):
    """The body of `POST /people/`."""

    name: Annotated[
        PersonName,
        Field(description="What they log in with: a name or an address of mail. Kept in small letters."),
    ]
    password: Annotated[
        Password,
        Field(description="At least 12 characters, and none that everybody uses. They can change it."),
    ]
    role: Annotated[
        KeyRole | None, Field(description="In every project, and for what belongs to none. Default: none.")
    ] = None
    roles: Annotated[Roles | None, Field(description="In projects, by their slugs. Default: none.")] = None


def new_person_of(body: Any) -> tuple[str, Changes]:
    """A name, and all else. Raises InvalidInput."""
    form = read_body(PersonBody, body)
    role = form.role and form.role.value
    return form.name, Changes({"role": role}, _by_project(form.roles), form.password)


def changes_of(body: Any) -> Changes:
    """What a client changes. Raises InvalidInput."""
    form = read_body(PersonChanges, body)
    fields: dict[str, object] = {}
    if "role" in form.model_fields_set:
        fields["role"] = form.role and form.role.value
    if form.is_active is not None:
        fields["is_active"] = form.is_active
    return Changes(fields, _by_project(form.roles), form.password)


def _by_project(roles: dict[str, Any] | None) -> dict[Project, str | None]:
    return {_project(slug): role and role.value for slug, role in (roles or {}).items()}


def _project(slug: str) -> Project:
    try:
        return project_named(slug[:MOST_SHOWN])
    except InvalidInput as error:
        where = ("roles", slug[:MOST_SHOWN])
        raise InvalidInput([FieldError(where, "unknown_project", error.errors[0].detail)]) from None


def represent(person: Person) -> dict[str, Any]:
    """A person as clients see them."""
    return {
        "id": person.pk,
        "name": person.name,
        "role": person.role,
        "roles": {each.project.slug: each.role for each in person.roles.all()},
        "is_active": person.is_active,
        "created_at": instant_text(person.created_at),
        "last_login_at": instant_text(person.last_login),
    }
