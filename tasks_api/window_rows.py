"""The rows of the window: how many messages the broker may hold, and whether tasks pass by at once."""

from django.db import models
from django.db.models.functions import Now

from tasks_api.window import IDLE


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
