"""What is not worth a line of the log."""

import logging

from tasks_api.messages import SWEEP_TASK


class RoutineFilter(logging.Filter):
    """Drops Celery's two lines for each sweep that went well: there is at least one sweep a second."""

    def filter(self, record: logging.LogRecord) -> bool:
        data = getattr(record, "data", None)
        is_sweep = isinstance(data, dict) and data.get("name") == SWEEP_TASK
        return record.levelno >= logging.WARNING or not is_sweep
