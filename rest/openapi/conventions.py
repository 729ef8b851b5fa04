"""What all of our paths have in common: headers, and the problems that each of its kind may answer with."""

from collections.abc import Iterator, Mapping
from typing import Any

from rest.from_drf import not_acceptable, unsupported_media_type
from rest.openapi.endpoint import JSON, Endpoint, Refusal
from rest.problems import CONTENT_TYPE, ContentTooLarge, DatabaseAway, FieldError, InvalidInput

PRODUCES = [JSON, CONTENT_TYPE]

HEADERS: Mapping[str, dict[str, Any]] = {
    "X-Request-ID": {
        "type": "string",
        "description": "The id of this request: the caller's own, or a generated one.",
    },
    "Location": {"type": "string", "format": "uri", "description": "The address of what was created."},
    "Retry-After": {"type": "integer", "description": "How many seconds to wait before asking again."},
    "ETag": {"type": "string", "description": "The version, to be sent back in `If-Match`."},
    "Idempotent-Replayed": {
        "type": "string",
        "description": "`true`: this `Idempotency-Key` was used before, and nothing was changed.",
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
BAD_BODY = Refusal(
    "The body or a parameter is invalid; `errors` lists every problem found.",
    InvalidInput([FieldError(("priority",), "max_value", "must be at most 9, got 12")]),
)


def refusals_of(endpoint: Endpoint) -> Iterator[Refusal]:
    """Every problem that this endpoint may answer with. Of two with the same status, the last one counts."""
    yield BAD_BODY if endpoint.body else _bad_parameter(endpoint)
    yield _not_acceptable(endpoint)
    if endpoint.body:
        yield TOO_LARGE
        yield NOT_JSON
    if endpoint.uses_database:
        yield DATABASE_AWAY
    yield from endpoint.refusals


def _not_acceptable(endpoint: Endpoint) -> Refusal:
    kinds = [answer.media_type for answer in endpoint.answers.values() if answer.shape is not None]
    return Refusal(
        "The `Accept` header allows none of the formats this path can return.",
        not_acceptable(sorted(set(kinds or [JSON]))),
    )


def _bad_parameter(endpoint: Endpoint) -> Refusal:
    known = ", ".join(sorted(endpoint.query.model_fields)) if endpoint.query else "none"
    detail = f"is not a known parameter; known are: {known}"
    error = FieldError(("colour",), "unknown_field", detail, parameter=True)
    return Refusal("A parameter is invalid or unknown.", InvalidInput([error]))
