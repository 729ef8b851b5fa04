"""`GET /tasks/{id}/events/`: a task's life as server-sent events."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from access.actor import Actor
from access.payloads import shown_to
from rest.json import dump
from rest.renderers import JSONRenderer
from tasks_api.api.tasks import represent
from tasks_api.lifecycle import FINAL
from tasks_api.shown import AnyTask
from tasks_api.watching import Watch, watcher

Show = Callable[[dict[str, Any]], dict[str, Any]]
"""What makes of a task what its reader may see of it."""

MEDIA_TYPE = "text/event-stream"
RECONNECT = b"retry: 3000\n\n"
HEART_BEAT = b": still there\n\n"
# A stream is of use as it comes: no proxy may keep it, nor hold it back.
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class EventStreamRenderer(JSONRenderer):
    """Makes the view accept `Accept: text/event-stream`. What it sends is made by `EventStream`."""

    media_type = MEDIA_TYPE
    format = "event-stream"


def stream(task: AnyTask, last_event_id: str, actor: Actor) -> HttpResponseBase:
    """The answer: events from now on, or 204, which tells a browser that there are no more. Raises TooManyWait."""
    is_known = last_event_id == str(task.version)
    if task.status in FINAL and is_known:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    events = EventStream(Watch(task, actor), shown_to(actor), is_known=is_known)
    return StreamingHttpResponse(events, content_type=MEDIA_TYPE, headers=HEADERS)


class EventStream:
    """The events of a task until it is final. Whoever sends them closes it, also when the client is gone."""

    def __init__(self, watch: Watch, show: Show, *, is_known: bool) -> None:
        self._show = show
        self._watch = watch
        self._shown: AnyTask | None = watch.task if is_known else None
        if watch.task and watch.task.status not in FINAL:
            watcher.enter(watch)

    def close(self) -> None:
        """Nobody reads any more."""
        watcher.leave(self._watch)

    def __iter__(self) -> Iterator[bytes]:
        yield RECONNECT
        while not self._watch.told_to_stop:
            task = self._watch.task
            if task is None:
                yield _event("end", {"id": str(self._watch.id), "deleted": True})
                return
            if self._shown is None or self._shown.version != task.version:
                yield _event_of(task, self._shown, self._show)
                self._shown = task
            if task.status in FINAL:
                return
            if not self._watch.wait(settings.ENVIRONMENT.HEART_BEAT_SECONDS):
                yield HEART_BEAT


def _event_of(task: AnyTask, before: AnyTask | None, show: Show) -> bytes:
    if task.status in FINAL:
        return _event("end", show(represent(task)), task.version)
    if before is not None and _but_progress(task) == _but_progress(before):
        return _event("progress", show(represent(task))["progress"], task.version)
    return _event("status", show(represent(task)), task.version)


def _but_progress(task: AnyTask) -> dict[str, Any]:
    return represent(task) | {"progress": None}


def _event(name: str, data: Any, version: int | None = None) -> bytes:
    # A deleted task has no version, and nobody can go on from there.
    number = b"" if version is None else b"id: %d\n" % version
    return b"%sevent: %s\ndata: %s\n\n" % (number, name.encode(), dump(data))
