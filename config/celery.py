"""The Celery application. The broker carries ids and priorities, and nothing that may not be lost."""

import os

import billiard.pool
from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# A stopping pool waits up to 300 rounds of 0.1 s for a counter that is sometimes one short.
billiard.pool.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT = 20

app = Celery("punctual", amqp="tasks_api.consuming:DeclaringAMQP")
app.config_from_object("config.celery_settings")
app.autodiscover_tasks(["tasks_api", "schedules"], related_name="worker")
# No task of Celery's, but for workers alone, too.
app.autodiscover_tasks(["config"], related_name="secret_check")
