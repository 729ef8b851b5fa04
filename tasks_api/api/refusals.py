"""What is raised where tasks are read and changed, as problems."""

from http import HTTPStatus

from access.api.idempotent import KeyMeansAnother
from access.api.views import PayloadView
from access.idempotency import KeyReused
from rest.problems import Conflict, NotFound, Problem
from rest.unavailable import RETRY_AFTER_SECONDS, Unavailable
from rest.views import invalid
from tasks_api import actions, removal
from tasks_api.models import Task
from tasks_api.watching import TooManyOfOneWait, TooManyOfProjectWait, TooManyWait


class TooManyWaiting(Unavailable):
    """503: as many others as may are waiting for a task."""

    code = "too_many_waiting"
    mending = "Ask without waiting, or again after `Retry-After` seconds."
    sample = ("as many others as may are waiting for tasks",)


class TooManyOfYoursWaiting(Problem):
    """429: as many requests of one key, or of one project, as may are waiting for tasks."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too_many_of_yours_waiting"
    mending = (
        "Close streams that nobody reads, ask without waiting, or again after `Retry-After` seconds. The operator may "
        "raise `KEY_WAITING_LIMIT`, or `WEB_WAITING`, of which one project gets half where there are several."
    )
    sample = ("as many of your requests as may are waiting for tasks",)

    def __init__(self, detail: str | Exception) -> None:
        super().__init__(detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


class TaskView(PayloadView):
    """A view of tasks."""

    refusals = {
        Task.DoesNotExist: NotFound,
        actions.WrongTaskStatus: Conflict,
        actions.NeverRuns: invalid("run_at", "too_late"),
        removal.NotRemovable: Conflict,
        KeyReused: KeyMeansAnother,
        TooManyWait: TooManyWaiting,
        TooManyOfOneWait: TooManyOfYoursWaiting,
        TooManyOfProjectWait: TooManyOfYoursWaiting,
    }
