"""The rows. A task's row is the truth about it; nothing else is asked."""

from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Now

from tasks_api.ids import new_id
from tasks_api.lifecycle import FINAL, WAITING, Status
from tasks_api.window import IDLE

WAITS = Q(status__in=[status.value for status in WAITING])
IS_STARTED = Q(status=Status.STARTED.value)
IS_UNFINISHED = WAITS | IS_STARTED
IS_FINAL = Q(status__in=[status.value for status in FINAL])
HAS_TAGS = ~Q(tags=[])
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
            # GET /tasks/?status=, ?operation=, ?schedule=; without a filter the primary key serves: ids are in order.
            models.Index("status", F("id").desc(), name="task_by_status"),
            models.Index("operation", F("id").desc(), name="task_by_operation"),
            models.Index(
                "schedule_id", F("id").desc(), name="task_by_schedule", condition=Q(schedule_id__isnull=False)
            ),
            # GET /tasks/?priority=, but for the default, lest tasks without a priority of their own pay for it.
            models.Index("priority", F("id").desc(), name="task_by_priority", condition=~Q(priority=5)),
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
            # GET /tasks/?tag=
            GinIndex("tags", name="task_by_tag", condition=HAS_TAGS),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.id} {self.status}"


class DispatchWindow(models.Model):
    """How many messages of a priority the broker may hold. Written by the release alone, which nobody holds up."""

    priority = models.SmallIntegerField(primary_key=True)
    size = models.IntegerField(default=IDLE)
    filled = models.IntegerField(
        default=0,
        help_text="how many messages there were after it was filled up last; 0: not since it was open",
    )
    filled_at = models.DateTimeField(db_default=Now())
    held_until = models.DateTimeField(
        null=True, help_text="until when the process that fills it has it for itself"
    )

    class Meta:
        db_table = "dispatch_window"

    def __str__(self) -> str:
        return f"priority {self.priority}: {self.size}"


class DispatchGate(models.Model):
    """Whether tasks of a priority pass to the broker as they come, for none of it waits for room.

    A row of its own, because it is locked by whoever has found it closed, for as long as that transaction lasts.
    """

    priority = models.SmallIntegerField(primary_key=True)
    is_open = models.BooleanField(default=True)

    class Meta:
        db_table = "dispatch_gate"

    def __str__(self) -> str:
        return f"priority {self.priority}: {'open' if self.is_open else 'closed'}"


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


class IdempotencyKey(models.Model):
    """A key that a client sent with a request, so that sending the request again changes nothing more."""

    pk = models.CompositePrimaryKey("scope", "key")
    scope = models.TextField(help_text="method and path")
    key = models.TextField()
    request_hash = models.BinaryField(help_text="SHA-256 of query and body: what the key stands for")
    status = models.SmallIntegerField(help_text="of the answer")
    ids = models.JSONField(help_text="of what was created; null where an item of a batch was refused")
    report = models.JSONField(null=True, help_text="the answer, where it tells what was done")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "idempotency_key"
        # The sweep: which are old?
        indexes = [models.Index("created_at", name="idempotency_key_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"


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

    class Meta:
        db_table = "worker_node"

    def __str__(self) -> str:
        return f"{self.role} {self.name}"


def find_task(task_id: UUID) -> Task:
    """The task of this id. Raises Task.DoesNotExist."""
    try:
        return Task.objects.get(id=task_id)
    except Task.DoesNotExist:
        raise no_task(task_id) from None


def no_task(task_id: UUID) -> Task.DoesNotExist:
    """What to raise where there is no task of this id."""
    return Task.DoesNotExist(f"there is no task {task_id}")
