"""The OpenAPI document is true of every path."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from swagger_spec_validator.validator20 import validate_spec

from config import VERSION
from config.tests.auditing import OPERATIONS as OF_JSON
from schedules.recurrence import EVERY
from testing.api import PROBLEM
from testing.openapi import Described, document

OPERATIONS = document().operations


def every(operation: Described) -> Iterator[tuple[int, dict[str, Any]]]:
    yield from operation.responses.items()


def test_it_is_swagger_2() -> None:
    validate_spec(document().content)


def test_it_is_of_this_version() -> None:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    assert document().content["info"]["version"] == VERSION == project["version"]


def test_it_names_no_host_so_that_it_is_true_behind_any_proxy() -> None:
    assert not {"host", "schemes"} & document().content.keys()


def test_it_has_every_path_and_no_other() -> None:
    served = {(method, path) for path, view in _views(get_resolver()) for method in _methods(view)}
    assert {(operation.method, operation.path) for operation in OPERATIONS} == served


def _views(resolver: URLResolver, prefix: str = "/") -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "cls", None)
            if view is not None and view.schema is not None:
                yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path), view
        else:
            yield from _views(pattern, path)


def _methods(view: Any) -> set[str]:
    return {method.upper() for method in view.http_method_names if hasattr(view, method)} - {
        "HEAD",
        "OPTIONS",
    }


def test_names_of_operations_are_unique() -> None:
    names = [operation.content["operationId"] for operation in OPERATIONS]
    assert len(set(names)) == len(names)


def test_groups_are_explained() -> None:
    groups = [group["name"] for group in document().content["tags"]]
    assert groups == [
        "Tasks",
        "Task schedules",
        "Operations",
        "Files",
        "Access",
        "Keys",
        "Projects",
        "People",
        "Audit",
        "Bulk actions",
        "Failures",
        "Stats",
        "Workers",
        "Problems",
        "Health",
    ]
    assert {group for operation in OPERATIONS for group in operation.content["tags"]} == set(groups)


@pytest.mark.parametrize("operation", OF_JSON, ids=str)
def test_operations_say_what_they_do(operation: Described) -> None:
    summary, description = operation.content["summary"], operation.content["description"]
    assert "\n" not in summary
    assert 0 < len(summary) < 60
    assert not summary.endswith(".")
    assert description.strip()


@pytest.mark.parametrize("operation", OF_JSON, ids=str)
def test_parameters_say_what_they_are(operation: Described) -> None:
    for parameter in operation.parameters:
        if parameter["in"] != "body":
            assert parameter["type"] in ("string", "integer", "number", "boolean", "array"), parameter
            assert parameter["description"], parameter


@pytest.mark.parametrize("operation", OF_JSON, ids=str)
def test_answers_fit_their_own_schemas(operation: Described) -> None:
    for status, response in every(operation):
        assert response["description"]
        assert "X-Request-ID" in response["headers"]
        if status in (204, 304):
            assert "schema" not in response
            continue
        (form,) = response["examples"]
        assert form == (operation.produces if status < 400 else PROBLEM)
        example = response["examples"][form]
        assert response["schema"]["example"] == example
        assert document().problems_of(response["schema"], example) == []


@pytest.mark.parametrize("operation", [one for one in OF_JSON if one.wants_body], ids=str)
def test_example_bodies_fit_their_own_schemas(operation: Described) -> None:
    (body,) = [parameter for parameter in operation.parameters if parameter["in"] == "body"]
    assert body["schema"]["example"] == next(iter(operation.bodies.values()))
    for example in operation.bodies.values():
        assert document().problems_of(body["schema"], example) == []


def test_each_kind_of_rule_has_an_example() -> None:
    bodies = document().operation("POST", "/task-schedules/").bodies.values()
    kinds = {*EVERY, "cron", "rrule", "run_at"}
    assert kinds <= {name for body in bodies for name in body}


def test_fields_that_hold_any_json_have_no_type() -> None:
    definitions = document().content["definitions"]
    assert "type" not in definitions["Task"]["properties"]["result"]
    arguments = definitions["TaskBody"]["properties"]["arguments"]
    assert (arguments["type"], arguments["additionalProperties"]) == ("object", True)


def test_bodies_refuse_what_they_do_not_name() -> None:
    definitions = document().content["definitions"]
    for name in ("TaskBody", "ScheduleBody", "ScheduleChanges"):
        assert definitions[name]["additionalProperties"] is False
