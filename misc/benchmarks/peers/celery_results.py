"""Celery whose results django-celery-results writes into Postgres; what a worker had begun is sent again if it dies.

A worker is `celery -A misc.benchmarks.peers.celery_results worker`; as a module it makes the tables.
"""

import os

import dj_database_url
import django
from celery import Celery
from django.conf import settings

settings.configure(
    DATABASES={"default": {**dj_database_url.parse(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": None}},
    INSTALLED_APPS=["django_celery_results"],
    USE_TZ=True,
)
django.setup()

app = Celery("results", broker=os.environ["CELERY_BROKER_URL"], backend="django-db")
app.conf.update(task_acks_late=True, task_default_queue="results", broker_connection_retry_on_startup=True)


@app.task(name="results.add")  # type: ignore[untyped-decorator] # Celery has no types
def add(a: int, b: int) -> int:
    """Work."""
    return a + b


if __name__ == "__main__":
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
