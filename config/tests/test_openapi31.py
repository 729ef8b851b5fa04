"""OpenAPI 3.1 and Swagger 2.0 say the same of every path, each as well as it can."""

from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import validate

from config.openapi import WRITER
from config.tests.auditing import OPERATIONS as OF_JSON
from operations import catalogue
from testing.api import JSON, PROBLEM
from testing.openapi import Described, document
from testing.openapi31 import document31

OPERATIONS = document().operations
OWN = {"in", "name", "description", "required"}


def said31(operation: Described) -> dict[str, Any]:
    return document31().operations[operation.method.lower(), operation.path]


def test_it_is_openapi_3_1() -> None:
    validate(document31().content)


def test_paths_and_methods_are_the_same() -> None:
    assert set(document31().operations) == {(one.method.lower(), one.path) for one in OPERATIONS}


def test_groups_and_title_are_the_same() -> None:
    assert document31().content["tags"] == document().content["tags"]
    for member in ("title", "version", "description"):
        assert document31().content["info"][member] == document().content["info"][member]


@pytest.mark.parametrize("operation", OF_JSON, ids=str)
def test_names_and_words_are_the_same(operation: Described) -> None:
    other = said31(operation)
    for member in ("operationId", "summary", "tags"):
        assert other[member] == operation.content[member]
    assert operation.content["description"].startswith(other["description"])


@pytest.mark.parametrize("operation", OF_JSON, ids=str)
def test_parameters_are_the_same(operation: Described) -> None:
    here = [
        {name: one[name] for name in OWN if name in one}
        for one in operation.parameters
        if one["in"] != "body"
    ]
    there = [{name: one[name] for name in OWN if name in one} for one in said31(operation)["parameters"]]
    assert there == here


@pytest.mark.parametrize("operation", OF_JSON, ids=str)
def test_bodies_are_the_same(operation: Described) -> None:
    other = said31(operation).get("requestBody")
    if not operation.wants_body:
        assert other is None
        return
    (body,) = [one for one in operation.parameters if one["in"] == "body"]
    assert other is not None
    assert other["required"] == body["required"]
    examples = other["content"][JSON]["examples"].values()
    assert {one["summary"]: one["value"] for one in examples} == operation.bodies


@pytest.mark.parametrize("operation", OF_JSON, ids=str)
def test_answers_are_the_same(operation: Described) -> None:
    others = {int(status): response for status, response in said31(operation)["responses"].items()}
    assert others.keys() == operation.responses.keys()
    for status, response in operation.responses.items():
        other = others[status]
        assert other["description"] == response["description"]
        assert other["headers"].keys() == response["headers"].keys()
        assert ("content" in other) == ("schema" in response)
        if "content" not in other:
            continue
        form, *also = other["content"]
        assert form == (PROBLEM if status >= 400 else operation.produces)
        assert also == ([] if status >= 400 else also_produced(operation))
        content = other["content"][form]
        (example,) = response["examples"].values()
        assert example in examples_in(content)


def also_produced(operation: Described) -> list[str]:
    """Other forms in which a caller may have the answer."""
    first, *others = operation.content.get("produces", [JSON])
    return [each for each in others if each not in (first, PROBLEM)]


def examples_in(content: dict[str, Any]) -> list[Any]:
    return (
        [one["value"] for one in content["examples"].values()]
        if "examples" in content
        else [content["example"]]
    )


@pytest.mark.parametrize("operation", OF_JSON, ids=str)
def test_examples_fit(operation: Described) -> None:
    other = said31(operation)
    contents = [response["content"] for response in other["responses"].values() if "content" in response]
    contents += [other["requestBody"]["content"]] if "requestBody" in other else []
    for content in (each for forms in contents for each in forms.values()):
        for example in examples_in(content):
            assert document31().problems_of(content["schema"], example) == []


def test_bodies_refuse_what_they_do_not_name() -> None:
    schemas = document31().content["components"]["schemas"]
    for name in (
        "TaskBody_calculate",
        "TaskBody_expression",
        "ScheduleBody_sleep",
        "ScheduleChanges",
        "PauseBody",
    ):
        assert schemas[name]["additionalProperties"] is False


def test_all_forms_that_name_an_operation_are_told_by_operation() -> None:
    schemas = document31().content["components"]["schemas"]
    whole = {
        name
        for name, schema in schemas.items()
        if "operation" in schema.get("required", ()) and "_" not in name
    }
    answers = {name for name in whole if {"status", "count", "expected"} & schemas[name]["properties"].keys()}
    assert whole - answers == set()
    assert set(WRITER.refine) == {name for name, schema in schemas.items() if "oneOf" in schema}


