"""`python -m config.flower_process`: Celery's command line with a Flower that hears SIGTERM once."""

import os
import sys

from celery.__main__ import main
from flower import command
from tornado.ioloop import IOLoop

from tasks_api.node import termination


def _end(_number: int, _frame: object) -> None:
    """Between two steps of Flower's loop. Its own handler raises wherever it is called."""
    IOLoop.current().add_callback_from_signal(sys.exit, 0)


def _forget_empty_settings() -> None:
    """They count as not set. Flower would take an empty password for one."""
    for name in [name for name, value in os.environ.items() if name.startswith("FLOWER_") and not value]:
        del os.environ[name]


if __name__ == "__main__":
    _forget_empty_settings()
    command.sigterm_handler = termination.once(_end)
    main()
