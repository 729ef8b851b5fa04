"""The rows of schedules and of what became of their occurrences."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now

from access.actor import DEFAULT_PROJECT_ID
from schedules.forecast_rows import Forecast, ForecastProgress, ForecastShare  # noqa: F401 (Django finds them here)
from schedules.planning import WAITING, MisfirePolicy, Outcome, OverlapPolicy
from schedules.recurrence import EVERY, Rule, RuleSpec, parse_stored
from tasks_api.ids import new_id
from tasks_api.models import HAS_TAGS, OWN_TAGS

NO_INTERVAL = Q(**dict.fromkeys(EVERY))


class ScheduleStatus(models.TextChoices):
    """Whether a schedule makes tasks."""

    ACTIVE = "active"
    PAUSED = "paused"
    """Somebody paused it, or too many of its tasks failed; `paused_reason` says which."""
    COMPLETED = "completed"
    """There is no further instant, or no further task may be made."""
    ERROR = "error"
    """Its rule or template failed in a sweep; `error` says why, an edit mends it."""


class TaskSchedule(models.Model):
    """A rule for when tasks are created, and the template of those tasks."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.TextField(null=True)
    version = models.IntegerField(default=1, help_text="grows with every edit; the ETag")
    project_id = models.IntegerField(default=DEFAULT_PROJECT_ID, db_default=DEFAULT_PROJECT_ID)
    created_by = models.TextField(null=True, help_text="who created it, where somebody is known: key:<id>")

    every_x_days = models.IntegerField(null=True)
    every_x_hours = models.IntegerField(null=True)
    every_x_minutes = models.IntegerField(null=True)
    every_x_seconds = models.IntegerField(null=True)
    cron = models.TextField(null=True)
    rrule = models.TextField(null=True)
    run_at = models.DateTimeField(null=True)
    timezone = models.TextField(help_text="IANA name")
    starts_at = models.DateTimeField(null=True, help_text="the rule's phase; inclusive")
    ends_at = models.DateTimeField(null=True, help_text="inclusive")
    dst_gap = models.TextField(default="auto", help_text="what becomes of times that a clock change skips")
    dst_fold = models.TextField(default="auto", help_text="what becomes of times that a clock change repeats")
    schedule_x_times = models.IntegerField(null=True, help_text="at most so many tasks")

    operation = models.TextField()
    arguments = models.JSONField()
    priority = models.SmallIntegerField()
    timeout_seconds = models.FloatField(
        null=True, help_text="null: the operation's default, as it is when a task is made"
    )
    max_attempts = models.SmallIntegerField(null=True, help_text="null: the operation's default")
    tags = ArrayField(models.TextField(), default=list)
    expires_after_seconds = models.FloatField(null=True)

    misfire_policy = models.TextField(choices=[(policy.value, policy.value) for policy in MisfirePolicy])
    catchup_window_seconds = models.FloatField(
        null=True, help_text="what is later is missed; null: no limit, a day with run_all"
    )
    overlap_policy = models.TextField(
        choices=[(policy.value, policy.value) for policy in OverlapPolicy], default=OverlapPolicy.ALLOW.value
    )
    jitter_seconds = models.FloatField(default=0, help_text="its tasks run up to so much later")
    pause_after_failures = models.SmallIntegerField(null=True, help_text="so many in a row")
    failures_since = models.DateTimeField(
        db_default=Now(), help_text="tasks that ended before do not count as failures in a row"
    )

    status = models.TextField(choices=ScheduleStatus.choices, default=ScheduleStatus.ACTIVE.value)
    error = models.TextField(null=True)
    paused_reason = models.TextField(null=True)
    paused_until = models.DateTimeField(null=True, help_text="null: until somebody resumes it")
    next_run_at = models.DateTimeField(null=True, help_text="the first instant that is not dealt with")
    sweep_at = models.DateTimeField(
        null=True, help_text="when a sweep is to look at it; later in a long catch-up"
    )
    last_run_at = models.DateTimeField(null=True, help_text="the last instant that became a task")
    run_all_until = models.DateTimeField(
        null=True, help_text="each instant before it becomes a task, whatever misfire_policy says"
    )
    runs_created = models.IntegerField(default=0)
    ledger_from = models.DateTimeField(
        db_default=Now(), help_text="the ledger covers every instant since; retention moves it"
    )
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "task_schedule"
        constraints = [
            # By the name first, for the release before, which asks for it alone.
            models.UniqueConstraint(fields=["name", "project_id"], name="task_schedule_name_of_project"),
            models.CheckConstraint(
                name="task_schedule_one_rule",
                condition=~NO_INTERVAL & Q(cron=None, rrule=None, run_at=None)
                | NO_INTERVAL & Q(cron__isnull=False, rrule=None, run_at=None)
                | NO_INTERVAL & Q(cron=None, rrule__isnull=False, run_at=None)
                | NO_INTERVAL & Q(cron=None, rrule=None, run_at__isnull=False),
            ),
            models.CheckConstraint(
                # Without a next instant it may wait for a task to end, and time does not tell when.
                name="task_schedule_active_is_swept",
                condition=Q(status="active", next_run_at=None)
                | Q(status="active", sweep_at__isnull=False)
                | Q(status="paused", sweep_at=F("paused_until"))
                | Q(status="paused", sweep_at=None, paused_until=None)
                | Q(status__in=("completed", "error"), sweep_at=None),
            ),
            models.CheckConstraint(
                name="task_schedule_paused_until",
                condition=Q(status="paused") | Q(paused_until=None, paused_reason=None),
            ),
        ]
        indexes = [
            # The sweep: which schedules are due? The beat: when is the next? Of any number that are not.
            models.Index("sweep_at", name="task_schedule_due", condition=Q(sweep_at__isnull=False)),
            # GET /task-schedules/, ?operation=, ?status=, ?tag=
            models.Index("project_id", F("id").desc(), name="schedule_project"),
            models.Index("project_id", "operation", F("id").desc(), name="schedule_project_operation"),
            models.Index("project_id", "status", F("id").desc(), name="schedule_project_status"),
            GinIndex(OWN_TAGS, name="schedule_project_tag", condition=HAS_TAGS),
        ]

    def __str__(self) -> str:
        return self.name or str(self.id)

    @property
    def spec(self) -> RuleSpec:
        """The rule, as it was written."""
        return RuleSpec(
            every_x_days=self.every_x_days,
            every_x_hours=self.every_x_hours,
            every_x_minutes=self.every_x_minutes,
            every_x_seconds=self.every_x_seconds,
            cron=self.cron,
            rrule=self.rrule,
            run_at=self.run_at,
            timezone=self.timezone,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            dst_gap=self.dst_gap,
            dst_fold=self.dst_fold,
        )

    @property
    def rule(self) -> Rule:
        """The rule as it runs: the one way to get it, for the API and the sweep alike.

        MIN_INTERVAL_SECONDS is asked of rules when they are written. One that is stored goes on when that is raised.
        Raises RecurrenceError where it can be read no more.
        """
        return parse_stored(self.spec)

    @property
    def runs_remaining(self) -> int | None:
        """How many tasks it may still make; None: no limit."""
        return None if self.schedule_x_times is None else max(0, self.schedule_x_times - self.runs_created)


