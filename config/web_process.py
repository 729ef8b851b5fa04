"""`python -m config.web_process`: granian's command line, whose main process tells the service manager how the web is.

Only where one wants to know: without it, that process needs nothing of ours.
"""

import os
import socket
import threading
import time
from typing import Any, ClassVar

from granian import cli
from granian.server.mp import MPServer

from tasks_api.node.service_manager import NOBODY, ServiceManager

LOOK_SECONDS = 0.2
"""How often to ask whether it answers, until it does."""
ANSWER_SECONDS = 5.0
PATH = "/health/live/"
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (nobody listens here)
"""Where a server that listens on all addresses is reached."""


class WebServer(MPServer):
    """Granian's, with a thread that asks again and again whether it answers."""

    manager: ClassVar[ServiceManager] = NOBODY

    def startup(self, spawn_target: Any, target_loader: Any) -> None:
        """Granian's: returns when its processes have been started."""
        super().startup(spawn_target, target_loader)  # type: ignore[no-untyped-call]
        threading.Thread(target=self._watch, name="watch", daemon=True).start()

    def shutdown(self, exit_code: int = 0) -> None:
        """Granian's: ends its processes, when it was asked to end."""
        self.manager.stopping()
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]

    def _watch(self) -> None:
        """Takes no locks that a process might inherit: one that died is replaced by a fork."""
        address = (EVERYWHERE.get(self.bind_addr, self.bind_addr), self.bind_port)
        while not answers(address):
            time.sleep(LOOK_SECONDS)
        self.manager.ready()
        while self.manager.pause is not None:
            self.manager.alive()
            time.sleep(self.manager.pause)
            while not answers(address):
                time.sleep(LOOK_SECONDS)


def answers(address: tuple[str, int]) -> bool:
    """Whether a web process takes a request and does not fail to answer."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    request = f"GET {PATH} HTTP/1.1\r\nHost: {_host()}\r\nConnection: close\r\n\r\n"
    try:
        with socket.socket(family) as wire:
            wire.settimeout(ANSWER_SECONDS)
            wire.connect(address)
            wire.sendall(request.encode())
            head = wire.recv(64)
    except OSError:
        return False
    return head.startswith(b"HTTP/1.1 ") and head[9:10] in b"234"


def _host() -> str:
    """A host name that callers may use; any other would be refused, and that would be told in the log."""
    first = os.environ.get("ALLOWED_HOSTS", "").partition(",")[0].strip().lstrip(".")
    return "127.0.0.1" if first in ("", "*") else first


if __name__ == "__main__":
    WebServer.manager = ServiceManager.of(os.environ)
    cli.Server = WebServer  # type: ignore[attr-defined]
    cli.entrypoint()
