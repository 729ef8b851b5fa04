"""The rows of bulk actions, which `tasks_api.bulk_actions` writes and reads."""

from django.db import models
from django.db.models import F
from django.db.models.functions import Now

from tasks_api.ids import new_id


class BulkActionState(models.TextChoices):
    """How far a bulk action is."""

    PENDING = "pending"
    """No turn of it has been done."""
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """It was given up; `error` says why. What was done stays."""
    CANCELLED = "cancelled"
    """Somebody stopped it. What was done stays."""


class BulkAction(models.Model):
    """Something that is done to all tasks, or task schedules, that a filter names, turn by turn."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    project_id = models.IntegerField()
    action = models.TextField(help_text="what is done: retry, cancel, pause, ...")
    filter = models.JSONField(help_text="to which ones: query parameters of their list")
    parameters = models.JSONField(help_text="how it is done")
    state = models.TextField(choices=BulkActionState.choices, default=BulkActionState.PENDING)
    turn_at = models.DateTimeField(
        null=True, db_default=Now(), help_text="when the sweep goes on with it; null: never again"
    )
    last_id = models.UUIDField(null=True, help_text="all up to this one, in their order, were dealt with")
    matched = models.IntegerField(help_text="how many there were at first, as far as they were counted")
    is_matched_exact = models.BooleanField()
    done = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    refusals = models.JSONField(default=list, help_text="the first that were refused: id, code, detail")
    error = models.TextField(null=True)
    created_by = models.TextField(null=True, help_text="who asked for it, where somebody is known: key:<id>")
    request_id = models.TextField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bulk_action"
        indexes = [
            # The sweep: which one is next?
            models.Index("turn_at", name="bulk_action_turn", condition=models.Q(turn_at__isnull=False)),
            # GET /bulk-actions/
            models.Index("project_id", F("id").desc(), name="bulk_action_of_project"),
            # Retention: which ended long ago?
            models.Index(
                "finished_at",
                name="bulk_action_finished",
                condition=models.Q(finished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.state}"
