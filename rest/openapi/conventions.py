"""What all of our paths have in common: headers, and the problems that each of its kind may answer with."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from rest.from_drf import NotAcceptable, unsupported_media_type
from rest.guarding import (
    ANY_ACTOR,
    PUBLIC,
    KeyRequired,
    ProjectForbidden,
    ProjectFrozen,
    RateLimited,
    ScopeMissing,
    needs_thaw,
)
from rest.headers import APPLIED, Header
from rest.openapi import shapes
from rest.openapi.described import Described
from rest.openapi.endpoint import JSON, Answer, Endpoint, Refusal
from rest.problems import CONTENT_TYPE, ContentTooLarge, FieldError, InternalError, InvalidInput
from rest.unavailable import DatabaseAway

PRODUCES = [JSON, CONTENT_TYPE]

HEADERS: Mapping[str, dict[str, Any]] = {
    "X-Request-ID": {
        "type": "string",
        "description": "The id of this request: the caller's own, or a generated one.",
    },
    "Location": {"type": "string", "format": "uri", "description": "The address of what was created."},
    "Retry-After": {
        "type": "integer",
        "minimum": 0,
        "maximum": 2**31 - 1,
        "format": "int32",
        "description": "How many seconds to wait before asking again.",
    },
    "ETag": {
        "type": "string",
        "description": "The version, to be sent back in `If-Match` or `If-None-Match`.",
    },
    "Upload-Offset": {
        "type": "integer",
        "minimum": 0,
        "maximum": 2**53 - 1,
        "format": "int64",
        "description": "Of a file on its way: how many bytes are here. Of one that is complete: all of them.",
    },
    "Idempotent-Replayed": {
        "type": "string",
        "description": "`true`: this `Idempotency-Key` was used before, and nothing was changed.",
    },
    APPLIED: {"type": "string", "description": "The part of `Prefer` that was followed: `wait=10`."},
    "WWW-Authenticate": {
        "type": "string",
        "description": "`Bearer`: a key is sent as `Authorization: Bearer`.",
    },
    "RateLimit": {
        "type": "string",
        "description": "Where a limit is set: how many requests are left, and in how many seconds there will be more: "
        '`"key";r=599;t=1`. It may name several limits.',
    },
    "RateLimit-Policy": {
        "type": "string",
        "description": 'Where a limit is set: how many requests it allows in how many seconds: `"key";q=600;w=60`.',
    },
    "Link": {
        "type": "string",
        "description": 'Links to the next and previous pages: rel="next", rel="prev".',
    },
}

TOO_LARGE = Refusal(
    "The body is larger than 16 MiB, or its `arguments` are larger than 256 KiB.", ContentTooLarge()
)
NOT_JSON = Refusal("The body is not `application/json`.", unsupported_media_type("text/plain"))
DATABASE_AWAY = Refusal(
    "The database does not answer (`database_away`), or not in time (`database_busy`), or too many bodies are on their "
    "way (`too_many_bodies`): nothing was changed. Or the database stopped answering when the request may have been "
    "carried out (`outcome_unknown`).",
    DatabaseAway(),
)
BUG = Refusal(
    "A bug of the service. The log has details under the `request_id`, which its operator wants to know.",
    InternalError(),
)
NO_KEY = Refusal(
    "There is no key (`key_required`), or it is none of ours (`key_invalid`), revoked (`key_revoked`) or expired "
    "(`key_expired`).",
    KeyRequired(),
)
OTHERS = Refusal(
    "The key belongs to another project (`project_forbidden`), or may not be used from there (`network_forbidden`).",
    ProjectForbidden(),
)
TOO_MANY = Refusal(
    "A limit of your key, of your project or of your address is used up (`rate_limited`), or too many requests with "
    "unknown keys came from your address (`too_many_unknown_keys`).",
    RateLimited(*RateLimited.sample),
    shapes.TooMany,
)
FROZEN = Refusal(
    "The project is frozen (`project_frozen`), or has as much as it may have (`quota_reached`).",
    ProjectFrozen("acme"),
    shapes.Limited,
)
FROZEN_STATUS = ProjectFrozen.status
BAD_BODY = Refusal(
    "The body or a parameter is invalid; `errors` lists every problem found.",
    InvalidInput([FieldError(("priority",), "max_value", "must be at most 9, got 12")]),
)


LIMITS = ("RateLimit", "RateLimit-Policy")


def schema_of_header(header: Header) -> dict[str, Any]:
    """The schema of a header of requests."""
    pattern = {} if header.pattern is None else {"pattern": header.pattern}
    return {"type": "string", **pattern, "maxLength": header.max_length}


def headers_of(endpoint: Endpoint, answer: Answer) -> tuple[str, ...]:
    """The headers that an answer may have."""
    return answer.headers if endpoint.scope == PUBLIC else (*answer.headers, *LIMITS)


def refusals_of(described: Described) -> Iterator[Refusal]:
    """Every problem that this endpoint may answer with. Of two with the same status, the last one counts."""
    endpoint = described.endpoint
    yield BAD_BODY if endpoint.body else _bad_parameter(endpoint)
    yield _not_acceptable(endpoint)
    if endpoint.body:
        yield TOO_LARGE
        yield NOT_JSON
    yield BUG
    if endpoint.scope != PUBLIC:
        yield NO_KEY
        yield OTHERS if endpoint.scope == ANY_ACTOR else _forbidden(endpoint.scope)
        yield TOO_MANY
    if needs_thaw(endpoint.scope):
        yield FROZEN
    if endpoint.uses_database or endpoint.scope != PUBLIC:
        yield DATABASE_AWAY
    yield from (_with_frozen(described, refusal) for refusal in endpoint.refusals)


def _with_frozen(described: Described, refusal: Refusal) -> Refusal:
    """What an endpoint says of its own 409, and what is true of all that may not change a frozen project."""
    is_conflict = described.problem_of(refusal.example).status == FROZEN_STATUS
    if not (is_conflict and needs_thaw(described.endpoint.scope)):
        return refusal
    shape = FROZEN.shape if refusal.shape is shapes.Problem else refusal.shape
    return replace(refusal, description=f"{refusal.description} {FROZEN.description}", shape=shape)


def _not_acceptable(endpoint: Endpoint) -> Refusal:
    answers = [answer for answer in endpoint.answers.values() if answer.shape is not None]
    kinds = [kind for answer in answers for kind in (answer.media_type, *answer.also)]
    return Refusal(
        "The `Accept` header allows none of the formats this path can return.",
        NotAcceptable(sorted(set(kinds or [JSON]))),
    )


def _forbidden(scope: str) -> Refusal:
    return Refusal(
        f"The key does not have the scope `{scope}` (`scope_missing`), belongs to another project "
        "(`project_forbidden`), or may not be used from there (`network_forbidden`).",
        ScopeMissing(scope),
        shapes.Forbidden,
    )


def _bad_parameter(endpoint: Endpoint) -> Refusal:
    known = ", ".join(sorted(endpoint.query.model_fields)) if endpoint.query else "none"
    detail = f"is not a known parameter; known are: {known}"
    error = FieldError(("colour",), "unknown_field", detail, parameter=True)
    return Refusal("A parameter is invalid or unknown.", InvalidInput([error]))
