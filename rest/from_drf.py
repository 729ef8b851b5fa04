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
            return not_acceptable([renderer.media_type for renderer in view.renderer_classes])
        case exceptions.MethodNotAllowed() if view is not None and request is not None:
            return method_not_allowed(request.method, view.allowed_methods)
    code = error.get_codes() if isinstance(error.detail, str) else error.default_code
    return problem_of(HTTPStatus(error.status_code), str(code), str(error.detail))


def unsupported_media_type(got: str) -> Problem:
    """415, for a body that says to be something else."""
    said = f"got {got[:100]}" if got else "and the request does not say what it is"
    return problem_of(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media_type",
        f"the body must be application/json, {said}: send JSON, with the header Content-Type: application/json",
        headers={"Accept": "application/json"},
    )


def compressed(coding: str) -> Problem:
    """415, for a body that is packed."""
    return problem_of(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media_type",
        f"the body must not be compressed, got {coding[:50]}: send it as it is, without Content-Encoding",
        headers={"Accept-Encoding": "identity"},
    )


def method_not_allowed(method: str | None, allowed: Iterable[str]) -> Problem:
    """405, with what is possible."""
    known = ", ".join(allowed)
    return problem_of(
        HTTPStatus.METHOD_NOT_ALLOWED,
        "method_not_allowed",
        f"{(method or '')[:20]} is not possible here; possible are {known}",
        headers={"Allow": known},
    )


def not_acceptable(media_types: Sequence[str]) -> Problem:
    """406, with what the answer can be."""
    known = " or ".join(media_types)
    return problem_of(
        HTTPStatus.NOT_ACCEPTABLE,
        "not_acceptable",
        f"the answer is {known}, which the Accept header does not allow: send Accept: {media_types[0]}, or no Accept",
    )
