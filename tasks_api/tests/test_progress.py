"""How the progress of a running operation gets to its row."""

import time
from uuid import uuid4

import pytest
from django.db import transaction

from operations import Cancelled, Progress
from tasks_api import transitions
from tasks_api.database import fetch_one
from tasks_api.execution import progress
from tasks_api.execution.progress import Reporter
from tasks_api.ids import new_id
from tasks_api.models import Task
from tasks_api.transitions import Run
from testing.concurrency import eventually
from testing.factories import make_task
from testing.plans import empty

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run() -> Run:
    """A try that has begun."""
    task = make_task()
    claimed = transitions.claim(task.id, task.priority, token=uuid4(), node=new_id())
    assert claimed is not None
    return claimed


def progress_of(run: Run) -> object:
    return Task.objects.get(id=run.task_id).progress


def test_it_works(run: Run) -> None:
    Reporter(run)(Progress(12.5, "reading"))
    assert progress_of(run) == {"percent": 12.5, "message": "reading"}


def test_the_last_word_before_a_silence_is_told_soon(run: Run) -> None:
    report = Reporter(run)
    for percent in range(100):
        report(Progress(percent))
    eventually(lambda: progress_of(run) == {"percent": 99, "message": None})


def test_after_the_end_nothing_is_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "REPORT_SECONDS", 3_600)
    report = Reporter(run)
    for percent in range(2):
        report(Progress(percent))
    timer = report._later
    assert timer is not None
    report.close()
    timer.join(60)
    assert not timer.is_alive()
    assert progress_of(run) == {"percent": 0, "message": None}
    assert report.last == '{"percent": 1, "message": null}'


def test_it_is_written_seldom(run: Run) -> None:
    report = Reporter(run)
    version, began = Task.objects.get(id=run.task_id).version, time.monotonic()
    for percent in range(100):
        report(Progress(percent))
    eventually(lambda: progress_of(run) == {"percent": 99, "message": None})
    most = 2 + (time.monotonic() - began) / progress.REPORT_SECONDS
    assert Task.objects.get(id=run.task_id).version - version <= most


def test_who_is_cancelled_learns_it(run: Run) -> None:
    transitions.cancel([run.task_id])
    with pytest.raises(Cancelled):
        Reporter(run)(Progress(1))


def test_a_try_that_is_not_the_tasks_any_more_learns_it_and_changes_nothing(run: Run) -> None:
    transitions.succeed(run, "11")
    with pytest.raises(Cancelled):
        Reporter(run)(Progress(1))
    assert progress_of(run) is None


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (None, None),
        ("", ""),
        ("é 😀", "é 😀"),
        ("a\0b", "a\N{REPLACEMENT CHARACTER}b"),
        ("half \ud800", "half ?"),
        (r"a backslash: \u0000", r"a backslash: \u0000"),
    ],
)
def test_any_message_can_be_stored(run: Run, message: str | None, expected: str | None) -> None:
    Reporter(run)(Progress(1, message))
    assert progress_of(run) == {"percent": 1, "message": expected}


def test_without_the_database_the_operation_goes_on(run: Run, database_away: None) -> None:
    Reporter(run)(Progress(1))


@pytest.fixture
def fresh_table(db: None) -> None:
    """No page of it is filled by rows of earlier tests, for a page that is full has no room for a HOT update."""
    empty("task")


def test_a_report_touches_no_index(fresh_table: None, run: Run) -> None:
    with transaction.atomic():
        before = hot_updates()
        for percent in range(10):
            transitions.report(run, f'{{"percent": {percent}}}')
        assert hot_updates() - before == 10


def hot_updates() -> int:
    row = fetch_one("SELECT pg_stat_get_xact_tuples_hot_updated('task'::regclass)", [])
    assert row is not None
    return int(row[0])
