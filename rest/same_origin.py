"""Keeps the pages of other sites from changing anything with the help of their visitors' browsers."""

from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from rest.cross_origin import carries_key, is_allowed
from rest.middleware import Handler

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
OTHER_SITE = "pages of other sites must not change anything here"
WITHOUT_KEY = "pages of other sites must send a key where they change something"


class SameOriginMiddleware:
    """Refuses with 403 what a browser says that a page from elsewhere wants to change.

    The API has no cookies to misuse, but a strange page could reach a service that only this machine can. A page that
    the operator allows needs a key, also while nobody else does.
    Programs that are no browsers say nothing of origins, and are let through.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in SAFE_METHODS and not _is_from_here(request):
            if not is_allowed(request):
                raise PermissionDenied(OTHER_SITE)
            if not carries_key(request):
                raise PermissionDenied(WITHOUT_KEY)
        return self.get_response(request)


def _is_from_here(request: HttpRequest) -> bool:
    # What the browser compared itself holds also behind a proxy that names another host.
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or _host_of(origin) == request.get_host()


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None
