"""Settings find their secrets among the credentials that systemd hands to a service."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.checked_environment import read_environment
from config.configuration import configuration_of
from config.credentials import NAMES
from config.environment import Environment
from operations.secrets import SecretUnavailable
from testing.stack import PROJECT

KEY = "k3Y-0123456789-abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(autouse=True)
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Environment.model_fields:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The credentials of a service that was given a key."""
    (tmp_path / "secret_key").write_text(f"{KEY}\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    return tmp_path


def refusal() -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        read_environment()
    return str(caught.value)


def test_each_secret_is_found_by_its_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("database_password", "broker_password", "email_password"):
        (folder / name).write_text(f"the {name}\n")
    monkeypatch.setenv("EMAIL_URL", "smtp://punctual@mail.example:587")
    monkeypatch.setenv("DEFAULT_FROM_EMAIL", "punctual@mail.example")
    environment = read_environment()
    assert environment.secret_key == KEY
    assert environment.DATABASE_URL == "postgres://punctual:the%20database_password@127.0.0.1:5432/punctual"
    assert environment.CELERY_BROKER_URL == "redis://:the%20broker_password@127.0.0.1:6379/0"
    assert str(folder / "email_password") == environment.EMAIL_PASSWORD_FILE


# No secrets; and the first key, which one migration reads once, and no process that goes on needs.
NO_CREDENTIALS = ("COMMANDS_FILE", "LOAD_TARGETS_FILE", "HTTP_REQUEST_CA_FILE", "BOOTSTRAP_KEY_FILE")


def test_each_setting_that_takes_a_file_of_a_secret_has_one() -> None:
    assert set(NAMES) == {
        name for name in Environment.model_fields if name.endswith("_FILE") and name not in NO_CREDENTIALS
    }


@pytest.mark.parametrize("text", ["", "\n"])
def test_an_empty_one_counts_as_not_set(folder: Path, text: str) -> None:
    (folder / "database_password").write_text(text)
    assert read_environment().DATABASE_PASSWORD_FILE == ""
    (folder / "secret_key").write_text(text)
    assert "SECRET_KEY is missing" in refusal()


def test_a_file_that_the_environment_names_counts_more(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path_factory.mktemp("other") / "key"
    other.write_text(f"another-{KEY}")
    monkeypatch.setenv("SECRET_KEY_FILE", str(other))
    assert read_environment().secret_key == f"another-{KEY}"


def test_one_secret_has_one_place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "database_password").write_text("one")
    monkeypatch.setenv("DATABASE_URL", "postgres://punctual:another@db/punctual")
    monkeypatch.setenv("SECRET_KEY", KEY)
    told = refusal()
    assert "SECRET_KEY and SECRET_KEY_FILE are both set" in told
    assert "DATABASE_URL has a password, and DATABASE_PASSWORD_FILE is set" in told


def test_one_that_cannot_be_read_is_told(folder: Path) -> None:
    (folder / "broker_password").mkdir()
    assert f"BROKER_PASSWORD_FILE: {folder}/broker_password cannot be read" in refusal()


def test_secrets_of_operations_are_credentials_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "crm_token").write_text("t0ken\n")
    secrets = configuration_of(read_environment()).secrets
    assert secrets.read("crm_token") == "t0ken"
    with pytest.raises(SecretUnavailable, match=str(folder / "other")):
        secrets.read("other")
    monkeypatch.setenv("SECRETS_DIR", "/run/secrets")
    assert read_environment().SECRETS_DIR == "/run/secrets"


def test_a_process_starts_with_nothing_else(folder: Path) -> None:
    environment = {"CREDENTIALS_DIRECTORY": str(folder), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-c", "from config.settings import SECRET_KEY; print(SECRET_KEY)"]
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"{KEY}\n"
