"""The shapes that the answers of all resources share. They describe; the tests hold real answers against them."""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, Field

Item = TypeVar("Item")
Url = Annotated[str, Field(json_schema_extra={"format": "uri"})]


class FieldError(BaseModel):
    """What is wrong with one field or parameter. Has either a `pointer` or a `parameter`."""

    code: Annotated[str, Field(description="Stable, for programs.", examples=["max_value"])]
    detail: Annotated[
        str, Field(description="What was expected and what came.", examples=["must be at most 9, got 12"])
    ]
    pointer: Annotated[
        str,
        Field(description="Where in the body: a JSON Pointer, as a URI fragment.", examples=["#/priority"]),
    ] = ""
    parameter: Annotated[str, Field(description="Which query parameter.")] = ""


class Problem(BaseModel):
    """An error in the format of RFC 9457 (`application/problem+json`)."""

    type: Annotated[str, Field(description="Always `about:blank`; `code` identifies the problem.")]
    title: Annotated[str, Field(description="The status in words.")]
    status: Annotated[int, Field(ge=400, le=599, description="The HTTP status.")]
    detail: Annotated[str, Field(description="What happened, for people.")]
    code: Annotated[str, Field(description="Stable, for programs.")]
    request_id: Annotated[
        str | None, Field(description="The same as in the `X-Request-ID` header and in this service's log.")
    ]
    errors: Annotated[list[FieldError], Field(description="For invalid input: every problem found.")] = []


class Page(BaseModel, Generic[Item]):
    """One page of a list, newest first."""

    results: list[Item]
    next: Annotated[Url | None, Field(description="The next page, if there is one; also in `Link`.")]
    previous: Annotated[Url | None, Field(description="The previous page, if there is one; also in `Link`.")]
