"""What is raised where tasks are read and changed, as problems."""

from http import HTTPStatus

from rest.problems import Conflict, NotFound, Problem, problem_of
from rest.views import View, invalid
from tasks_api import actions, removal
from tasks_api.api.idempotent import KeyMeansAnother
from tasks_api.idempotency import KeyReused
from tasks_api.models import Task
from tasks_api.watching import TooManyWait


def _too_many_wait(error: TooManyWait) -> Problem:
    return problem_of(
        HTTPStatus.SERVICE_UNAVAILABLE, "too_many_waiting", str(error), headers={"Retry-After": "5"}
    )


class TaskView(View):
    """A view of tasks."""

    refusals = {
        Task.DoesNotExist: NotFound,
        actions.WrongTaskStatus: Conflict,
        actions.NeverRuns: invalid("run_at", "too_late"),
        removal.NotRemovable: Conflict,
        KeyReused: KeyMeansAnother,
        TooManyWait: _too_many_wait,
    }
