"""Files that tasks read and make, as the sweep and a deletion see them."""

from uuid import uuid4

import pytest

from files import retention
from files.models import File
from files.uses import Direction, files_of, is_needed, note
from tasks_api.lifecycle import Status
from testing.factories import make_task
from testing.files import age, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_folder")]


def test_what_a_task_needs_stays() -> None:
    file = stored()
    waiting, done = make_task(Status.PENDING), make_task(Status.SUCCESS)
    note(Direction.IN, [(file.id, done.id)])
    assert not is_needed(file.id)
    note(Direction.IN, [(file.id, waiting.id), (file.id, waiting.id)])
    assert is_needed(file.id)
    File.objects.update(expires_at="2026-01-01T00:00:00Z")
    assert retention.forget_old_files(10) == 0
    assert [found.id for found in files_of(waiting.id)[Direction.IN]] == [file.id]


def test_the_sweep_removes_those_of_an_attempt_that_is_no_more() -> None:
    task = make_task(Status.STARTED)
    stored(draft_of=task.run_token, task_id=task.id)
    stored(draft_of=uuid4(), task_id=task.id)
    assert retention.forget_drafts(10) == 0
    age("file", "created_at")
    assert retention.forget_drafts(10) == 1
    assert File.objects.get().draft_of == task.run_token
