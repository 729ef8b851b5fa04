"""Addresses of servers: one line for what cannot be one, and no password in what is told."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.checked_environment import read_environment
from config.server_urls import servers_of


def refusal(monkeypatch: pytest.MonkeyPatch, setting: str, url: str) -> str:
    monkeypatch.setenv(setting, url)
    with pytest.raises(ImproperlyConfigured) as error:
        read_environment()
    return str(error.value)


@pytest.mark.parametrize(
    ("setting", "url"),
    [
        ("DATABASE_URL", "mysql://me:secret@db/tasks"),
        ("DATABASE_URL", "redis://:secret@cache/0"),
        ("CELERY_BROKER_URL", "foo://me:secret@broker"),
        ("CELERY_BROKER_URL", "localhost"),
        ("CELERY_BROKER_URL", "postgres://me:secret@db/tasks"),
        ("CELERY_BROKER_URL", "amqp://me:secret@one/v;foo://me:secret@two/v"),
    ],
)
def test_a_server_of_another_kind(monkeypatch: pytest.MonkeyPatch, setting: str, url: str) -> None:
    said = refusal(monkeypatch, setting, url)
    assert said.startswith(f"{setting} must begin with one of ")
    assert "secret" not in said
    assert "\n" not in said


@pytest.mark.parametrize(
    "url", ["sentinel://:secret@one:26379", "redis://one/0;sentinel://:secret@two:26379/0"]
)
def test_sentinels(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    said = refusal(monkeypatch, "CELERY_BROKER_URL", url)
    assert said.startswith("CELERY_BROKER_URL must not be sentinel://: ")
    assert "secret" not in said
    assert "\n" not in said


@pytest.mark.parametrize(
    "url", ["postgres://me:pw@db:abc/x", "postgres://me:pw@[::1/x", "postgres://me:secret/pw@db/x"]
)
def test_what_is_no_url_is_told_without_any_of_it(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    said = refusal(monkeypatch, "DATABASE_URL", url)
    assert said == (
        "DATABASE_URL is no URL: write postgres://user:password@host:5432/name, "
        "with special characters percent-encoded"
    )


@pytest.mark.parametrize(
    ("setting", "url", "words"),
    [
        ("DATABASE_URL", "postgres://me:secret@db", "must end with the name of the database"),
        ("DATABASE_URL", "postgres://", "must end with the name of the database"),
        ("DATABASE_URL", "postgres://me:secret@db/x?ssl_mode=require", 'those of libpq, got "ssl_mode"'),
        ("CELERY_BROKER_URL", "redis://:secret@cache/tasks", "must end with the number of the database"),
    ],
)
def test_what_would_lead_nowhere(monkeypatch: pytest.MonkeyPatch, setting: str, url: str, words: str) -> None:
    said = refusal(monkeypatch, setting, url)
    assert said.startswith(f"{setting} must ")
    assert words in said
    assert "secret" not in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("setting", "url"),
    [
        ("DATABASE_URL", "postgresql://me@db/tasks?sslmode=verify-full"),
        ("DATABASE_URL", "postgres:///tasks?host=/run/postgres&currentSchema=mine"),
        ("CELERY_BROKER_URL", "redis://cache"),
        ("DATABASE_URL", "postgres://me:p;w@db/tasks"),
        ("CELERY_BROKER_URL", "rediss://:key@cache.example:6380/1"),
        ("CELERY_BROKER_URL", "amqp://me:key@one.example:5672/v;amqp://me:key@two.example:5672/v"),
    ],
)
def test_what_is_taken(monkeypatch: pytest.MonkeyPatch, setting: str, url: str) -> None:
    monkeypatch.setenv(setting, url)
    assert getattr(read_environment(), setting) == url


@pytest.mark.parametrize(
    ("setting", "url", "expected"),
    [
        ("DATABASE_URL", "postgres://me:pw@db.example:5432/x?password=pw", "postgres://db.example:5432/x"),
        ("DATABASE_URL", "postgres://me:p;w@db.example/x", "postgres://db.example/x"),
        ("CELERY_BROKER_URL", "redis://cache/0", "redis://cache/0"),
        ("CELERY_BROKER_URL", "amqp://me:pw@one/v;amqp://me:pw@two/v", "amqp://one/v, amqp://two/v"),
    ],
)
def test_which_servers_they_are(setting: str, url: str, expected: str) -> None:
    assert servers_of(setting, url) == expected
