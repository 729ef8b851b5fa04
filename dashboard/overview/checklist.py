"""The first steps of a fresh installation, each of which ticks itself. Pure."""

from typing import NamedTuple


class Step(NamedTuple):
    """One of them: what it is for, a command that does it, and a page that does it, below `/ui/`."""

    title: str
    is_done: bool
    words: str
    command: str = ""
    path: str = ""


def steps(
    *, runs: bool, has_tasks: bool, has_success: bool, has_schedules: bool, is_closed: bool, origin: str
) -> list[Step]:
    """All, in their order."""
    post = f"curl -s {origin}/{{path}}/ -H 'Content-Type: application/json' \\\n  -d '{{body}}'"
    return [
        Step(
            "Worker, sweeper and beat are running",
            runs,
            "They run tasks, and create those of schedules. `make run` and compose start them.",
            path="workers/",
        ),
        Step(
            "Run a first task",
            has_tasks,
            "Any operation, with its arguments. An arithmetic expression will do.",
            post.format(path="tasks", body='{"operation": "4+7"}'),
            "operations/",
        ),
        Step("See it succeed", has_success, "It takes a moment, and then it is in the list.", path="tasks/"),
        Step(
            "Let something happen by itself",
            has_schedules,
            "A schedule creates a task at each instant that its rule names.",
            post.format(path="task-schedules", body='{"operation": "4+7", "every_x_minutes": 5}'),
            "schedules/new/",
        ),
        Step(
            "Close the door",
            is_closed,
            "The first key, or the first person, closes this service to everybody else.",
            "python manage.py keys create --role admin",
            "keys/",
        ),
    ]
