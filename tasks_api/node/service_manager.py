"""The service manager that started this process, as systemd does, hears how it is: the protocol of `sd_notify`.

Without one that asks for it, nothing is said. Knows no framework, for the web server's own process speaks too.
"""

import logging
import os
import socket
from collections.abc import MutableMapping

from log_lines import event
from tasks_api.isolation.interval import Interval

SEND_SECONDS = 1.0
"""It reads at once. One that does not is not to stop whoever speaks to it."""
IN_EACH_PERIOD = 4
"""How often to say within the time after which silence counts as a hang."""

logger = logging.getLogger(__name__)


class ServiceManager:
    """Whom to tell: a socket by its path, or by its name behind an `@`; None: nobody.

    `watchdog_seconds`: after how much silence this process is taken for hung; None: never.
    """

    def __init__(self, address: str | None = None, watchdog_seconds: float | None = None) -> None:
        self._address = "\0" + address[1:] if address and address.startswith("@") else address
        self._has_failed = False
        self._said: set[str] = set()
        self.pause = watchdog_seconds / IN_EACH_PERIOD if watchdog_seconds else None
        """How many seconds to wait before it is told again that this process lives; None: that is not asked."""
        self._interval = Interval(self.pause or 0)

    @classmethod
    def of(cls, environment: MutableMapping[str, str]) -> "ServiceManager":
        """The one that the environment names. It names none any more, so that no child speaks in our place."""
        address = environment.pop("NOTIFY_SOCKET", None)
        microseconds = environment.pop("WATCHDOG_USEC", "")
        process_id = environment.pop("WATCHDOG_PID", "")
        is_watched = microseconds.isdecimal() and process_id in ("", str(os.getpid()))
        return cls(address or None, int(microseconds) / 1e6 if is_watched else None)

    @property
    def is_there(self) -> bool:
        """Whether somebody wants to hear."""
        return self._address is not None

    def ready(self) -> None:
        """This process serves. Said once."""
        self._say_once("READY=1")

    def stopping(self) -> None:
        """This process was asked to end, and does. Said once."""
        self._say_once("STOPPING=1")

    def alive(self) -> None:
        """This process does not hang. Said as often as was asked for, however often it is called."""
        if self.is_there and self.pause is not None and self._interval.has_come():
            self._say("WATCHDOG=1")

    def _say_once(self, state: str) -> None:
        if self.is_there and state not in self._said and self._say(state):
            self._said.add(state)

    def _say(self, state: str) -> bool:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
                wire.settimeout(SEND_SECONDS)
                wire.sendto(state.encode(), self._address or "")
        except OSError as error:
            if not self._has_failed:
                logger.warning(
                    "the service manager cannot be told %s: %s",
                    state,
                    error,
                    extra=event("service_manager.away"),
                )
            self._has_failed = True
            return False
        self._has_failed = False
        return True


NOBODY = ServiceManager()
