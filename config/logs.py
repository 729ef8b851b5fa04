"""What is not worth a line of the log, or not worth more than one."""

import logging

from tasks_api.messages import SWEEP_TASK

MOST_CHARACTERS = 300


class RoutineFilter(logging.Filter):
    """Drops Celery's two lines for each sweep that went well: there is at least one sweep a second."""

    def filter(self, record: logging.LogRecord) -> bool:
        data = getattr(record, "data", None)
        is_sweep = isinstance(data, dict) and data.get("name") == SWEEP_TASK
        return record.levelno >= logging.WARNING or not is_sweep


class RefusalFilter(logging.Filter):
    """One short line for a request that Django refuses, such as one with a wrong Host: anybody can send such requests,
    and no traceback tells more."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security"):
            record.exc_info = record.exc_text = None
            record.msg, record.args = record.getMessage()[:MOST_CHARACTERS], None
        return True
