"""The shapes of what `/keys/`, `/projects/` and `/access/` answer, for the OpenAPI document."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from access.api.key_forms import MOST_LISTED
from access.api.rate_forms import RateForm
from access.audit.events import Action, Outcome
from access.scopes import Role, Scope
from rest.openapi.shapes import Code, Count, FieldError, Line, Page, Text


class Restricted(BaseModel):
    """What is restricted besides scopes; null: it is not."""

    operations: Annotated[
        Annotated[list[Line], Field(max_length=MOST_LISTED)] | None,
        Field(description="Operations that tasks may run."),
    ]
    max_priority: Annotated[int, Field(ge=0, le=9)] | None
    networks: Annotated[
        Annotated[list[Line], Field(max_length=MOST_LISTED)] | None,
        Field(description="From where it may be used."),
    ]
    pins: Annotated[dict[str, Any], Field(description="JSON Schemas for arguments, by operation.")]
    expires_at: datetime | None
    rate: Annotated[RateForm | None, Field(description="Null: as often as is usual.")]


class Key(Restricted):
    """A key, without its text."""

    id: Annotated[Code, Field(description="12 letters or digits; part of the key's text.")]
    name: Line
    hint: Annotated[Code, Field(description="The beginning and the end of the key's text.")]
    project: Annotated[Code | None, Field(description="Null: an installation key, for every project.")]
    role: Role | None
    scopes: Annotated[
        list[Scope],
        Field(max_length=MOST_LISTED, description="What the key may do; of a role, as it is now."),
    ]
    status: Literal["active", "expired", "revoked"]
    created_by: Annotated[
        Code | None, Field(description="The `id` of the key that made it, or `person:` and a person's.")
    ]
    created_at: datetime
    rotated_at: datetime | None
    old_text_until: Annotated[
        datetime | None, Field(description="Until when the text from before it was rotated works, too.")
    ]
    revoked_at: datetime | None
    last_used_at: Annotated[datetime | None, Field(description="To the minute.")]


class NewKey(Key):
    """A key, with its text."""

    key: Annotated[Code, Field(description="The text to send. It is shown this once.")]


class ProjectQuotas(BaseModel):
    """Limits of a project; null: none."""

    schedules: Count | None
    waiting_tasks: Count | None
    min_interval_seconds: Count | None
    tasks_per_day: Count | None
    file_mebibytes: Count | None


class Project(BaseModel):
    """Whose tasks and schedules they are."""

    slug: Code
    name: Line
    status: Literal["active", "frozen"]
    quotas: ProjectQuotas
    rate: Annotated[RateForm | None, Field(description="Null: as often as is usual.")]
    created_at: datetime
    updated_at: datetime


class ProjectPage(Page[Project]):
    """One page of projects, newest first."""


class Access(Restricted):
    """Who is asking, and what they may do."""

    kind: Annotated[
        Literal["nobody", "key", "person", "system"],
        Field(description="`nobody`: open mode, in which everybody may do everything."),
    ]
    id: Annotated[Code | None, Field(description="Of the key.")]
    name: Line
    project: Annotated[Code, Field(description="In which this request acts.")]
    is_bound: Annotated[bool, Field(description="Whether it may name no other project.")]
    is_frozen: Annotated[bool, Field(description="Whether the project is read-only.")]
    role: Role | None
    scopes: Annotated[list[Scope], Field(max_length=MOST_LISTED)]


class Verdict(BaseModel):
    """Whether a request would be let through."""

    allowed: bool
    required_scope: Annotated[
        Code | None, Field(description="What the path needs; null: nothing, or any key will do.")
    ]
    problem: Annotated[Code | None, Field(description="The `code` of the refusal.")]
    detail: Annotated[Text | None, Field(description="Why it is refused, in words.")]
    errors: Annotated[
        list[FieldError], Field(max_length=MOST_LISTED, description="Which part of the body is refused.")
    ]
    quota: Annotated[Code | None, Field(description="With `quota_reached`: which one.")]
    limit: Annotated[Count | None, Field(description="With `quota_reached`: what it allows.")]
    used: Annotated[Count | None, Field(description="With `quota_reached`: what there is.")]


class AuditActor(BaseModel):
    """Who did it."""

    type: Literal["nobody", "key", "person", "system"]
    id: Annotated[Code | None, Field(description="Of the key.")]
    name: Annotated[Line | None, Field(description="As it was then.")]


class AuditTarget(BaseModel):
    """What was changed, or asked for."""

    type: Annotated[
        Code,
        Field(
            description="`task`, `schedule`, `occurrence`, `key`, `person`, `project`, `worker` or `request`."
        ),
    ]
    id: Annotated[Line | None, Field(description="Null: many, which `filter` names.")]


class AuditEvent(BaseModel):
    """Something that was changed, or refused."""

    id: UUID
    at: datetime
    actor: AuditActor
    action: Action
    target: AuditTarget | None
    project: Annotated[Code | None, Field(description="Null: the installation.")]
    outcome: Outcome
    reason: Annotated[Line | None, Field(description="Why it was refused: the problem's `code`.")]
    changes: Annotated[dict[str, Any], Field(description="By field: `before` and `after`.")]
    filter: Annotated[dict[str, Any] | None, Field(description="Of a request for many: which ones.")]
    count: Annotated[
        Count | None,
        Field(description="Of a request for many: how many. Of refusals that are counted: how often."),
    ]
    request_id: Line | None
    address: Annotated[Code | None, Field(description="From where.")]
    user_agent: Line | None


class AuditPage(Page[AuditEvent]):
    """One page of the audit log, newest first."""


Lines = Annotated[str, Field(json_schema_extra={"maxLength": 2**31 - 1})]


class Person(BaseModel):
    """Somebody who may log in."""

    id: Annotated[int, Field(ge=1, le=2**63 - 1)]
    name: Annotated[Line, Field(description="What they log in with.")]
    role: Annotated[Role | None, Field(description="In every project, and for what belongs to none.")]
    roles: Annotated[dict[str, Role], Field(description="In projects, by their slugs.")]
    is_active: Annotated[bool, Field(description="Whether they may log in.")]
    created_at: datetime
    last_login_at: datetime | None


class PersonPage(Page[Person]):
    """One page of people, newest first."""


class KeyPage(Page[Key]):
    """One page of keys, newest first."""
