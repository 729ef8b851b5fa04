"""The shapes that the answers of all resources share. They describe; the tests hold real answers against them."""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, Field

from rest.pagination import MAX_LIMIT

Item = TypeVar("Item")
LONGEST_TEXT = 1_048_576
"""No sentence of ours is longer: each tells of a few things, and shortens what came."""
MOST_ERRORS = 131_072
"""In so many places can arguments of 256 KiB be wrong."""
INT16, INT32 = 2**15 - 1, 2**31 - 1
"""What Postgres holds in a whole number of two bytes and of four."""

Url = Annotated[str, Field(max_length=524_288, json_schema_extra={"format": "uri"})]
Code = Annotated[str, Field(max_length=100)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Line = Annotated[str, Field(max_length=1_000)]
Count = Annotated[int, Field(ge=0, le=INT32)]
BigCount = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""Of tasks of any time; so far every reader of JSON counts exactly."""


class FieldError(BaseModel):
    """What is wrong with one field or parameter. Has either a `pointer` or a `parameter`."""

    code: Annotated[Code, Field(description="Stable, for programs.", examples=["max_value"])]
    detail: Annotated[
        Text, Field(description="What was expected and what came.", examples=["must be at most 9, got 12"])
    ]
    pointer: Annotated[
        Text,
        Field(description="Where in the body: a JSON Pointer, as a URI fragment.", examples=["#/priority"]),
    ] = ""
    parameter: Annotated[Text, Field(description="Which query parameter.")] = ""


class Problem(BaseModel):
    """An error in the format of RFC 9457 (`application/problem+json`)."""

    type: Annotated[Line, Field(description="Where such problems are explained: `/problems/<code>`.")]
    title: Annotated[Line, Field(description="The status in words.")]
    status: Annotated[int, Field(ge=400, le=599, description="The HTTP status.")]
    detail: Annotated[Text, Field(description="What happened, for people.")]
    code: Annotated[Code, Field(description="Stable, for programs.")]
    request_id: Annotated[
        Line | None, Field(description="The same as in the `X-Request-ID` header and in this service's log.")
    ]
    errors: Annotated[
        list[FieldError], Field(max_length=MOST_ERRORS, description="For invalid input: every problem found.")
    ] = []


class Forbidden(Problem):
    """An error for somebody who is known, and may not do this."""

    required_scope: Annotated[Code, Field(description="With `scope_missing`: the scope that is needed.")] = ""


class TooMany(Problem):
    """An error for somebody who asks too often."""

    violated_policies: Annotated[
        list[Code],
        Field(
            alias="violated-policies",
            max_length=3,
            description="With `rate_limited`: the limits that were reached, as `RateLimit-Policy` names them.",
        ),
    ] = []


class Limited(Problem):
    """An error for a project that is frozen, or has as much as it may have."""

    quota: Annotated[Code, Field(description="With `quota_reached`: which one.")] = ""
    limit: Annotated[Count, Field(description="With `quota_reached`: what it allows.")] = 0
    used: Annotated[Count, Field(description="With `quota_reached`: what there is.")] = 0


class Page(BaseModel, Generic[Item]):
    """One page of a list, newest first."""

    results: Annotated[list[Item], Field(max_length=MAX_LIMIT)]
    next: Annotated[Url | None, Field(description="The next page, if there is one; also in `Link`.")]
    previous: Annotated[Url | None, Field(description="The previous page, if there is one; also in `Link`.")]
