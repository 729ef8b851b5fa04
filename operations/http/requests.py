"""What is sent."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from operations.errors import permanent
from operations.http.headers import merged
from operations.http.signature import signed_headers
from operations.http.target import Target
from operations.secrets import Json, Secret

MAX_BODY_BYTES = 1024 * 1024
USER_AGENT = "Punctual"
WITH_BODY = {"PATCH", "POST", "PUT"}


class Body(TypedDict, total=False):
    """What is sent: JSON or text."""

    json: Annotated[
        Json,
        Field(
            description="Any JSON; may contain references to secrets. Sent as the same value, not letter by letter."
        ),
    ]
    text: Annotated[
        str,
        Field(
            description="Text in UTF-8, sent as it is. Set the header Content-Type if it is not plain text."
        ),
        Secret(),
    ]


@dataclass(frozen=True, slots=True)
class Request:
    """One request. The names of `headers` are in lower case; those that follow from the rest are not among them."""

    method: str
    target: Target
    headers: Mapping[str, str]
    body: bytes | None = None

    def wire_headers(self) -> list[tuple[bytes, bytes]]:
        """All headers, as they are sent."""
        has_length = self.body is not None or self.method in WITH_BODY
        length = {"content-length": str(len(self.body or b""))} if has_length else {}
        headers = {
            "host": self.target.authority,
            **self.headers,
            "accept-encoding": "identity",
            "connection": "close",
            **length,
        }
        return [(name.encode(), value.encode()) for name, value in headers.items()]


def encode_body(body: Body | None) -> tuple[bytes | None, dict[str, str]]:
    """The bytes of `{"json": ...}` or `{"text": ...}`, and what their Content-Type is unless the caller says so.

    Raises OperationError for more than 1 MiB.
    """
    if body is None:
        return None, {}
    if "text" in body:
        content, kind = body["text"].encode(), "text/plain; charset=utf-8"
    else:
        text = json.dumps(body["json"], ensure_ascii=False, separators=(",", ":"))
        content, kind = text.encode(), "application/json"
    if len(content) > MAX_BODY_BYTES:
        raise permanent(
            "request_too_large", f"the body has {len(content)} bytes, at most {MAX_BODY_BYTES} are sent"
        )
    return content, {"content-type": kind}


def make_request(
    method: str | None,
    target: Target,
    *,
    headers: Mapping[str, str],
    body: Body | None,
    key: str,
    signing_secret: str | None,
) -> Request:
    """The request that a task asks for. `key` is the same in every attempt. Raises OperationError."""
    content, kind = encode_body(body)
    usual = {"accept": "*/*", "user-agent": USER_AGENT, "idempotency-key": key}
    signed = {}
    if signing_secret:
        signed = signed_headers(
            signing_secret, message_id=key, timestamp=int(time.time()), body=content or b""
        )
    method = method or ("GET" if body is None else "POST")
    return Request(method, target, merged(usual, kind, headers, signed), content)
