"""`python -m config.flower_process`: Celery's command line with a Flower that hears SIGTERM once.

It tells the service manager how it is, where one wants to know.
"""

import os
import sys

from celery.__main__ import main
from flower import command
from flower.app import Flower
from tornado.ioloop import IOLoop, PeriodicCallback

from config.flower_lock import FlowerLock
from tasks_api.node import termination
from tasks_api.node.service_manager import ServiceManager


def _end(manager: ServiceManager) -> None:
    manager.stopping()
    sys.exit(0)


def _tell(manager: ServiceManager) -> None:
    """In Flower's loop: it listens before, and that the loop turns is what is watched."""
    manager.ready()
    if manager.pause is not None:
        PeriodicCallback(manager.alive, manager.pause * 1_000).start()


def _forget_empty_settings() -> None:
    """They count as not set. Flower would take an empty password for one."""
    for name in [name for name, value in os.environ.items() if name.startswith("FLOWER_") and not value]:
        del os.environ[name]


if __name__ == "__main__":
    _forget_empty_settings()
    manager = ServiceManager.of(os.environ)
    # Between two steps of Flower's loop. Its own handler raises wherever it is called.
    command.sigterm_handler = termination.once(
        lambda _number, _frame: IOLoop.current().add_callback_from_signal(_end, manager)
    )
    IOLoop.current().add_callback(_tell, manager)
    if not os.environ.get("FLOWER_BASIC_AUTH"):
        lock = FlowerLock()
        lock.put_on(Flower)
        # Told at once, not only when somebody asks.
        IOLoop.current().add_callback(lock.is_shut)
    main()
