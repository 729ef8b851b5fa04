"""GET /operations/ and GET /operations/{name}/"""

from collections.abc import Iterator

import jsonschema
import pytest

from files.models import File
from operations import catalogue, operation, testing
from operations.files import file_ids
from operations.secrets import SecretsConfiguration, references
from tasks_api.tests.conftest import Register
from testing.api import Api
from testing.files import stored


def test_it_works(api: Api) -> None:
    answer = api.get("/operations/")
    assert answer.status == 200
    assert [found["name"] for found in answer.json["results"]] == [each.name for each in catalogue.all()]


@pytest.mark.parametrize("path", ["/operations/calculate/", "/operations/calculate"])
def test_one(api: Api, path: str) -> None:
    found = api.get(path).json
    assert found == next(
        each for each in api.get("/operations/").json["results"] if each["name"] == "calculate"
    )
    assert {name: found[name] for name in ("idempotent", "timeout_seconds", "max_attempts")} == {
        "idempotent": True,
        "timeout_seconds": 30,
        "max_attempts": 3,
    }
    assert found["summary"] == "Compute an arithmetic expression."
    assert {"arguments": {"expression": "4+7"}, "result": 11} in found["examples"]


def test_examples_fit_the_schemas(api: Api) -> None:
    for found in api.get("/operations/").json["results"]:
        for example in found["examples"]:
            jsonschema.validate(example["arguments"], found["arguments_schema"])
            jsonschema.validate(example["result"], found["result_schema"])


@pytest.fixture
def all_secrets() -> Iterator[None]:
    """Those that examples name may be read."""
    examples = [(each.name, example) for each in catalogue.all() for example in each.examples]
    readers = {
        reference.name: frozenset([name])
        for name, example in examples
        for reference in references.find(example.arguments).references
        if reference.name
    }
    with testing.configured(secrets=SecretsConfiguration(readers)):
        yield


@pytest.mark.django_db
@pytest.mark.usefixtures("all_secrets")
@pytest.mark.usefixtures("files_folder")
def test_examples_can_be_run_as_they_are(api: Api) -> None:
    for found in api.get("/operations/").json["results"]:
        for example in found["examples"]:
            for file_id in file_ids(example["arguments"]):
                File.objects.filter(id=stored("a.pdf", media_type="application/pdf").id).update(id=file_id)
            body = {"operation": found["name"], "arguments": example["arguments"]}
            assert api.post("/tasks/", body).status == 202


@pytest.mark.usefixtures("register")
def test_types_of_errors_are_shown(api: Api) -> None:
    @operation(name="throw_away", idempotent=True, timeout_seconds=1, errors={"away": "Nobody is there."})
    def knock() -> None:
        """Knock."""

    assert api.get("/operations/throw_away/").json["errors"] == [
        {"type": "away", "description": "Nobody is there."}
    ]
    assert api.get("/operations/sleep/").json["errors"] == []


def test_what_is_registered_is_shown(api: Api, register: Register) -> None:
    @register
    def throw_away(number: int) -> int:
        """Return the number."""
        return number

    assert api.get("/operations/throw_away/").json["arguments_schema"]["required"] == ["number"]


def test_an_unknown_name_suggests(api: Api) -> None:
    problem = api.get("/operations/calcuate/").problem(404, "not_found")
    assert problem["detail"] == 'there is no operation "calcuate"; did you mean "calculate"?'


@pytest.mark.parametrize("name", ["zzz", "%00", "é", "a" * 5_000])
def test_names_that_are_none(api: Api, name: str) -> None:
    assert len(api.get(f"/operations/{name}/").problem(404, "not_found")["detail"]) < 200


@pytest.mark.parametrize("path", ["/operations/?limit=3", "/operations/calculate/?limit=3"])
def test_unknown_parameters(api: Api, path: str) -> None:
    assert api.get(path).errors() == [("limit", "unknown_field", "is not a known parameter; known are: none")]
