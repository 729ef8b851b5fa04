"""The least that runs a task durably by the same libraries: Celery, and Django's ORM for two guarded UPDATEs.

The baseline of the benchmark of tasks. A worker is `celery -A misc.benchmarks.bare worker`.
"""

import os

import dj_database_url
import django
from celery import Celery
from django.conf import settings
from django.db import models
from django.utils.timezone import now

settings.configure(
    DATABASES={"default": {**dj_database_url.parse(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": None}},
    USE_TZ=True,
)
django.setup()

app = Celery("bare", broker=os.environ["CELERY_BROKER_URL"])
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    task_default_queue="bare",
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
)


class Row(models.Model):
    """One task."""

    objects: models.Manager["Row"] = models.Manager()

    status = models.TextField(default="PENDING")
    result = models.JSONField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "bare"
        db_table = "bare_row"

    def __str__(self) -> str:
        return f"{self.pk} {self.status}"


@app.task(name="bare.add")  # type: ignore[untyped-decorator] # Celery has no types
def add(row_id: int, a: int, b: int) -> None:
    """Claim the row, work, write the result."""
    if Row.objects.filter(id=row_id, status="PENDING").update(status="STARTED", started_at=now()):
        result = a + b
        Row.objects.filter(id=row_id, status="STARTED").update(
            status="SUCCESS", result=result, finished_at=now()
        )
