"""What the environment may not say, and the line that tells so."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment, read_environment

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
        ("HOST", "192.0.2.7", "HOST=192.0.2.7 would let anybody in"),
        ("HOST", "::", "HOST=:: would let anybody in"),
        ("HOST", "punctual.example", "HOST=punctual.example would let anybody in"),
        ("PUBLISH_ADDRESS", "192.0.2.7", "PUBLISH_ADDRESS=192.0.2.7 would let anybody in"),
        ("PORT", "http", "PORT: Input should be a valid integer"),
        ("PORT", "0", "PORT: Input should be greater than or equal to 1"),
        ("PORT", "65536", "PORT: Input should be less than or equal to 65535"),
        ("WORKERS", "0", "WORKERS: Input should be greater than or equal to 1"),
        ("SECRETS", "crm_token", "SECRETS: must be JSON: Expecting value"),
        ("SECRETS", '["crm_token"]', "SECRETS: must be an object of lists, such as"),
        ("SECRETS", '{"crm_token": "sleep"}', "SECRETS: must be an object of lists, such as"),
        ("HTTP_REQUEST_SECRET_HOSTS", "a", "HTTP_REQUEST_SECRET_HOSTS: must be JSON: Expecting value"),
        ("HTTP_REQUEST_SECRET_HOSTS", "{}x", "HTTP_REQUEST_SECRET_HOSTS: must be JSON: Extra data"),
        ("HTTP_REQUEST_SECRET_HOSTS", '{"a": "b"}', 'such as {"crm_token": ["crm.example"]}'),
        ("SECRETS", '{"crm_token": [1]}', "SECRETS: crm_token: 0: Input should be a valid string"),
        ("SECRETS", '{"CRM": []}', "SECRETS: CRM: is not a valid name for a secret: use snake_case"),
        ("SECRETS", '{"../x": []}', "SECRETS: ../x: is not a valid name for a secret: use snake_case"),
        ("SECRETS", '{"key": []}', "SECRETS: key: is not a valid name for a secret: use snake_case"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL: must be DEBUG, INFO, WARNING or ERROR"),
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


def test_even_a_development_machine_is_closed_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVELOPMENT", "1")
    monkeypatch.setenv("HOST", "192.0.2.7")
    assert "would let anybody in" in refusal()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_needs_no_leave(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("HOST", host)
    read_environment()


def test_open_access_is_allowed_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST", "192.0.2.7")
    monkeypatch.setenv("ALLOW_OPEN_ACCESS", "1")
    assert read_environment().HOST == "192.0.2.7"


def test_a_container_listens_everywhere_if_it_is_published_on_loopback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOST", "192.0.2.7")
    monkeypatch.setenv("PUBLISH_ADDRESS", "127.0.0.1")
    assert read_environment().HOST == "192.0.2.7"
