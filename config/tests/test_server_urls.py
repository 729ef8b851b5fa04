"""Addresses of servers: one line for what cannot be one, and no password in what is told."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import read_environment
from config.server_urls import server_of


def refusal(monkeypatch: pytest.MonkeyPatch, setting: str, url: str) -> str:
    monkeypatch.setenv(setting, url)
    with pytest.raises(ImproperlyConfigured) as error:
        read_environment()
    return str(error.value)


@pytest.mark.parametrize(
    ("setting", "url", "begins_with"),
    [
        ("DATABASE_URL", "mysql://me:secret@db/tasks", "mysql://"),
        ("DATABASE_URL", "redis://:secret@cache/0", "redis://"),
        ("CELERY_BROKER_URL", "foo://me:secret@broker", "foo://"),
        ("CELERY_BROKER_URL", "localhost", "none of them"),
        ("CELERY_BROKER_URL", "postgres://me:secret@db/tasks", "postgres://"),
    ],
)
def test_a_server_of_another_kind(
    monkeypatch: pytest.MonkeyPatch, setting: str, url: str, begins_with: str
) -> None:
    said = refusal(monkeypatch, setting, url)
    assert said.startswith(f"{setting} must begin with one of ")
    assert said.endswith(f"; this begins with {begins_with}")
    assert "secret" not in said
    assert "\n" not in said


@pytest.mark.parametrize("url", ["postgres://me:secret@db:abc/x", "postgres://me:secret@[::1/x"])
def test_what_is_no_url(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    said = refusal(monkeypatch, "DATABASE_URL", url)
    assert said.startswith("DATABASE_URL is no URL (")
    assert said.endswith("write postgres://user:password@host:5432/name")
    assert "\n" not in said
    assert "secret" not in said


@pytest.mark.parametrize(
    ("setting", "url"),
    [
        ("DATABASE_URL", "postgresql://me@db/tasks?sslmode=verify-full"),
        ("CELERY_BROKER_URL", "rediss://:key@cache.example:6380/1"),
        ("CELERY_BROKER_URL", "amqp://me:key@one.example:5672/v;amqp://me:key@two.example:5672/v"),
    ],
)
def test_what_is_taken(monkeypatch: pytest.MonkeyPatch, setting: str, url: str) -> None:
    monkeypatch.setenv(setting, url)
    assert getattr(read_environment(), setting) == url


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgres://me:secret@db.example:5432/tasks?password=secret", "postgres://db.example:5432/tasks"),
        ("redis://cache/0", "redis://cache/0"),
    ],
)
def test_which_server_it_is(url: str, told: str) -> None:
    assert server_of(url) == told
