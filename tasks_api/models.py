"""The rows. A task's row is the truth about it; nothing else is asked."""

from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.lookups import DataContains
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast, Now

from access.actor import DEFAULT_PROJECT_ID
from tasks_api.bulk_action_rows import BulkAction  # noqa: F401 (Django looks for tables here)
from tasks_api.idempotency_rows import IdempotencyKey  # noqa: F401 (Django looks for tables here)
from tasks_api.ids import new_id
from tasks_api.lifecycle import FINAL, WAITING, Status
from tasks_api.rolled_up import RollUp, RollUpProgress  # noqa: F401 (Django looks for tables here)
from tasks_api.window_rows import DispatchGate, DispatchWindow  # noqa: F401 (Django looks for tables here)

WAITS = Q(status__in=[status.value for status in WAITING])
IS_STARTED = Q(status=Status.STARTED.value)
IS_UNFINISHED = WAITS | IS_STARTED
IS_FINAL = Q(status__in=[status.value for status in FINAL])
NEWEST = F("id").desc(nulls_last=True)
IS_FAILURE = Q(status=Status.FAILURE.value, fingerprint__isnull=False)
LONGEST_TAG = 100
HAS_TAGS = ~Q(tags=[])
OWN_TAGS = Func("project_id", "tags", function="project_tags", output_field=ArrayField(models.TextField()))
"""The tags, each behind its project."""
IN_BACKLOG = Q(dispatch_at=Cast(Value("-infinity"), models.DateTimeField()))
IS_SENT = Q(dispatch_at__isnull=False, dispatch_count__gt=0)