class ScheduleName(models.Model):
    """The name of a schedule that has one, in a table that no sweep writes. Triggers on `task_schedule` keep it."""

    schedule_id = models.UUIDField(primary_key=True)
    project_id = models.IntegerField(default=DEFAULT_PROJECT_ID, db_default=DEFAULT_PROJECT_ID)
    folded = models.TextField(help_text="in capitals, as the database writes them")

    class Meta:
        db_table = "task_schedule_name"
        indexes = [
            # GET /task-schedules/?name=. What is new waits in a list, which each search reads: it is kept short.
            GinIndex(
                Func("project_id", "folded", function="task_schedule_name_pieces"),
                name="task_schedule_name_in_project",
                gin_pending_list_limit=256,
            ),
        ]

    def __str__(self) -> str:
        return self.folded


class ZoneData(models.Model):
    """The time zone data by which every `next_run_at` was computed. One row."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    version = models.TextField(help_text="of the package tzdata")
    digests = models.JSONField(help_text="of each zone's data, by its name")

    class Meta:
        db_table = "zone_data"
        constraints = [models.CheckConstraint(name="zone_data_one_row", condition=Q(id=1))]

    def __str__(self) -> str:
        return self.version


class Occurrence(models.Model):
    """What became of an instant that a schedule names, or of a run of instants with the same outcome."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    schedule = models.ForeignKey(TaskSchedule, on_delete=models.CASCADE, db_index=False)
    scheduled_for = models.DateTimeField(help_text="the rule's own instant; of a range, the first")
    last_scheduled_for = models.DateTimeField(help_text="of a range, the last; else the same")
    count = models.IntegerField(default=1, help_text="how many instants this row covers")
    outcome = models.TextField(choices=[(outcome.value, outcome.value) for outcome in Outcome])
    reason = models.TextField(null=True)
    task_id = models.UUIDField(null=True)
    due_at = models.DateTimeField(null=True, help_text="where it was moved; null: scheduled_for")
    changes = models.JSONField(null=True, help_text="arguments or priority that it has for itself")
    rule = models.JSONField(null=True, help_text="what named the instants of a range; null: one instant")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "occurrence"
        constraints = [
            # However many beats and sweeps there are, an instant becomes a task once.
            models.UniqueConstraint(fields=["schedule", "scheduled_for"], name="occurrence_once"),
            models.CheckConstraint(
                name="occurrence_range", condition=Q(last_scheduled_for__gte=F("scheduled_for"), count__gte=1)
            ),
            models.CheckConstraint(
                name="occurrence_range_has_rule", condition=Q(count=1) | Q(rule__isnull=False)
            ),
            models.CheckConstraint(
                name="occurrence_created_has_task",
                condition=Q(outcome="created", task_id__isnull=False)
                | (~Q(outcome="created") & Q(task_id=None)),
            ),
        ]
        indexes = [
            # The sweep: which wait for their time or for a task to end? And for a task alone?
            models.Index(
                "schedule_id",
                "scheduled_for",
                name="occurrence_waiting",
                condition=Q(outcome__in=sorted(outcome.value for outcome in WAITING)),
            ),
            models.Index("schedule_id", name="occurrence_queued", condition=Q(outcome="queued")),
            # Retention: which occurrences are old?
            models.Index("last_scheduled_for", name="occurrence_age"),
        ]

    def __str__(self) -> str:
        return f"{self.schedule_id} {self.scheduled_for:%FT%TZ} {self.outcome}"
