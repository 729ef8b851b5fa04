"""Problems that are told before Django sees the request."""

from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import WSGIEnvironment

from rest import cross_origin
from rest.json import dump_line
from rest.middleware import HEADER, request_id_from
from rest.problems import CONTENT_TYPE, Problem

Start = Callable[[str, list[tuple[str, str]]], Any]


def respond(
    problem: Problem, environ: WSGIEnvironment, start_response: Start, *, close: bool = False
) -> Iterable[bytes]:
    """The answer to a WSGI server, in the same form as all others. `close`: the connection ends."""
    request_id = request_id_from(environ.get("HTTP_X_REQUEST_ID", ""))
    content = dump_line({**problem.body, "request_id": request_id})
    headers = {
        "Content-Type": CONTENT_TYPE,
        "Content-Length": str(len(content)),
        HEADER: request_id,
        **({"Connection": "close"} if close else {}),
        **problem.headers,
        **cross_origin.headers_of(environ),
    }
    start_response(f"{problem.status.value} {problem.status.phrase}", list(headers.items()))
    return [content]
