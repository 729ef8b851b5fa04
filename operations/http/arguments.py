"""What a caller may say of a request, checked before anything is stored."""

from collections.abc import Callable, Sequence
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from operations.http import headers as header_rules
from operations.http.content import MAX_BODY_BYTES, ReadAs
from operations.http.requests import Body
from operations.http.signature import check_secret
from operations.http.target import MAX_LENGTH, read_target
from operations.secrets import Secret
from operations.secrets.references import KEY

MAX_SECONDS = 300
TOLD_HEADERS = ("content-type", "etag", "location", "retry-after")
_MAX_LISTED = 20

Value = TypeVar("Value")


def _checked(code: str, check: Callable[[Value], object]) -> AfterValidator:
    """Runs `check`, whose ValueError is a sentence's end that does not show the value: it may be a secret's."""

    def checked(value: Value) -> Value:
        try:
            check(value)
        except ValueError as error:
            raise PydanticCustomError(code, "{reason}", {"reason": str(error)}) from None
        return value

    return AfterValidator(checked)


def _point_to_json(value: object) -> object:
    """Whoever forgot to say which body it is meant one of the two."""
    if value is None or (isinstance(value, dict) and (not value or value.keys() & {"json", "text", KEY})):
        return value
    kind = "text" if isinstance(value, str) else "json"
    reason = f'must be {{"json": ...}} or {{"text": "..."}}; write {{"{kind}": ...}} around this one'
    raise PydanticCustomError("invalid_body", "{reason}", {"reason": reason})


def _check_body(body: Body) -> None:
    if len(body) != 1:
        raise ValueError("must have either json or text")


Url = Annotated[
    str,
    Field(
        max_length=MAX_LENGTH,
        description="An http or https URL without user and password. It must lead to the public internet, "
        "unless the operator allows more.",
    ),
    _checked("invalid_url", read_target),
    Secret(),
]
Method = Annotated[
    Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] | None,
    Field(description="Default: POST if there is a body, else GET."),
]
HeaderValue = Annotated[
    str,
    Field(max_length=header_rules.MAX_VALUE_LENGTH),
    _checked("invalid_header", header_rules.check_value),
    Secret(),
]
HeaderName = Annotated[str, _checked("invalid_header", header_rules.check_name)]
Headers = Annotated[
    dict[HeaderName, HeaderValue],
    Field(
        max_length=header_rules.MAX_HEADERS,
        description="Headers by name. Those of the connection, such as Host, cannot be set.",
        json_schema_extra={
            "propertyNames": {
                "pattern": header_rules.NAME_PATTERN,
                "maxLength": header_rules.MAX_NAME_LENGTH,
                "not": {"const": KEY},
            }
        },
    ),
    _checked("invalid_header", header_rules.check_distinct),
]
RequestBody = Annotated[
    Annotated[
        Body,
        Field(json_schema_extra={"oneOf": [{"required": ["json"]}, {"required": ["text"]}]}),
        _checked("invalid_body", _check_body),
        BeforeValidator(_point_to_json),
    ]
    | None,
    Field(description='`{"json": ...}` or `{"text": "..."}`.'),
]
SigningSecret = Annotated[
    Annotated[
        str,
        Field(min_length=8, max_length=1_000),
        _checked("invalid_signing_secret", check_secret),
        Secret(),
    ]
    | None,
    Field(description="Signs the request as in Standard Webhooks: `whsec_` and base64, or any other text."),
]
Status = Annotated[int, Field(ge=200, le=599)] | Literal["2xx", "3xx", "4xx", "5xx"]
ExpectedStatus = Annotated[
    Sequence[Status],
    Field(
        min_length=1,
        max_length=_MAX_LISTED,
        description="Statuses that count as success; others fail the task.",
    ),
]
FollowRedirects = Annotated[
    int,
    Field(
        ge=0, le=10, description="The most redirects to follow, each checked like the URL; 0 follows none."
    ),
]
TimeoutSeconds = Annotated[
    float,
    Field(gt=0, le=MAX_SECONDS, description="For the whole request, from the DNS look-up to the last byte."),
]
ReadBodyAs = Annotated[
    ReadAs,
    Field(description="How to return the body; `auto`: JSON if it is JSON, else text, null if empty."),
]
MaxBodyBytes = Annotated[
    int,
    Field(
        ge=0,
        le=MAX_BODY_BYTES,
        description="A longer body is cut, and `truncated` in the result is true.",
    ),
]
ResponseHeaders = Annotated[
    Sequence[Annotated[str, Field(max_length=header_rules.MAX_NAME_LENGTH)]],
    Field(
        max_length=_MAX_LISTED,
        description=f"Headers of the answer to return, besides {', '.join(TOLD_HEADERS)}.",
    ),
]
