"""A program that knows the service only by the package that openapi-python-client made of its document."""

import json
import sys

from punctual_client import Client
from punctual_client.api.task_schedules import create_task_schedule
from punctual_client.api.tasks import create_task, get_task
from punctual_client.models import (
    CalculateArguments,
    Problem,
    ScheduleBodyExpression,
    ScheduleEffect,
    Task,
    TaskBodyCalculate,
    TaskBodyExpression,
)

client = Client(base_url=sys.argv[1])

body = TaskBodyCalculate(operation="calculate", arguments=CalculateArguments(expression="4+7"), priority=9)
task = create_task.sync(client=client, body=body)
assert isinstance(task, Task)
done = get_task.sync(task.id, client=client, wait=60)
assert isinstance(done, Task)

short = create_task.sync(client=client, body=TaskBodyExpression(operation="2**10", tags=["typed"]))
assert isinstance(short, Task)

refused = create_task_schedule.sync(
    client=client, body=ScheduleBodyExpression(operation="4+7", every_x_days=0)
)
assert isinstance(refused, Problem)

tried = create_task_schedule.sync(
    client=client, body=ScheduleBodyExpression(operation="4+7", cron="0 9 * * *"), dry_run=True
)
assert isinstance(tried, ScheduleEffect)

print(
    json.dumps(
        {
            "status": done.status,
            "result": done.result,
            "operation": short.operation,
            "code": refused.code,
            "pointer": refused.errors[0].pointer,
            "dry_run": tried.dry_run,
        }
    )
)
