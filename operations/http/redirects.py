"""Going on where a redirect leads, each step judged as the first was (RFC 9110, 15.4)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from operations.errors import permanent
from operations.http.connecting import Guard
from operations.http.deadline import Deadline
from operations.http.exchange import Response, answering
from operations.http.headers import NOT_SECRET
from operations.http.requests import Request
from operations.http.target import InvalidTarget, Target, next_target

Hide = Callable[[str], str]
"""Takes secrets out of a text."""

REDIRECTS = {301, 302, 303, 307, 308}


@contextmanager
def following(
    request: Request, guard: Guard, deadline: Deadline, most: int, hide: Hide
) -> Iterator[tuple[Request, Response]]:
    """The last request and its answer, after at most so many redirects; 0: redirects are answers like others."""
    for steps in range(most + 1):
        with answering(request, guard, deadline) as answer:
            if most == 0 or not is_redirect(answer):
                yield request, answer
                return
            location = answer.headers["location"]
        if steps < most:
            request = redirected(request, answer.status, location, hide)
    raise permanent("too_many_redirects", f"there were more than {most} redirects (follow_redirects)")


def is_redirect(answer: Response) -> bool:
    """Whether it says where to go on."""
    return answer.status in REDIRECTS and "location" in answer.headers


def redirected(request: Request, status: int, location: str, hide: Hide) -> Request:
    """The request that a redirect asks for. Raises OperationError.

    After 303 it is a GET without a body. After 301 and 302 of a POST it is a POST to some peers and a GET to others
    (RFC 9110, 15.4.2), so these are refused: a GET would look like success, and nothing would have been done. To
    another origin goes nothing that may be secret: a few harmless headers, and no body at all.
    """
    target = _next(request.target, location)
    if may_lose_body(request.method, status):
        raise permanent(
            "refused_redirect",
            f"{request.target.origin} redirects the POST with {status}, which would make an empty GET of it; "
            "give the address where it leads instead, or, if that answer is success, "
            f"expect {status} with follow_redirects 0",
        )
    if status == 303 and request.method != "HEAD":
        kept = {name: value for name, value in request.headers.items() if not _is_about_body(name)}
        request = Request("GET", request.target, kept)
    if target.origin == request.target.origin:
        return replace(request, target=target)
    return _to_another_origin(request, target, hide)


def may_lose_body(method: str, status: int) -> bool:
    """Whether by custom the redirect makes a GET of a request that was to do something."""
    return method == "POST" and status in (301, 302)


def _next(target: Target, location: str) -> Target:
    try:
        onward = next_target(target, location)
    except InvalidTarget:
        raise permanent(
            "refused_redirect", f"{target.origin} redirects to something that is not a web address"
        ) from None
    if target.scheme == "https" and onward.scheme == "http":
        raise permanent("refused_redirect", f"{target.origin} redirects from https to http")
    return onward


def _is_about_body(name: str) -> bool:
    return name.startswith(("content-", "webhook-"))


def _to_another_origin(request: Request, target: Target, hide: Hide) -> Request:
    if request.body is not None:
        raise permanent(
            "refused_redirect",
            f"{request.target.origin} redirects to {target.origin}, which would get the body; "
            "if that is meant, give its address instead",
        )
    kept = {
        name: value for name, value in request.headers.items() if name in NOT_SECRET and hide(value) == value
    }
    return Request(request.method, target, kept)
