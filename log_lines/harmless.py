"""Warnings of libraries that are true, and none in this service."""

import logging

HARMLESS = {
    # Threads come as they are needed; those that wait do no work.
    "_granian": "Configuration allows spawning up to",
    # It asks workers that are starting too, and asks again.
    "flower.inspector": "Inspect method",
}
"""The beginning of a message, by logger."""


class HarmlessFilter(logging.Filter):
    """Drops them."""

    def filter(self, record: logging.LogRecord) -> bool:
        beginning = HARMLESS.get(record.name)
        return beginning is None or not record.getMessage().startswith(beginning)
