"""kill -9 of a sweeper amid a bulk action: each member is dealt with once."""

import os
import signal
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

from schedules.tests.test_bulk_actions import begin, new_schedule, sweep_until_done
from tasks_api.bulk_action_rows import BulkAction
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from testing.api import Api
from testing.factories import ago, make_task
from testing.stack import PROJECT
from testing.web import database_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

MEMBERS, AT_ONCE = 11, 2
# Each turn stops where all is changed and nothing is committed; a line lets it go on.
VICTIM = """
import sys
import django
django.setup()
from schedules.actions import bulk
from tasks_api.bulk_actions import carrying_out, tasks
bulk.AT_ONCE = tasks.LOOKED_AT = int(sys.argv[1])
note = carrying_out._note
def stop(*arguments):
    print("changed", flush=True)
    sys.stdin.readline()
    note(*arguments)
carrying_out._note = stop
while carrying_out._turn_of_next(bulk.KINDS):
    pass
"""


def kill_after(turns: int) -> None:
    """Do so many turns in a process of its own, and kill it in the middle of the next one."""
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "APPS": "testing",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    with subprocess.Popen(
        [sys.executable, "-c", VICTIM, str(AT_ONCE)],
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as victim:
        assert victim.stdin is not None
        assert victim.stdout is not None
        for _ in range(turns):
            assert victim.stdout.readline() == "changed\n"
            victim.stdin.write("\n")
            victim.stdin.flush()
        assert victim.stdout.readline() == "changed\n"
        victim.send_signal(signal.SIGKILL)
        assert victim.wait() == -signal.SIGKILL


def dealt_with(path: str) -> int:
    row = BulkAction.objects.get(id=path.split("/")[2])
    return int(row.done)


def test_tasks_are_changed_once(api: Api) -> None:
    tasks = [make_task(Status.FAILURE, tags=["night"]) for _ in range(MEMBERS)]
    path = begin(api, "retry", {"tag": "night"})
    for turns, done in ((0, 0), (2, 4), (1, 6)):
        kill_after(turns)
        assert dealt_with(path) == done
        assert Task.objects.filter(status="PENDING").count() == done
    # One that was dealt with, and failed again, fits anew: it is left alone.
    Task.objects.filter(id=tasks[0].id).update(status="FAILURE", dispatch_at=None, finished_at=ago(0))
    assert sweep_until_done(api, path)["counts"]["done"] == MEMBERS
    found: dict[Any, Any] = dict(Task.objects.values_list("id", "version"))
    assert found == {task.id: task.version + 1 for task in tasks}


def test_schedules_are_triggered_once(api: Api) -> None:
    ids = [new_schedule(api, f"number {number}") for number in range(MEMBERS)]
    path = begin(api, "trigger", {"tag": "night"})
    for turns, done in ((1, 2), (0, 2), (2, 6)):
        kill_after(turns)
        assert dealt_with(path) == done
    assert sweep_until_done(api, path)["counts"]["done"] == MEMBERS
    made = Counter(str(each) for each in Task.objects.values_list("schedule_id", flat=True))
    assert made == Counter(ids)
