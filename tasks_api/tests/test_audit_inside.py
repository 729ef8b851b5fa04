"""Who changes tasks without a request leaves a trace as well."""

import pytest

from access.models import AuditEvent
from tasks_api.actions import cancel_from_flower
from tasks_api.lifecycle import Status
from testing.access import make_project
from testing.factories import make_task

pytestmark = pytest.mark.django_db


def test_flowers_button() -> None:
    other = make_project("other")
    mine, theirs = make_task(), make_task(project_id=other.id)
    final = make_task(Status.SUCCESS)
    assert cancel_from_flower([mine.id, theirs.id, final.id]) == {mine.id, theirs.id}
    first, second = AuditEvent.objects.order_by("project_id")
    assert (first.actor_kind, first.actor_name, first.action) == ("system", "Flower", "task.cancel")
    assert (first.project_id, first.filter, first.count) == (1, {"id": [str(mine.id)]}, 1)
    assert (second.project_id, second.filter) == (other.id, {"id": [str(theirs.id)]})


def test_where_nothing_is_cancelled_there_is_no_event() -> None:
    assert cancel_from_flower([make_task(Status.SUCCESS).id]) == set()
    assert not AuditEvent.objects.exists()
