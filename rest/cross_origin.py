"""What browsers must be told so that pages of other sites may use the API, where an operator names such sites.

`corsheaders` does it for what Django answers. Without settings it is not there, nor is anything here.
"""

import re
from wsgiref.types import WSGIEnvironment

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse

_KEY = re.compile(r"(bearer +)?pct_", re.IGNORECASE)


def is_allowed(request: HttpRequest) -> bool:
    """Whether it comes from a page of another site that may use the API here."""
    return (
        request.headers.get("Origin") in settings.CORS_ALLOWED_ORIGINS
        and re.match(settings.CORS_URLS_REGEX, request.path_info) is not None
    )


def carries_key(request: HttpRequest) -> bool:
    """Whether a page says who it is, as only one can that was told. Whether it is true, the door finds out."""
    sent = (request.headers.get(name, "") for name in ("Authorization", "X-Api-Key"))
    return any(map(_KEY.match, sent))


def headers_of(environ: WSGIEnvironment) -> dict[str, str]:
    """For an answer that is made before Django sees the request: a page that cannot read it sees a network error."""
    if not settings.CORS_ALLOWED_ORIGINS:
        return {}
    from corsheaders.middleware import CorsMiddleware

    answer = HttpResponse(headers={"Content-Type": ""})
    CorsMiddleware(lambda _: answer).add_response_headers(WSGIRequest(dict(environ)), answer)
    return {name: value for name, value in answer.items() if value}
