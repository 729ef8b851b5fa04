"""What comes in and goes out at `/keys/`."""

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from access.actions.keys import GivesTooMuch, NewKey
from access.actor import Actor
from access.api.numbered import PageQuery
from access.api.project_forms import Slug, project_named
from access.api.rate_forms import RateForm, as_kept
from access.key_text import PREFIX, KeyText
from access.models import Key
from access.pin_words import InvalidPin, pin_text
from access.restrictions import network_of
from access.scopes import Role, Scope
from rest.input import Instant, Strict, read_body, refusal
from rest.json import instant_text
from rest.problems import FieldError, InvalidInput
from values.wording import received

DAY = 86_400
LONGEST_OVERLAP = 30 * DAY
MOST_LISTED = 50
MOST_PINS = 20


def _network(value: Any) -> str:
    try:
        # A number would be taken for an address.
        return str(network_of(str(value) if isinstance(value, str) else ""))
    except ValueError:
        hint = "a network in CIDR form such as 10.0.0.0/8, without bits of a host in it, or an address"
        raise refusal("invalid_network", f"must be {hint}, got {received(value)}") from None


Name = Annotated[str, Field(min_length=1, max_length=100)]
Glob = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[a-z0-9_.*]+$")]
Network = Annotated[str, Field(max_length=100), BeforeValidator(_network)]
KeyRole = Annotated[Role, Field(strict=False)]
KeyScope = Annotated[Scope, Field(strict=False)]


class KeyChanges(Strict):
    """The body of `PATCH /keys/{id}/`. Omitted fields stay as they are; `null` takes a restriction away."""

    name: Annotated[Name | None, Field(description="For people.")] = None
    role: Annotated[KeyRole | None, Field(description="A usual set of scopes, instead of `scopes`.")] = None
    scopes: Annotated[
        list[KeyScope] | None,
        Field(min_length=1, max_length=MOST_LISTED, description="What the key may do, instead of `role`."),
    ] = None
    operations: Annotated[
        list[Glob] | None,
        Field(
            min_length=1,
            max_length=MOST_LISTED,
            description="Operations that its tasks may run; `*` stands for any characters. Default: all.",
        ),
    ] = None
    max_priority: Annotated[
        int | None, Field(ge=0, le=9, description="How urgent its tasks may be. Default: 9.")
    ] = None
    networks: Annotated[
        list[Network] | None,
        Field(
            min_length=1,
            max_length=MOST_LISTED,
            description="From where it may be used. Default: everywhere.",
        ),
    ] = None
    pins: Annotated[
        dict[str, Any] | None,
        Field(
            max_length=MOST_PINS,
            description="By the name of an operation: a JSON Schema that its arguments must satisfy, too.",
        ),
    ] = None
    rate: Annotated[
        RateForm | None,
        Field(description="How often it may be used. Default: KEY_RATE_LIMIT, if that is set."),
    ] = None
    expires_at: Annotated[
        Instant | None, Field(description="When the key stops working. Default: never.")
    ] = None


class KeyBody(KeyChanges):
    """The body of `POST /keys/`: a name, and either a role or scopes."""

    name: Annotated[Name, Field(description="For people.")]
    project: Annotated[
        Slug | None,
        Field(
            description="Default: that of your own key; if it belongs to none, the new one does not, either."
        ),
    ] = None


class RotateBody(Strict):
    """The body of `POST /keys/{id}/rotate/`; optional."""

    overlap_seconds: Annotated[
        int | None,
        Field(ge=0, le=LONGEST_OVERLAP, description=f"How long the old text works, too. Default {DAY}."),
    ] = None

    @property
    def overlap(self) -> timedelta:
        """With the default filled in."""
        return timedelta(seconds=DAY if self.overlap_seconds is None else self.overlap_seconds)


class KeyListQuery(PageQuery):
    """Query parameters of `GET /keys/`."""

    project: Annotated[str | None, Field(max_length=63, description="The slug of a project.")] = None


def new_key_of(actor: Actor, body: Any) -> NewKey:
    """A key as a client describes it. Raises InvalidInput, GivesTooMuch."""
    form = read_body(KeyBody, body)
    if (form.role is None) == (form.scopes is None):
        detail = "must contain either role or scopes"
        raise InvalidInput([FieldError((), "required", detail)])
    fields = {name: value for name, value in _columns(form).items() if value is not None}
    slug = form.project or (actor.project if actor.is_bound else None)
    if actor.is_bound and slug != actor.project:  # whether there is such a project is not its business
        raise GivesTooMuch([("project", f"must be {actor.project}, the project of your own key")])
    return NewKey(None if slug is None else project_named(slug), fields)


def changes_of(body: Any) -> dict[str, Any]:
    """The columns that a client changes. Raises InvalidInput."""
    form = read_body(KeyChanges, body)
    if form.role is not None and form.scopes is not None:
        raise InvalidInput([FieldError(("scopes",), "conflict", "must be left out where role is given")])
    columns = {name: value for name, value in _columns(form).items() if name in form.model_fields_set}
    for name in ("name", "role", "scopes"):
        if name in columns and columns[name] is None:
            raise InvalidInput([FieldError((name,), "invalid_type", "must not be null")])
    if "pins" in columns and columns["pins"] is None:
        columns["pins"] = {}
    return columns


def _columns(form: KeyChanges) -> dict[str, Any]:
    """As they are stored. Raises InvalidInput."""
    if form.expires_at is not None and form.expires_at <= datetime.now(UTC):
        detail = f"must be in the future, got {instant_text(form.expires_at)}"
        raise InvalidInput([FieldError(("expires_at",), "too_early", detail)])
    return {
        "name": form.name,
        "role": form.role and form.role.value,
        "scopes": form.scopes and sorted({scope.value for scope in form.scopes}),
        "operations": form.operations,
        "max_priority": form.max_priority,
        "networks": form.networks,
        "pins": form.pins and {name: _pin(name, schema) for name, schema in form.pins.items()},
        "rate": as_kept(form.rate),
        "expires_at": form.expires_at,
    }


def _pin(operation: str, schema: Any) -> str:
    try:
        return pin_text(schema)
    except InvalidPin as error:
        raise InvalidInput(
            [FieldError(("pins", operation, *error.path), "invalid_pin", str(error))]
        ) from None


def represent(key: Key) -> dict[str, Any]:
    """A key as clients see it, without its text."""
    now = datetime.now(UTC)
    overlap = key.previous_until if key.previous_until and key.previous_until > now else None
    return {
        "id": key.public_id,
        "name": key.name,
        "hint": f"{PREFIX}{key.public_id}_…{key.last_characters}",
        "project": key.project and key.project.slug,
        "role": key.role,
        "scopes": sorted(key.granted),
        "operations": key.operations,
        "max_priority": key.max_priority,
        "networks": key.networks,
        "pins": {name: json.loads(text) for name, text in key.pins.items()},
        "rate": key.rate,
        "status": _status(key, now),
        "created_by": key.created_by,
        "created_at": instant_text(key.created_at),
        "expires_at": instant_text(key.expires_at),
        "rotated_at": instant_text(key.rotated_at),
        "old_text_until": instant_text(overlap),
        "revoked_at": instant_text(key.revoked_at),
        "last_used_at": instant_text(key.last_used_at),
    }


def represent_with_text(made: tuple[Key, KeyText]) -> dict[str, Any]:
    """A key as clients see it once."""
    key, text = made
    return {**represent(key), "key": text.text}


def _status(key: Key, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= now else "active"
