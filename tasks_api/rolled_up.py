"""The rows of the roll-up. `tasks_api.roll_up` writes and reads them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class RollUp(models.Model):
    """How many tasks of a project and an operation ended in a minute (of old, in an hour) in one way.

    The three measures are of those that ran: their sum in seconds, and their number in each bucket
    (`tasks_api.roll_up.buckets`).
    """

    pk = models.CompositePrimaryKey("project_id", "minute", "operation", "queue", "outcome")
    project_id = models.IntegerField()
    minute = models.DateTimeField(help_text="when it began")
    operation = models.TextField()
    queue = models.TextField()
    outcome = models.TextField(help_text="success, failure, cancelled, expired")
    count = models.BigIntegerField()
    lateness_seconds = models.FloatField(help_text="from run_at to started_at")
    waiting_seconds = models.FloatField(help_text="from created_at to started_at")
    running_seconds = models.FloatField(help_text="from started_at to finished_at")
    lateness_counts = ArrayField(models.BigIntegerField())
    waiting_counts = ArrayField(models.BigIntegerField())
    running_counts = ArrayField(models.BigIntegerField())

    class Meta:
        db_table = "roll_up"
        # The sweep: what is to be computed anew, thinned out, deleted?
        indexes = [models.Index("minute", name="roll_up_minute")]

    def __str__(self) -> str:
        return f"{self.minute} {self.operation} {self.outcome}: {self.count}"


class RollUpProgress(models.Model):
    """How far the roll-up is: one row, which is locked by whoever works on it."""

    id = models.SmallIntegerField(primary_key=True)
    rolled_to = models.DateTimeField(help_text="the minutes before this were rolled up after they had ended")
    rolled_at = models.DateTimeField(null=True, help_text="when that was done last")
    settled_to = models.DateTimeField(help_text="those before this are not rolled up again")
    watched_to = models.DateTimeField(
        help_text="those before this are settled when every transaction has ended that had begun to write by then"
    )
    watched_xid = models.BigIntegerField(help_text="no such transaction has this id, or a greater one")
    watched_at = models.DateTimeField(help_text="when that was noted")
    history_to = models.DateTimeField(
        null=True, help_text="of what ended before this, nothing is rolled up yet; null: all is"
    )
    hours_to = models.DateTimeField(null=True, help_text="what ended before this is there by hours only")

    class Meta:
        db_table = "roll_up_progress"

    def __str__(self) -> str:
        return f"rolled up to {self.rolled_to}"
