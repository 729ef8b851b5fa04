"""What is raised where tasks are read and changed, as problems."""

from rest.problems import Conflict, NotFound, Unavailable
from rest.views import View, invalid
from tasks_api import actions, removal
from tasks_api.api.idempotent import KeyMeansAnother
from tasks_api.idempotency import KeyReused
from tasks_api.models import Task
from tasks_api.watching import TooManyWait


class TooManyWaiting(Unavailable):
    """503: as many others as may are waiting for a task."""

    code = "too_many_waiting"


class TaskView(View):
    """A view of tasks."""

    refusals = {
        Task.DoesNotExist: NotFound,
        actions.WrongTaskStatus: Conflict,
        actions.NeverRuns: invalid("run_at", "too_late"),
        removal.NotRemovable: Conflict,
        KeyReused: KeyMeansAnother,
        TooManyWait: TooManyWaiting,
    }