class Task(models.Model):
    """One run of an operation: what to do, where it stands, and what came of it.

    Rows are born in `tasks_api.submission` and changed in `tasks_api.transitions`, nowhere else.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    operation = models.TextField()
    arguments = models.JSONField()
    priority = models.SmallIntegerField(help_text="0 to 9; 9 is the most urgent")
    tags = ArrayField(models.TextField(), default=list)
    max_attempts = models.SmallIntegerField()
    timeout_seconds = models.FloatField(help_text="for one try")
    run_at = models.DateTimeField(help_text="not before")
    expires_at = models.DateTimeField(null=True, help_text="not after")
    schedule_id = models.UUIDField(null=True, help_text="no foreign key: history outlives its schedule")
    scheduled_for = models.DateTimeField(null=True, help_text="the instant of the schedule's rule")
    previous_scheduled_for = models.DateTimeField(null=True, help_text="the rule's instant before that")
    next_scheduled_for = models.DateTimeField(null=True, help_text="the rule's instant after that")

    status = models.TextField(
        choices=[(status.value, status.value) for status in Status], default=Status.PENDING.value
    )
    attempt = models.SmallIntegerField(default=0, help_text="how many tries have begun")
    result = models.JSONField(null=True)
    error = models.JSONField(null=True)
    progress = models.JSONField(null=True)
    fingerprint = models.TextField(
        null=True, help_text="of a failure: what makes others the same; null before there were any"
    )

    dispatch_at = models.DateTimeField(
        null=True,
        help_text="when to hand a waiting task to the broker (again); -infinity: as soon as there is room for it",
    )
    dispatch_count = models.SmallIntegerField(default=0, help_text="how often its message was sent")
    final_attempt = models.SmallIntegerField(help_text="the try after which it is given up")
    retry_when_lost = models.BooleanField(
        help_text="whether a try that was lost with its worker may be repeated"
    )
    cancel_requested_at = models.DateTimeField(null=True, help_text="somebody asked the running task to stop")
    deadline_at = models.DateTimeField(
        null=True, help_text="when the sweep ends a try that nothing else could end"
    )
    version = models.IntegerField(default=0, help_text="grows with every change that a client can see")
    run_token = models.UUIDField(null=True, help_text="who runs it: a stale worker's result does not match")
    node_id = models.UUIDField(null=True, help_text="the worker node that runs it")
    worker = models.TextField(null=True, help_text="the name of the node that it succeeded on")

    project_id = models.IntegerField(
        default=DEFAULT_PROJECT_ID,
        db_default=DEFAULT_PROJECT_ID,
        help_text="no foreign key, which each INSERT would have to look up: a project is never deleted",
    )
    created_by = models.TextField(null=True, help_text="who submitted it, where somebody is known: key:<id>")
    request_id = models.TextField(null=True, help_text="of the request with which somebody did")

    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, help_text="when the last try began")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "task"
        constraints = [
            models.CheckConstraint(
                name="task_status_known", condition=Q(status__in=[status.value for status in Status])
            ),
            models.CheckConstraint(name="task_priority_range", condition=Q(priority__range=(0, 9))),
            models.CheckConstraint(
                name="task_waiting_has_dispatch_at",
                condition=(WAITS & Q(dispatch_at__isnull=False)) | (~WAITS & Q(dispatch_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="task_started_has_node",
                condition=(
                    IS_STARTED & Q(node_id__isnull=False, run_token__isnull=False, started_at__isnull=False)
                )
                | (~IS_STARTED & Q(node_id__isnull=True)),
            ),
            models.CheckConstraint(
                name="task_final_has_finished_at",
                condition=(IS_FINAL & Q(finished_at__isnull=False))
                | (~IS_FINAL & Q(finished_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="task_attempt_range", condition=Q(attempt__gte=0, max_attempts__gte=1)
            ),
        ]
        indexes = [
            # The sweep: whose message seems to be lost? The beat: when is the next to be handed to the broker?
            models.Index("dispatch_at", name="task_dispatch", condition=Q(dispatch_at__isnull=False)),
            # The sweep: what is due, and not one of the many that were handed over and wait for a worker?
            models.Index(
                "dispatch_at",
                name="task_first_dispatch",
                condition=Q(dispatch_at__isnull=False, dispatch_count=0),
            ),
            # The release: what is the oldest of a priority that waits for room in the broker?
            models.Index(F("priority").desc(), "id", name="task_backlog", condition=IN_BACKLOG),
            # The release: how many messages of a priority does the broker hold?
            models.Index("priority", "dispatch_at", name="task_sent", condition=IS_SENT),
            # The sweep: which waiting tasks came too late?
            models.Index("expires_at", name="task_expiry", condition=WAITS & Q(expires_at__isnull=False)),
            # The sweep: which tasks run on a node that is gone?
            models.Index("node_id", name="task_started_node", condition=IS_STARTED),
            # The sweep: which tasks run longer than anything may?
            models.Index("deadline_at", name="task_deadline", condition=IS_STARTED),
            # Retention: which finished tasks are old?
            models.Index("status", "finished_at", name="task_finished", condition=IS_FINAL),
            # GET /tasks/ of a project: the newest of each status are merged. NULLS LAST: see `tasks_api.listing`.
            models.Index("project_id", "status", NEWEST, name="task_project_status"),
            # GET /tasks/?operation=
            models.Index("project_id", "operation", NEWEST, name="task_project_operation"),
            # GET /tasks/?schedule=; all of a schedule's tasks are of its project.
            models.Index(
                "schedule_id", F("id").desc(), name="task_by_schedule", condition=Q(schedule_id__isnull=False)
            ),
            # GET /tasks/?priority=, but for the default, lest tasks without a priority of their own pay for it.
            models.Index(
                "project_id",
                "priority",
                NEWEST,
                name="task_project_priority",
                condition=~Q(priority=5),
            ),
            # The sweep: has the task before this occurrence ended?
            models.Index(
                "schedule_id", name="task_unfinished", condition=Q(schedule_id__isnull=False) & IS_UNFINISHED
            ),
            # The sweep: did the last tasks of this schedule fail?
            models.Index(
                "schedule_id",
                F("finished_at").desc(),
                F("id").desc(),
                name="task_judged",
                condition=Q(schedule_id__isnull=False, status__in=["SUCCESS", "FAILURE"]),
            ),
            # GET /failures/: what has failed in a project lately, and alike?
            models.Index(
                fields=["project_id", "-finished_at"],
                include=["fingerprint", "id"],
                name="task_failed",
                condition=IS_FAILURE,
            ),
            # GET /tasks/?fingerprint=
            models.Index(
                "project_id", "fingerprint", NEWEST, name="task_project_fingerprint", condition=IS_FAILURE
            ),
            # GET /tasks/?tag=
            GinIndex(OWN_TAGS, name="task_project_tag", condition=HAS_TAGS),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.id} {self.status}"


class AttemptOutcome(models.TextChoices):
    """How an attempt ended that brought no result."""

    FAILED = "failed"
    """The operation raised an error, or its result could not be stored."""
    TIMEOUT = "timeout"
    """It ran longer than its time limit."""
    LOST = "lost"
    """The process that ran it is gone."""
    INTERRUPTED = "interrupted"
    """Its worker stopped and handed it back; this attempt does not count."""
    CANCELLED = "cancelled"
    """Somebody cancelled the task."""


class Attempt(models.Model):
    """An attempt that ended without a result. The one that succeeds is on the task's own row."""

    pk = models.CompositePrimaryKey("task_id", "number")
    task_id = models.UUIDField()
    number = models.SmallIntegerField()
    worker = models.TextField(null=True, help_text="the name of the node that ran it")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    outcome = models.TextField(choices=AttemptOutcome.choices)
    error = models.JSONField()

    class Meta:
        db_table = "attempt"

    def __str__(self) -> str:
        return f"{self.task_id} {self.number} {self.outcome}"


