"""One line of the log for each request, also for those that Django never sees."""

import logging
from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
from typing import Any
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from log_lines import event
from rest.middleware import HEADER

MOST_CHARACTERS = 500
SAFE = "/:@!$&'()*+,;=~"
SERVER_ERROR = 500

logger = logging.getLogger(__name__)


class RequestLog:
    """Tells of a request once its answer is sent, an event stream once it has ended.

    The query is left out: it may hold what is nobody's business. Requests to paths that begin as one of `probes` are
    told at DEBUG, unless they fail.
    """

    def __init__(self, application: WSGIApplication, probes: tuple[str, ...] = ()) -> None:
        self._application = application
        self._probes = probes

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = _Request(environ, self._probes)

        def start(status: str, headers: list[tuple[str, str]], *reason: Any) -> Any:
            request.answered(status, headers)
            return start_response(status, headers, *reason)

        try:
            answer = self._application(environ, start)
        except BaseException:
            request.tell()
            raise
        if isinstance(answer, list):
            request.tell()
            return answer
        return _Answer(answer, request.tell)


class _Request:
    def __init__(self, environ: WSGIEnvironment, probes: tuple[str, ...]) -> None:
        self._began = perf_counter()
        self._method = environ["REQUEST_METHOD"]
        # Django makes text of it later, in the same dict.
        self._path = environ.get("PATH_INFO", "")
        self._is_probe = self._path.startswith(probes)
        self._status = SERVER_ERROR
        self._id: str | None = None

    def answered(self, status: str, headers: list[tuple[str, str]]) -> None:
        self._status = int(status[:3])
        self._id = next((value for name, value in headers if name == HEADER), None)

    def tell(self) -> None:
        level = logging.DEBUG if self._is_probe and self._status < SERVER_ERROR else logging.INFO
        if not logger.isEnabledFor(level):
            return
        milliseconds = round((perf_counter() - self._began) * 1e3, 1)
        method, path = self._method[:20], quote(self._path.encode("latin-1"), safe=SAFE)[:MOST_CHARACTERS]
        told = event(
            "request.answered",
            method=method,
            path=path,
            status=self._status,
            duration_ms=milliseconds,
            request_id=self._id,
        )
        logger.log(level, "%s %s %d %s ms", method, path, self._status, milliseconds, extra=told)


class _Answer:
    """An answer that tells when it is over."""

    def __init__(self, parts: Iterable[bytes], tell: Callable[[], None]) -> None:
        self._parts = parts
        self._tell = tell

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    def close(self) -> None:
        try:
            if close := getattr(self._parts, "close", None):
                close()
        finally:
            self._tell()
