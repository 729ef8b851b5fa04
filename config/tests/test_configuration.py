"""What operations are told of the operator's settings, and where the values of secrets come from."""

from pathlib import Path

import pytest

from config.configuration import configuration_of
from config.environment import Environment
from config.secret_values import MAX_BYTES
from operations.secrets import SecretsConfiguration, SecretUnavailable
from testing.manage import manage


def secrets_of(folder: Path) -> SecretsConfiguration:
    environment = Environment(DEVELOPMENT=True, SECRETS={"crm_token": ["sleep"]}, SECRETS_DIR=str(folder))
    return configuration_of(environment).secrets


def test_only_the_operations_that_are_named_may_read_a_secret(tmp_path: Path) -> None:
    secrets = secrets_of(tmp_path)
    assert secrets.readable_by("sleep")("crm_token")
    assert not secrets.readable_by("calculate")("crm_token")
    assert not secrets.readable_by("sleep")("other")


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"correct horse", "correct horse"),
        (b"correct horse\n", "correct horse"),
        (b"correct horse\r\n", "correct horse"),
        (b" two\nlines \n\n", " two\nlines \n"),
        ("pa\u00dfwort".encode(), "pa\u00dfwort"),
        (b"", ""),
    ],
)
def test_a_file_is_the_value_without_its_last_line_end(tmp_path: Path, content: bytes, value: str) -> None:
    (tmp_path / "crm_token").write_bytes(content)
    assert secrets_of(tmp_path).read("crm_token") == value


def test_a_variable_serves_where_there_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_CRM_TOKEN", "from the environment")
    assert secrets_of(tmp_path).read("crm_token") == "from the environment"
    (tmp_path / "crm_token").write_text("from a file")
    assert secrets_of(tmp_path).read("crm_token") == "from a file"


def refusal(folder: Path) -> str:
    with pytest.raises(SecretUnavailable) as caught:
        secrets_of(folder).read("crm_token")
    return str(caught.value)


def test_no_value(tmp_path: Path) -> None:
    assert refusal(tmp_path) == (
        f"has no value on this worker: there is neither the file {tmp_path}/crm_token "
        "nor the variable SECRET_CRM_TOKEN"
    )


def test_values_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "crm_token"
    path.mkdir()
    assert refusal(tmp_path) == f"cannot be read from {path}: Is a directory"
    path.rmdir()
    path.write_bytes(b"\xff" * 20)
    assert refusal(tmp_path) == f"must be UTF-8, but {path} is not"
    path.write_bytes(b"a" * (MAX_BYTES + 1))
    assert refusal(tmp_path) == f"must have at most {MAX_BYTES} bytes, but {path} has more"


def test_a_variable_that_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_CRM_TOKEN", "a" * (MAX_BYTES + 1))
    expected = f"must have at most {MAX_BYTES} bytes, but the variable SECRET_CRM_TOKEN has more"
    assert refusal(tmp_path) == expected


def test_a_reader_that_is_unknown_stops_the_start_with_one_line() -> None:
    answer = manage("start", "worker", settings={"SECRETS": '{"crm_token": ["slep"]}'})
    assert answer.returncode == 1
    assert answer.stderr == (
        'punctual: SECRETS: crm_token: there is no operation "slep"; did you mean "sleep"?\n'
    )