class Role(models.TextChoices):
    """What a process of ours does."""

    WORKER = "worker"
    SWEEPER = "sweeper"
    BEAT = "beat"
    FOREGROUND = "foreground"
    """It runs one task for somebody who looks on, and takes no others."""


SERVICE_ROLES = (Role.WORKER, Role.SWEEPER, Role.BEAT)
"""Those without which the service is not whole."""


class WorkerNode(models.Model):
    """A process that is alive as long as it says so: `beat_at` is written every two seconds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    role = models.TextField(choices=Role.choices)
    name = models.TextField(help_text="the Celery node's name, or host and process id")
    started_at = models.DateTimeField(db_default=Now())
    beat_at = models.DateTimeField(db_default=Now())
    alive_since = models.DateTimeField(db_default=Now(), help_text="since when it has beaten without a gap")
    stopped_at = models.DateTimeField(
        null=True, help_text="it ended in order; its tasks are finished or handed back"
    )
    slots = models.SmallIntegerField(null=True, help_text="how many tasks a worker runs at once")
    failing_since = models.DateTimeField(null=True, help_text="it is alive, and something it does fails")
    failure = models.TextField(null=True, help_text="what fails, and the type of error; nothing of any row")
    draining_since = models.DateTimeField(
        null=True, help_text="somebody asked it to stop, or it was told to by a signal"
    )
    version = models.TextField(null=True, help_text="of Punctual")
    time_zone_data = models.TextField(null=True, help_text="the release of it that is installed there")
    clock_offset_seconds = models.FloatField(
        null=True, help_text="by how much its machine's clock is ahead of the database's"
    )

    class Meta:
        db_table = "worker_node"

    def __str__(self) -> str:
        return f"{self.role} {self.name}"


def has_tag(tag: str, project_id: int) -> Q:
    """What a row of a project must have, so that an index finds it, to have a tag. For schedules, too."""
    return HAS_TAGS & Q(DataContains(OWN_TAGS, [f"{project_id}:{tag}"]))


def find_task(task_id: UUID, project_id: int) -> Task:
    """The task of this id in a project. Raises Task.DoesNotExist, for one of another project, too."""
    try:
        return Task.objects.get(id=task_id, project_id=project_id)
    except Task.DoesNotExist:
        raise no_task(task_id) from None


def no_task(task_id: UUID) -> Task.DoesNotExist:
    """What to raise where there is no task of this id."""
    return Task.DoesNotExist(f"there is no task {task_id}")
