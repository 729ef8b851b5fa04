"""Celery without results: nothing is kept, and what a worker had begun dies with it.

A worker is `celery -A misc.benchmarks.peers.celery_alone worker`.
"""

import os

from celery import Celery

app = Celery("alone", broker=os.environ["CELERY_BROKER_URL"])
app.conf.update(task_ignore_result=True, task_default_queue="alone", broker_connection_retry_on_startup=True)


@app.task(name="alone.add")  # type: ignore[untyped-decorator] # Celery has no types
def add(a: int, b: int) -> int:
    """Work."""
    return a + b
