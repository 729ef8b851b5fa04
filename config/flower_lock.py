"""Flower knows neither keys nor people: once there is one, it shows nothing to those whom it asks for no password.

It goes on running, so that nothing starts it again and again, and its health can be asked.
"""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

from django.db import DatabaseError, connection
from tornado.web import Application, RequestHandler

from access.openness import has_nobody
from log_lines import event

KEEP_SECONDS = 2.0
HEALTH = "/healthcheck"
HOW_TO_MEND = (
    "Flower shows nothing: this service has keys or people, and Flower knows neither. Set "
    "FLOWER_BASIC_AUTH=name:password and start it again, or leave it out with FLOWER=0"
)

logger = logging.getLogger(__name__)


class _Locked(RequestHandler):
    """What every page answers."""

    def prepare(self) -> None:
        """Tornado's hook before any method."""
        self.set_status(HTTPStatus.FORBIDDEN)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{HOW_TO_MEND}\n")


def _ask() -> bool:
    try:
        return has_nobody()
    finally:
        connection.close()


class FlowerLock:
    """Asks the database when somebody asks Flower, once in two seconds, and never again once it is shut."""

    def __init__(self) -> None:
        self._is_shut = False
        self._asked_at = float("-inf")
        # Django refuses to ask in a thread that has an event loop.
        self._thread = ThreadPoolExecutor(1)

    def is_shut(self) -> bool:
        """Whether Flower shows nothing. While the database is away, it does not, either."""
        if self._is_shut or time.monotonic() < self._asked_at + KEEP_SECONDS:
            return self._is_shut
        try:
            self._is_shut = not self._thread.submit(_ask).result()
        except DatabaseError as error:
            logger.warning(
                "Flower shows nothing while the database is away: %s", error, extra=event("flower.shut")
            )
            return True
        if self._is_shut:
            logger.warning("%s", HOW_TO_MEND, extra=event("flower.shut"))
        self._asked_at = time.monotonic()
        return self._is_shut

    def put_on(self, flower: type[Application]) -> None:
        """From now on, every request to Flower comes here first."""
        found = flower.find_handler

        def find_handler(application: Application, request: Any, **kwargs: Any) -> Any:
            if request.path != HEALTH and self.is_shut():
                return application.get_handler_delegate(request, _Locked)
            return found(application, request, **kwargs)

        flower.find_handler = find_handler  # type: ignore[method-assign, assignment]
