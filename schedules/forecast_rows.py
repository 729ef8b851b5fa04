"""The rows of the forecast. `schedules.forecasting` writes and reads them."""

from django.db import models
from django.db.models import Q


class Forecast(models.Model):
    """How many tasks the schedules of a project are to make in an hour: the sum of their shares."""

    pk = models.CompositePrimaryKey("project_id", "hour", "operation", "priority")
    project_id = models.IntegerField()
    hour = models.DateTimeField(help_text="when it begins, a whole one in UTC")
    operation = models.TextField()
    priority = models.SmallIntegerField()
    expected = models.BigIntegerField(help_text="0 where shares were taken back")

    class Meta:
        db_table = "forecast"

    def __str__(self) -> str:
        return f"{self.hour} {self.operation} {self.priority}: {self.expected}"


class ForecastShare(models.Model):
    """What a schedule adds to the forecast, to be taken back once it adds something else."""

    schedule_id = models.UUIDField(primary_key=True)
    project_id = models.IntegerField()
    version = models.IntegerField(help_text="of the schedule, as it was counted")
    status = models.TextField(help_text="of the schedule, as it was counted")
    counted_to = models.DateTimeField(help_text="exclusive")
    operation = models.TextField()
    counts = models.JSONField(
        null=True,
        help_text="[first hour, hours, priority, runs in each]; null: its rule takes too long to count",
    )

    class Meta:
        db_table = "forecast_share"
        # A turn: which shares are of schedules that there are no more?
        indexes = [models.Index("project_id", "schedule_id", name="forecast_share_of_project")]

    def __str__(self) -> str:
        return f"{self.schedule_id}: {self.counts}"


class ForecastProgress(models.Model):
    """How far the counting of a project's schedules is, and until when it goes on: a row for who ever asked."""

    project_id = models.IntegerField(primary_key=True)
    asked_at = models.DateTimeField(help_text="when somebody wanted the forecast last, to a minute")
    turn_at = models.DateTimeField(null=True, help_text="when the sweep goes on with it; null: nobody asks")
    round_began_at = models.DateTimeField(null=True, help_text="of the round under way; null: none is")
    last_id = models.UUIDField(
        null=True, help_text="the schedules up to this one had their turn in this round"
    )
    counted_at = models.DateTimeField(
        null=True,
        help_text="every change of a schedule before this is in the forecast; null: no round has ended",
    )
    schedules = models.IntegerField(default=0, help_text="how many have a share")
    uncounted = models.IntegerField(default=0, help_text="of these, how many take too long to count")

    class Meta:
        db_table = "forecast_progress"
        # The sweep: whose turn is it?
        indexes = [models.Index("turn_at", name="forecast_progress_turn", condition=Q(turn_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.project_id}: counted at {self.counted_at}"
