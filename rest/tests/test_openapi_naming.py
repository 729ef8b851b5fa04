"""Names in the OpenAPI document that a path tells."""

import pytest

from rest.openapi.naming import operation_id_of, parameter_text, tag_of


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("get", "/task-schedules/", "list_task_schedules"),
        ("post", "/task-schedules/", "create_task_schedule"),
        ("post", "/task-schedules/pause/", "pause_task_schedules"),
        ("get", "/task-schedules/{schedule_id}/", "get_task_schedule"),
        ("patch", "/task-schedules/{schedule_id}/", "change_task_schedule"),
        ("delete", "/task-schedules/{schedule_id}/", "delete_task_schedule"),
        ("post", "/task-schedules/{schedule_id}/pause/", "pause_task_schedule"),
        ("get", "/task-schedules/{schedule_id}/occurrences/", "list_occurrences"),
        ("put", "/task-schedules/{schedule_id}/occurrences/{instant}/", "put_occurrence"),
    ],
)
def test_a_method_is_called_by_its_path(method: str, path: str, name: str) -> None:
    assert operation_id_of(method, path) == name
    assert tag_of(path) == "Task schedules"


def test_an_id_is_what_it_is_of() -> None:
    assert parameter_text("schedule_id", "/task-schedules/{schedule_id}/") == "The `id` of a task schedule."
    assert parameter_text("name", "/operations/{name}/") == ""
