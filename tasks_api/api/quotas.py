"""What a project may have at most, held against what it has. Whose project has no limits pays for none of this."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from django.db.models import QuerySet

from access.actor import Actor
from access.refusals import QuotaReached, refuse_many
from rest.input import read_query
from rest.problems import InvalidInput
from tasks_api import actions
from tasks_api.api.filters import ManyQuery, selected
from tasks_api.models import Task
from tasks_api.quotas import OF_TASKS, TASKS_PER_DAY, WAITING_TASKS, tasks_today, waiting_tasks

_USED = {WAITING_TASKS: waiting_tasks, TASKS_PER_DAY: tasks_today}


def refuse_tasks(actor: Actor, count: int, quotas: Sequence[str] = OF_TASKS) -> None:
    """For whoever brings about so many tasks. Requests at the same moment may together go beyond.

    Raises QuotaReached.
    """
    if not actor.quotas or not count:
        return
    for name in quotas:
        limit = actor.quota(name)
        if limit is not None and (used := _USED[name](actor.project_id, limit + 1)) + count > limit:
            raise QuotaReached(name, limit, used)


def refuse_waiting(actor: Actor, count: int) -> None:
    """For whoever lets so many tasks that had ended wait again; they were created before. Raises QuotaReached."""
    refuse_tasks(actor, count, [WAITING_TASKS])


def refuse_retries(actor: Actor, tasks: QuerySet[Task]) -> None:
    """For whoever lets all of these run again that may. Raises QuotaReached."""
    if actor.quota(WAITING_TASKS) is not None:
        refuse_waiting(actor, actions.retry_many(tasks, actor, {}, dry_run=True).count)


def limit_submission(actor: Actor, body: Any, _path: Mapping[str, Any]) -> None:
    """For whoever would submit this body, or trigger a schedule. Raises QuotaReached."""
    refuse_tasks(actor, len(body) if isinstance(body, list) else 1)


def limit_retry(actor: Actor, _body: Any, _path: Mapping[str, Any]) -> None:
    """For whoever would run a task again. Raises QuotaReached."""
    refuse_waiting(actor, 1)


def limit_retries(actor: Actor, _body: Any, named: Mapping[str, Any]) -> None:
    """For whoever would run all tasks again that a filter names. Raises KeyRestricted, QuotaReached."""
    refuse_many(actor)
    with suppress(InvalidInput):  # the request itself would be refused for it, but not because of its key
        refuse_retries(actor, selected(read_query(ManyQuery, named["query"]), actor.project_id))
