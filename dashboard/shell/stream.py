"""`/ui/stream/`: server-sent events with the names of what changed. Pages fetch for themselves what they show of it."""

import time
from collections.abc import Iterator
from http import HTTPStatus

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from dashboard.shell.changes import TOPICS, Listener, TooManyPages, changes
from dashboard.shell.page import PageRequest, page

LONGEST_SECONDS = 300.0
"""Then a stream ends, and the page asks for another one: who has logged out meanwhile gets none."""
HEADERS = {"X-Accel-Buffering": "no"}


@page(section="")
def stream(request: PageRequest) -> HttpResponseBase:
    """Events until the page is closed; 204 where as many are open as may: the page asks every few seconds then."""
    listener = Listener(request.actor.project_id)
    try:
        changes.enter(listener)
    except TooManyPages:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return StreamingHttpResponse(Events(listener), content_type="text/event-stream", headers=HEADERS)


class Events:
    """What is sent. Whoever sends it closes it, also when the page is gone."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._ends_at = time.monotonic() + LONGEST_SECONDS

    def close(self) -> None:
        """Nobody reads any more."""
        changes.leave(self._listener)

    def __iter__(self) -> Iterator[bytes]:
        yield b": hello\n\n"
        while not self._listener.has_ended and time.monotonic() < self._ends_at:
            topics = self._listener.wait(settings.ENVIRONMENT.HEART_BEAT_SECONDS)
            told = b"".join(b"event: %s\ndata:\n\n" % topic.encode() for topic in TOPICS if topic in topics)
            yield told or b": still there\n\n"
