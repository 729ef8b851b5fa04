"""What DRF refuses, told so that the caller knows what to do instead."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from rest_framework import exceptions

from rest.problems import Problem, problem_of


def from_drf(error: exceptions.APIException, context: Mapping[str, Any]) -> Problem:
    """The problem that tells `error`. `context` is what DRF gives its handler: the `request` and the `view`."""
    view, request = context.get("view"), context.get("request")
    match error:
        case exceptions.UnsupportedMediaType() if request is not None:
            return unsupported_media_type(request.content_type)
        case exceptions.NotAcceptable() if view is not None:
            return NotAcceptable([renderer.media_type for renderer in view.renderer_classes])
        case exceptions.MethodNotAllowed() if view is not None and request is not None:
            return MethodNotAllowed(request.method, view.allowed_methods)
    code = error.get_codes() if isinstance(error.detail, str) else error.default_code
    return problem_of(HTTPStatus(error.status_code), str(code), str(error.detail))


class UnsupportedMediaType(Problem):
    """415: the body is not said to be JSON, or is packed."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported_media_type"
    mending = "Send JSON as it is, with `Content-Type: application/json` and without `Content-Encoding`."
    sample = ("the body must be application/json, got text/plain",)


class MethodNotAllowed(Problem):
    """405: this path does not know this method."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    code = "method_not_allowed"
    mending = "Use one of the methods in `Allow`, or look in `/swagger/` for the path that is meant."
    sample = ("PUT", ["GET", "POST", "HEAD", "OPTIONS"])

    def __init__(self, method: str | None, allowed: Iterable[str]) -> None:
        known = ", ".join(allowed)
        detail = f"{(method or '')[:20]} is not possible here; possible are {known}"
        super().__init__(detail, headers={"Allow": known})


class NotAcceptable(Problem):
    """406: the answer has none of the forms that the request allows."""

    status = HTTPStatus.NOT_ACCEPTABLE
    code = "not_acceptable"
    mending = (
        "Send no `Accept` header, or one that allows `application/json` (`text/event-stream` for events)."
    )
    sample = (["application/json"],)

    def __init__(self, media_types: Sequence[str]) -> None:
        known = " or ".join(media_types)
        super().__init__(
            f"the answer is {known}, which the Accept header does not allow: send Accept: {media_types[0]}, or no "
            "Accept"
        )


def unsupported_media_type(got: str) -> Problem:
    """415, for a body that says to be something else."""
    said = f"got {got[:100]}" if got else "and the request does not say what it is"
    return UnsupportedMediaType(
        f"the body must be application/json, {said}: send JSON, with the header Content-Type: application/json",
        headers={"Accept": "application/json"},
    )


def compressed(coding: str) -> Problem:
    """415, for a body that is packed."""
    return UnsupportedMediaType(
        f"the body must not be compressed, got {coding[:50]}: send it as it is, without Content-Encoding",
        headers={"Accept-Encoding": "identity"},
    )
