"""What the log says of a statement that failed and is tried again."""

import logging

from log_lines import event
from tasks_api.postgres import is_stopped


def log_failure(
    logger: logging.Logger, error: BaseException, *, doing: str, seconds: float, then: str
) -> None:
    """Whether the database gave up on what took it so many seconds, or does not answer. And what becomes of it."""
    if is_stopped(error):
        logger.warning(
            "%s: the database gave up on it after %.1f s, %s: %s",
            doing,
            seconds,
            then,
            error,
            extra=event("database.busy"),
        )
    else:
        logger.warning(
            "%s: the database does not answer, %s: %s", doing, then, error, extra=event("database.away")
        )
