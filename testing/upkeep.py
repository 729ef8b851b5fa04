"""Tasks that upkeep has something to do to."""

from tasks_api.lifecycle import Status
from tasks_api.models import Task
from testing.factories import ago, make_node, make_task


def due() -> Task:
    """One whose first message is to be sent."""
    return make_task(dispatch_at=ago(0), dispatch_count=0)


def lost() -> Task:
    """One whose message was not answered in time."""
    return make_task(dispatch_at=ago(1))


def expired() -> Task:
    """One whose time to begin has passed."""
    return make_task(expires_at=ago(1))


def overdue() -> Task:
    """One that runs for longer than it may, on a node that lives."""
    return make_task(Status.STARTED, node_id=make_node().id, deadline_at=ago(1))


def old() -> Task:
    """One whose time to be kept has passed."""
    return make_task(Status.SUCCESS, finished_at=ago(4_000 * 86_400))
