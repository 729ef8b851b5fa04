"""What is not worth a line of the log, or not worth more than one."""

import logging

MOST_CHARACTERS = 300

TOLD_BY_US = {
    # Two lines for each attempt and each sweep; ours has one, and a sweep none.
    "celery.worker.strategy": "WARNING",
    "celery.app.trace": "WARNING",
    # What ends an attempt from outside is told by the attempt's line, without a traceback of Celery's own code.
    "celery.worker.request": "CRITICAL",
    # Flower's settings and its requests.
    "flower.command": "WARNING",
    "tornado.access": "WARNING",
}
"""Loggers of libraries whose lines are told better elsewhere, and their levels unless everything is wanted."""


def levels(level: str) -> dict[str, dict[str, str]]:
    """Those of libraries, for a LOG_LEVEL."""
    return {name: {"level": level if level == "DEBUG" else least} for name, least in TOLD_BY_US.items()}


class RefusalFilter(logging.Filter):
    """One short line for a request that Django refuses, such as one with a wrong Host: anybody can send such requests,
    and no traceback tells more."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security"):
            record.exc_info = record.exc_text = None
            record.msg, record.args = record.getMessage()[:MOST_CHARACTERS], None
        return True