@pytest.mark.parametrize("form", ["TaskBody", "ScheduleBody"])
@pytest.mark.parametrize(
    ("fields", "fits"),
    [
        ({"operation": "4+7"}, True),
        ({"operation": " sqrt(2) // 1"}, True),
        ({"operation": "pi*2", "arguments": {}}, True),
        ({"operation": "pi*2", "arguments": None}, True),
        ({"operation": "4+7", "arguments": {"expression": "4+7"}}, False),
        ({"operation": "calculate", "arguments": {"expression": "4+7"}}, True),
        ({"operation": "calculate", "arguments": {"seconds": 1}}, False),
        ({"operation": "calculate"}, False),
        ({"operation": "sleep", "arguments": {"seconds": 1.5}}, True),
        ({"operation": "sleep", "arguments": {"seconds": "1"}}, False),
        ({"operation": "sleep", "arguments": {"seconds": -1}}, False),
        ({"operation": "sum", "arguments": {"numbers": [1, 2.5]}}, True),
        ({"operation": "sum", "arguments": {"numbers": [1], "more": 2}}, False),
        ({"operation": "nothing", "arguments": {}}, False),
        ({"operation": "http_request", "arguments": {"url": {"$secret": "address"}}}, True),
        ({"operation": "http_request", "arguments": {"url": "https://example.org/", "body": {"text": "x"}}}, True),
        ({"operation": "http_request", "arguments": {"url": "https://example.org/", "body": {}}}, False),
        ({"operation": "4+7", "priority": 10}, False),
        ({"operation": "4+7", "colour": "red"}, False),
    ],
)  # fmt: skip
def test_arguments_are_those_of_the_operation(form: str, fields: dict[str, Any], fits: bool) -> None:
    reference = {"$ref": f"#/components/schemas/{form}"}
    assert (document31().problems_of(reference, fields) == []) is fits


def test_each_operation_has_its_schema() -> None:
    schemas = document31().content["components"]["schemas"]
    for operation in catalogue.all():
        for name in (
            f"TaskBody_{operation.name}",
            f"ScheduleBody_{operation.name}",
            f"{operation.name}_arguments",
        ):
            assert name in schemas


def test_a_schedules_texts_may_hold_placeholders() -> None:
    arguments = {"expression": "{{ scheduled_for.year }} + 1" + " " * 2_000}
    body = {"operation": "calculate", "arguments": arguments}
    assert document31().problems_of({"$ref": "#/components/schemas/ScheduleBody"}, body) == []
    assert document31().problems_of({"$ref": "#/components/schemas/TaskBody"}, body) != []


def test_what_is_created_leads_to_what_can_be_done_with_it() -> None:
    links = document31().response("post", "/tasks/", 202)["links"]
    assert links["cancel_task"] == {
        "operationId": "cancel_task",
        "parameters": {"task_id": "$response.body#/id"},
    }
    assert {"get_task", "change_task", "delete_task", "retry_task", "task_events"} <= set(links)
    assert "get_task_schedule" in document31().response("post", "/task-schedules/", 201)["links"]
    assert "links" not in document31().response("post", "/tasks/batch-request/", 202)


@pytest.mark.parametrize("operation", OF_JSON, ids=str)
def test_what_needs_a_key_is_the_same(operation: Described) -> None:
    here, there = operation.content["security"], said31(operation)["security"]
    assert [list(way) for way in here] == ([["key"]] if there else [])
    assert all(set(way) <= set(document31().content["components"]["securitySchemes"]) for way in there)
    is_public = operation.content["tags"][0] in ("Health", "Problems") and operation.path != "/health/checks/"
    assert is_public == (there == [])


def test_what_is_needed_is_told_as_a_scope() -> None:
    ways = document31().operations["post", "/tasks/"]["security"]
    assert ways == [{"key": ["tasks:submit"]}, {"key_header": ["tasks:submit"]}]


def test_swagger_ui_asks_for_a_key() -> None:
    definitions = document().content["securityDefinitions"]
    assert definitions["key"]["in"] == "header"
    assert definitions["key"]["name"] == "X-Api-Key"


def unbounded(schema: dict[str, Any]) -> bool:
    """Whether there is no end to what fits."""
    if {"enum", "const"} & schema.keys():
        return False
    match schema.get("type"):
        case "string":
            return "maxLength" not in schema
        case "array":
            return "maxItems" not in schema
        case "integer":
            return not {"minimum", "maximum"} <= schema.keys()
    return False


def test_everything_has_its_bounds() -> None:
    """A new shape fails here until it says how long, how many and how much; `rest.openapi.shapes` has usual types."""
    without = [
        f"{name}.{part}"
        for name, schema in document31().content["components"]["schemas"].items()
        for part, inner in parts(schema)
        if unbounded(inner)
    ]
    assert without == []


def parts(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """A schema and those inside of it, without examples."""
    if isinstance(schema, dict):
        yield path, schema
        for name, member in schema.items():
            if name not in ("examples", "default", "const", "enum"):
                yield from parts(member, f"{path}/{name}")
    elif isinstance(schema, list):
        for item in schema:
            yield from parts(item, path)
