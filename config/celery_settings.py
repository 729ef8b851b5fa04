"""Celery's settings. What is set here differs from Celery's default for the reason told beside it."""

from typing import Any
from urllib.parse import urlsplit

from kombu.entity import Queue

from config.checked_environment import read_environment
from tasks_api.broker.messages import HIGHEST_BROKER_PRIORITY, SWEEP_QUEUE, TASK_QUEUE
from tasks_api.broker.queues import CONSUMER_TIMEOUT

ENVIRONMENT = read_environment()

LONGEST_RUN_MILLISECONDS = 8 * 86_400_000


def is_rabbitmq(url: str) -> bool:
    """Whether the broker at `url` speaks AMQP; all others are like Redis."""
    return urlsplit(url).scheme in ("amqp", "amqps", "pyamqp")


def transport_options(url: str) -> dict[str, Any]:
    """How the broker at `url` is to be used. Those of Redis mean nothing to RabbitMQ."""
    if is_rabbitmq(url):
        return {}
    return {
        "priority_steps": list(range(HIGHEST_BROKER_PRIORITY + 1)),
        "queue_order_strategy": "priority",
        # Of what workers of an older release took. Short, as a doubled message is harmless: the claim guards.
        "visibility_timeout": 120,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 2,
        "socket_timeout": 10,
        "socket_connect_timeout": 3,
        "socket_keepalive": True,
        "health_check_interval": 5,
    }


# Celery prefers these two to the variable CELERY_BROKER_URL, which may lack the password, and that one to `broker_url`.
broker_read_url = broker_write_url = broker_url = ENVIRONMENT.CELERY_BROKER_URL
timezone = "UTC"
enable_utc = True

# The truth is in Postgres: no result backend, no second truth.
task_ignore_result = True
accept_content = ["json"]

# Strict priority: a worker takes a message only when it is free to run it. RabbitMQ hands over one for each that was
# acknowledged. From Redis it takes them itself, and what its processes have begun is of no use to anybody else.
worker_prefetch_multiplier = 1
task_acks_late = is_rabbitmq(broker_url)
worker_disable_prefetch = not task_acks_late
task_queues = [
    # The arguments are for RabbitMQ. A message is not acknowledged while its task runs, for days if need be.
    # Not every server takes them, so it is `tasks_api.broker.queues` that declares, and not Celery.
    Queue(
        TASK_QUEUE,
        routing_key=TASK_QUEUE,
        max_priority=HIGHEST_BROKER_PRIORITY,
        queue_arguments={CONSUMER_TIMEOUT: LONGEST_RUN_MILLISECONDS},
        no_declare=True,
    ),
    Queue(SWEEP_QUEUE, routing_key=SWEEP_QUEUE, no_declare=True),
]
task_default_queue = TASK_QUEUE
task_create_missing_queues = False

# A process in which an operation changed what cannot be put back runs no other one.
worker_pool = "tasks_api.node.pool:TaskPool"

# The row decides what becomes of a task whose worker died, never the broker.
task_reject_on_worker_lost = False
worker_cancel_long_running_tasks_on_connection_loss = False

# A broker that is away is waited for, without end.
broker_connection_retry_on_startup = True
broker_connection_max_retries = None
# RabbitMQ closes a worker's channel when a task runs longer than `consumer_timeout`. That must not end the worker.
broker_channel_error_retry = True
broker_transport_options = transport_options(broker_url)
# RabbitMQ only: how soon either side notices that the other's machine is gone.
broker_heartbeat = 20

# Celery closes Django's connection around every task; a new one costs more than the task. A dead one is noticed
# by the claim, which insists (`tasks_api.database`).
CELERY_DB_REUSE_MAX = 1_000_000_000

# Flower needs events.
worker_send_task_events = ENVIRONMENT.FLOWER
worker_consumer = "tasks_api.node.consumer:TellingConsumer"
task_send_sent_event = False
task_track_started = True

worker_hijack_root_logger = False
worker_redirect_stdouts = False
