"""How the progress of a running operation gets to its row, and the wish to stop it back to the operation."""

import json

from operations import Cancelled, Progress
from tasks_api import transitions
from tasks_api.interval import Interval
from tasks_api.transitions import Run

REPORT_SECONDS = 0.5


class Reporter:
    """Writes an operation's progress, at most every half a second; the end is told by the result."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._interval = Interval(REPORT_SECONDS)

    def __call__(self, progress: Progress) -> None:
        """Raises Cancelled if somebody asked the task to stop, or if this try is not the task's any more."""
        if not self._interval.has_come():
            return
        text = json.dumps({"percent": progress.percent, "message": progress.message})
        if transitions.report(self._run, text.replace("\\u0000", "\\ufffd")):
            raise Cancelled
