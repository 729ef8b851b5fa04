"""What the environment may not say, and the line that tells so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.checked_environment import read_environment
from config.environment import Environment
from config.server_urls import PASSWORD_FILES

GOOD_KEY = "k3Y-0123456789-abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(autouse=True)
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Environment.model_fields:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SECRET_KEY", GOOD_KEY)


def refusal() -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        read_environment()
    return str(caught.value)


def test_a_secret_key_is_all_that_is_required() -> None:
    environment = read_environment()
    assert (environment.HOST, environment.PORT, environment.FLOWER_PORT) == ("127.0.0.1", 8000, 5555)
    assert environment.secret_key == GOOD_KEY


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "")
    assert read_environment().PORT == 8000


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SECRET_KEY", "", "SECRET_KEY is missing"),
        ("SECRET_KEY", "short", "SECRET_KEY is weak"),
        ("SECRET_KEY", "a" * 60, "SECRET_KEY is weak"),
        ("DEBUG", "1", "DEBUG shows internals"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS is open"),
        ("ALLOWED_HOSTS", "punctual.example, *", "ALLOWED_HOSTS is open"),
        ("HOST", "punctual.example", "HOST: must be an IP address, such as 127.0.0.1"),
        ("HOST", "300.1.1.1", "HOST: must be an IP address, such as 127.0.0.1"),
        (
            "ALLOWED_HOSTS",
            "https://punctual.example",
            "ALLOWED_HOSTS: must be host names such as punctual.example",
        ),
        (
            "ALLOWED_HOSTS",
            "a,punctual.example:8000",
            'without https://, ports and paths, got "punctual.example:8000"',
        ),
        ("BOOTSTRAP_KEY_FILE", __file__, "BOOTSTRAP_KEY_FILE: a key looks like pct_"),
        (
            "PORT",
            "http",
            'PORT: must be a whole number from 1 to 65535, got "http"; unset it for the default, 8000',
        ),
        ("PORT", "65536", 'PORT: must be a whole number from 1 to 65535, got "65536"'),
        ("DEBUG", "maybe", 'DEBUG: must be 0 or 1, got "maybe"; unset it for the default, 0'),
        ("HEART_BEAT_SECONDS", "nan", 'HEART_BEAT_SECONDS: must be a number from 0.05 to 3600, got "nan"'),
        ("RETENTION_SUCCESS_DAYS", "0", "must be a number above 0, at most 365000"),
        ("SECRETS_DIR", __file__, "SECRETS_DIR: must be a folder by its full path, such as /run/secrets"),
        ("SECRETS", "crm_token", "SECRETS: must be JSON: Expecting value"),
        ("SECRETS", '["crm_token"]', "SECRETS: must be an object of lists, such as"),
        ("SECRETS", '{"crm_token": "sleep"}', "SECRETS: must be an object of lists, such as"),
        ("HTTP_REQUEST_SECRET_HOSTS", "a", "HTTP_REQUEST_SECRET_HOSTS: must be JSON: Expecting value"),
        ("HTTP_REQUEST_SECRET_HOSTS", "{}x", "HTTP_REQUEST_SECRET_HOSTS: must be JSON: Extra data"),
        ("HTTP_REQUEST_SECRET_HOSTS", '{"a": "b"}', 'such as {"crm_token": ["crm.example"]}'),
        ("SECRETS", '{"crm_token": [1]}', "SECRETS: must be an object of lists, such as"),
        ("SECRETS", '{"CRM": []}', "SECRETS: CRM: is not a valid name for a secret: use snake_case"),
        ("SECRETS", '{"../x": []}', "SECRETS: ../x: is not a valid name for a secret: use snake_case"),
        ("SECRETS", '{"key": []}', "SECRETS: key: is not a valid name for a secret: use snake_case"),
        ("LOG_LEVEL", "LOUD", 'LOG_LEVEL: must be DEBUG, INFO, WARNING or ERROR, got "LOUD"'),
    ],
)
def test_a_refusal_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    text = refusal()
    assert words in text
    assert "\n" not in text


def test_all_that_is_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "http")
    monkeypatch.setenv("WORKERS", "none")
    assert [line.split(":")[0] for line in refusal().splitlines()] == ["PORT", "WORKERS"]


def test_a_development_machine_may_be_lax(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY")
    monkeypatch.setenv("DEBUG", "1")
    monkeypatch.setenv("DEVELOPMENT", "1")
    assert read_environment().DEBUG


@pytest.mark.parametrize("host", ["192.0.2.7", "0.0.0.0", "::"])  # noqa: S104 (nobody listens)
def test_any_address_may_be_listened_on(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """While there is no key, nobody is let in there: see the tests of the door."""
    monkeypatch.setenv("HOST", host)
    assert host == read_environment().HOST


class TestFiles:
    """Secrets in files, as orchestrators give them."""

    def file(self, tmp_path: Path, text: str) -> str:
        path = tmp_path / "secret"
        path.write_text(text)
        return str(path)

    def test_the_key(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("SECRET_KEY")
        monkeypatch.setenv("SECRET_KEY_FILE", self.file(tmp_path, GOOD_KEY + "\n"))
        assert read_environment().secret_key == GOOD_KEY

    def test_a_key_in_a_file_must_be_as_strong(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("SECRET_KEY")
        monkeypatch.setenv("SECRET_KEY_FILE", self.file(tmp_path, "short"))
        assert "SECRET_KEY is weak" in refusal()

    @pytest.mark.parametrize(
        ("setting", "url", "completed"),
        [
            (
                "DATABASE_URL",
                "postgres://me@db.example:5432/tasks",
                "postgres://me:p%40ss%2F%3A@db.example:5432/tasks",
            ),
            (
                "CELERY_BROKER_URL",
                "amqps://me@[2001:db8::1]:5671/%2f?a=b",
                "amqps://me:p%40ss%2F%3A@[2001:db8::1]:5671/%2f?a=b",
            ),
            ("CELERY_BROKER_URL", "redis://cache.example/0", "redis://:p%40ss%2F%3A@cache.example/0"),
        ],
    )
    def test_a_password(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, url: str, completed: str
    ) -> None:
        monkeypatch.setenv(setting, url)
        monkeypatch.setenv(PASSWORD_FILES[setting], self.file(tmp_path, "p@ss/:\n"))
        assert getattr(read_environment(), setting) == completed

    @pytest.mark.parametrize(
        ("setting", "value", "file_setting"),
        [
            ("SECRET_KEY", GOOD_KEY, "SECRET_KEY_FILE"),
            ("DATABASE_URL", "postgres://me:mine@db/tasks", "DATABASE_PASSWORD_FILE"),
            ("CELERY_BROKER_URL", "redis://:mine@cache/0", "BROKER_PASSWORD_FILE"),
        ],
    )
    def test_not_both(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, file_setting: str
    ) -> None:
        monkeypatch.setenv(setting, value)
        monkeypatch.setenv(file_setting, self.file(tmp_path, "another"))
        said = refusal()
        assert said.startswith(setting)
        assert said.endswith("keep one of the two")
        assert "mine" not in said

    @pytest.mark.parametrize(
        ("content", "words"),
        [(None, "cannot be read: No such file or directory"), (b"", "is empty"), (b"\xff", "it is no text")],
    )
    def test_a_file_that_cannot_be_used(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, words: str
    ) -> None:
        path = tmp_path / "secret"
        if content is not None:
            path.write_bytes(content)
        monkeypatch.setenv("DATABASE_PASSWORD_FILE", str(path))
        said = refusal()
        assert said.startswith(f"DATABASE_PASSWORD_FILE: {path} ")
        assert words in said


def test_celery_takes_the_password_too(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hidden")
    environment = {
        **os.environ,
        "CELERY_BROKER_URL": "redis://127.0.0.1:6379/0",
        "BROKER_PASSWORD_FILE": str(tmp_path / "password"),
    }
    # Each process reads the environment more than once.
    ask = (
        "from config import celery_app; from config.celery_settings import read_environment; read_environment(); "
        "print(celery_app.connection_for_read().password, celery_app.connection_for_write().password)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", ask], env=environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout == "hidden hidden\n"
