"""Celery's beat with the schedules of django-celery-beat, in Postgres.

It is `celery -A misc.benchmarks.peers.celery_beat beat`; as a module it makes the tables, and so many schedules.
"""

import os
import sys

import dj_database_url
import django
from celery import Celery
from django.conf import settings

settings.configure(
    DATABASES={"default": {**dj_database_url.parse(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": None}},
    INSTALLED_APPS=["django_celery_beat"],
    USE_TZ=True,
)
django.setup()

app = Celery("beat", broker=os.environ["CELERY_BROKER_URL"])
app.conf.update(
    task_ignore_result=True,
    result_expires=None,  # else it makes a schedule of its own, which deletes old results
    task_default_queue="beat",
    beat_scheduler="django_celery_beat.schedulers:DatabaseScheduler",
)

if __name__ == "__main__":
    from django.core.management import call_command
    from django_celery_beat.models import IntervalSchedule, PeriodicTask

    call_command("migrate", verbosity=0)
    every, _ = IntervalSchedule.objects.get_or_create(every=4, period=IntervalSchedule.HOURS)
    PeriodicTask.objects.bulk_create(
        PeriodicTask(name=f"schedule {number}", task="beat.add", interval=every, args="[1, 2]")
        for number in range(int(sys.argv[1]))
    )
