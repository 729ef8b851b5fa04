"""The operation `http_request`: other systems driven over HTTP, without a way into one's own network."""

from collections.abc import Sequence
from typing import Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from operations.backoff import Backoff
from operations.catalogue import operation
from operations.configuration import configuration
from operations.context import Context
from operations.definition import Example
from operations.http import arguments as given
from operations.http.content import Content, read_content
from operations.http.deadline import Deadline
from operations.http.exchange import Response
from operations.http.failures import ERRORS
from operations.http.redirects import following
from operations.http.requests import make_request
from operations.http.target import read_target
from operations.http.verdict import is_expected, unexpected

NO_HEADERS: dict[str, str] = {}


class Result(TypedDict):
    """What came back."""

    status: int
    headers: Annotated[dict[str, str], Field(description="Some of the answer's, under lower-case names.")]
    body: Annotated[Any, Field(description="As `read_as` asks for it; null if it is empty.")]
    truncated: Annotated[bool, Field(description="Whether `body` is only the beginning.")]
    elapsed_seconds: Annotated[float, Field(description="From the DNS look-up to the last byte.")]
    url: NotRequired[
        Annotated[str, Field(description="Where the answer came from, if redirects were followed.")]
    ]


RECEIVED: Result = {
    "status": 200,
    "headers": {"content-type": "application/json"},
    "body": {"accepted": True},
    "truncated": False,
    "elapsed_seconds": 0.084,
}


@operation(
    idempotent=True,  # each attempt has the same Idempotency-Key
    timeout_seconds=given.MAX_SECONDS + 30,
    backoff=Backoff(base_seconds=5, factor=4),
    errors=ERRORS,
    examples=[
        Example(
            {
                "url": "https://shop.example/webhooks/orders",
                "headers": {"Authorization": {"$secret": "shop_authorization"}},
                "body": {"json": {"order": 17, "state": "paid"}},
            },
            dict(RECEIVED),
        ),
        Example(
            {"url": "https://shop.example/health", "expected_status": ["2xx", 404], "timeout_seconds": 5},
            {**RECEIVED, "status": 404, "headers": {"content-type": "text/plain"}, "body": "not here"},
        ),
    ],
)
def http_request(
    url: given.Url,
    context: Context,
    method: given.Method = None,
    headers: given.Headers = NO_HEADERS,
    body: given.RequestBody = None,
    signing_secret: given.SigningSecret = None,
    expected_status: given.ExpectedStatus = ("2xx",),
    follow_redirects: given.FollowRedirects = 0,
    timeout_seconds: given.TimeoutSeconds = 30.0,
    read_as: given.ReadBodyAs = "auto",
    max_body_bytes: given.MaxBodyBytes = 65_536,
    response_headers: given.ResponseHeaders = (),
) -> Result:
    """Send an HTTP request, and return the answer.

    Every attempt of a task sends the same `Idempotency-Key`, the task's id, unless `headers` has another.
    """
    deadline = Deadline.within(timeout_seconds)
    request = make_request(
        method,
        read_target(url),
        headers=headers,
        body=body,
        key=context.task_id,
        signing_secret=signing_secret,
    )
    http = configuration().http
    http.check_secrets(context.secrets(), request.target)
    with following(request, http.guard, deadline, follow_redirects, context.mask) as (last, answer):
        if not is_expected(answer.status, expected_status):
            raise unexpected(last, answer, expected_status, context)
        content = read_content(answer, read_as, max_body_bytes, context)
    result = _result(answer, content, response_headers, deadline)
    return result if last.target == request.target else {**result, "url": last.target.url}


def _result(answer: Response, content: Content, asked: Sequence[str], deadline: Deadline) -> Result:
    return {
        "status": answer.status,
        "headers": _pick_headers(answer, asked),
        "body": content.body,
        "truncated": content.truncated,
        "elapsed_seconds": round(deadline.elapsed(), 3),
    }


def _pick_headers(answer: Response, asked: Sequence[str]) -> dict[str, str]:
    names = {name.lower() for name in (*given.TOLD_HEADERS, *asked)}
    return {name: value for name, value in answer.headers.items() if name in names}
