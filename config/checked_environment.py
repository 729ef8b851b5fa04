"""Reads the environment, and tells all that is wrong with it at once."""

import re
from collections.abc import Iterator, Mapping

from django.core.exceptions import ImproperlyConfigured
from pydantic import ValidationError

from access.key_text import NoKey, read_key
from config.configuration import configuration_of
from config.environment import MIN_SECRET_KEY_LENGTH, Environment
from config.gathering import all_of
from config.own_apps import own_apps
from config.password_files import read_file
from config.server_urls import PASSWORD_FILES, completed
from config.setting_words import wrong_line


def read_environment() -> Environment:
    """The environment, with the passwords that are in files. Raises ImproperlyConfigured: a line for each setting."""
    environment, wrong = _each_by_itself()
    lines = [*wrong.values(), *(line for line in _together(environment) if not _follows(line, wrong))]
    if lines:
        raise ImproperlyConfigured("\n".join(lines))
    return environment


def _each_by_itself() -> tuple[Environment, dict[str, str]]:
    """Those that are wrong have their default, so that the others are looked at, too."""
    try:
        return Environment(), {}
    except ValidationError as error:
        wrong = {
            str(problem["loc"][0]): wrong_line(Environment, problem) for problem in reversed(error.errors())
        }
    defaults = {name: field.default for name, field in Environment.model_fields.items() if name in wrong}
    return Environment(**defaults), dict(reversed(wrong.items()))


def _together(environment: Environment) -> list[str]:
    """What is wrong once each is what it may be. Completes it."""
    try:
        all_of(
            lambda: _take_key(environment),
            *(lambda setting=setting: _take_password(environment, setting) for setting in PASSWORD_FILES),
            lambda: own_apps(environment.APPS),
            lambda: configuration_of(environment),
            lambda: _refuse_what_is_unsafe(environment),
            lambda: _check_first_key(environment),
        )
    except ImproperlyConfigured as error:
        return str(error).splitlines()
    return []


def _follows(line: str, wrong: Mapping[str, str]) -> bool:
    """Whether a problem may be there only because another setting is wrong, which it names."""
    # Where it is not known whether this is a development machine, all is as in production.
    return any(re.search(rf"\b{name}\b", line) for name in wrong.keys() - {"DEVELOPMENT"})


def _take_key(environment: Environment) -> None:
    if environment.SECRET_KEY_FILE:
        if environment.SECRET_KEY:
            raise ValueError("SECRET_KEY and SECRET_KEY_FILE are both set: keep one of the two")
        environment.SECRET_KEY = read_file(environment.SECRET_KEY_FILE)


def _take_password(environment: Environment, setting: str) -> None:
    file_setting = PASSWORD_FILES[setting]
    url, file = getattr(environment, setting), getattr(environment, file_setting)
    setattr(environment, setting, completed(setting, url, file_setting, file))


def _refuse_what_is_unsafe(environment: Environment) -> None:
    problems = [] if environment.DEVELOPMENT else list(_unsafe_for_production(environment))
    if problems:
        raise ValueError("\n".join(problems))


def _check_first_key(environment: Environment) -> None:
    if not environment.BOOTSTRAP_KEY_FILE:
        return
    try:
        read_key(read_file(environment.BOOTSTRAP_KEY_FILE))
    except NoKey as error:
        raise ValueError(
            f"BOOTSTRAP_KEY_FILE: {error}; misc/make-env.sh writes such a file, or leave the setting out and use "
            "`manage.py keys create --role admin`"
        ) from None


def _unsafe_for_production(environment: Environment) -> Iterator[str]:
    key = environment.SECRET_KEY
    if len(key) < MIN_SECRET_KEY_LENGTH or len(set(key)) < 8:
        yield (
            f"SECRET_KEY is {'weak' if key else 'missing'}: set it, or what is in SECRET_KEY_FILE, to at least "
            f"{MIN_SECRET_KEY_LENGTH} random characters, for instance the output of "
            "`python3 -c 'import secrets; print(secrets.token_urlsafe(48))'`; "
            "none is needed with `make run`, which makes one, nor with DEVELOPMENT=1"
        )
    if environment.DEBUG:
        yield "DEBUG shows internals to callers: unset it; only DEVELOPMENT=1 allows it, and that not in `make run`"
    if not environment.ALLOWED_HOSTS or "*" in environment.ALLOWED_HOSTS:
        yield "ALLOWED_HOSTS is open: list the host names of this service, separated by commas"
