"""Nonsense in each setting that the environment describes, in each kind of process: one line each, and no secret."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.checked_environment import read_environment
from config.environment import Environment
from config.stack.commands import ROLES
from testing.manage import manage

GOOD_KEY = "k3Y-0123456789-abcdefghijklmnopqrstuvwxyz"
NONSENSE = "no such thing"
SECRET = "hunter2"
FORMS_WITH_A_SECRET = (
    SECRET,
    f"me:{SECRET}",
    f"nowhere://me:{SECRET}@host/x",
    f"postgres://me:{SECRET}@host:port/x",
    f"smtp://me:{SECRET}@host/x",
    f'{{"{{": "{SECRET}"}}',
    f'["{SECRET}"]',
)
SETTINGS = Environment.model_json_schema()["properties"]
SECRET_SETTINGS = [name for name, field in Environment.model_fields.items() if not field.repr]
FILES_OF_SECRETS = [name for name in SETTINGS if name.endswith(("_PASSWORD_FILE", "_KEY_FILE"))]
"""Somebody may give the secret itself instead of a file."""
KINDS = [
    *(("start", role) for role in ROLES),
    ("migrate", "--noinput"),
    ("check",),
    ("run_task", "sleep"),
    ("up",),
]


def nonsense(field: Mapping[str, Any]) -> Iterator[str]:
    """Values that a setting must not have, by its description."""
    yield NONSENSE
    match field:
        case {"type": "boolean"}:
            yield "2"
        case {"type": "integer" | "number"}:
            yield from ("nan", "inf", "-1", "1e999")
            yield str(field["maximum"] + 1)


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SECRET_KEY", GOOD_KEY)
    monkeypatch.setenv("DEFAULT_FROM_EMAIL", "punctual@example.com")
    return monkeypatch


def refusal() -> list[str]:
    with pytest.raises(ImproperlyConfigured) as caught:
        read_environment()
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, field in SETTINGS.items() for value in nonsense(field)]
)
def test_one_line_names_the_setting_and_what_came(only: pytest.MonkeyPatch, name: str, value: str) -> None:
    if name == "SECRET_KEY_FILE":
        only.delenv("SECRET_KEY")
    only.setenv(name, value)
    [line] = refusal()
    assert line.startswith(name)
    if name not in [*SECRET_SETTINGS, *FILES_OF_SECRETS]:
        assert value in line.replace(value.upper(), value)


@pytest.mark.parametrize("name", [*SECRET_SETTINGS, *FILES_OF_SECRETS])
@pytest.mark.parametrize("value", FORMS_WITH_A_SECRET)
def test_no_part_of_a_secret_is_told(only: pytest.MonkeyPatch, name: str, value: str) -> None:
    if name == "SECRET_KEY_FILE":
        only.delenv("SECRET_KEY")
    only.setenv(name, value)
    try:
        read_environment()
    except ImproperlyConfigured as error:
        assert SECRET not in str(error)  # noqa: PT017 (some settings may be so)


def test_what_sounds_secret_is_not_shown() -> None:
    sounding = [name for name in SETTINGS if name.endswith(("_KEY", "_URL", "_AUTH", "SECRETS", "PASSWORD"))]
    assert set(sounding) <= set(SECRET_SETTINGS)


@pytest.mark.parametrize("command", KINDS, ids=" ".join)
def test_each_kind_of_process_tells_all_at_once(command: tuple[str, ...]) -> None:
    wrong = dict.fromkeys(SETTINGS, NONSENSE)
    if command == ("up",):
        del wrong["DEVELOPMENT"]  # it sets that itself
    del wrong["SECRET_KEY"]  # beside its file it would be another mistake
    ended = manage(*command, settings=wrong, alone=True)
    assert (ended.returncode, ended.stdout) == (1, "")
    lines = ended.stderr.splitlines()
    assert all(line.startswith("punctual: ") for line in lines)
    settings = [line.removeprefix("punctual: ").replace(":", " ").split()[0] for line in lines]
    assert sorted(settings) == sorted(wrong)
