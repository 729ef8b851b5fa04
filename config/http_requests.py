"""Where requests may go and whom they trust, from the environment."""

from collections.abc import Callable
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment
from operations.http.configuration import HttpConfiguration
from operations.http.policy import Policy, read_allowance, read_refusal
from operations.http.trust import check_ca_file

Read = TypeVar("Read")


def http_of(environment: Environment) -> HttpConfiguration:
    """What the operator decided about `http_request`. Raises ImproperlyConfigured, with what to mend."""
    policy = Policy(
        _each("HTTP_REQUEST_ALLOW", read_allowance, environment.HTTP_REQUEST_ALLOW),
        _each("HTTP_REQUEST_REFUSE", read_refusal, environment.HTTP_REQUEST_REFUSE),
    )
    _each("HTTP_REQUEST_CA_FILE", check_ca_file, [environment.HTTP_REQUEST_CA_FILE])
    return HttpConfiguration(policy, environment.HTTP_REQUEST_CA_FILE or None)


def _each(setting: str, read: Callable[[str], Read], entries: list[str]) -> tuple[Read, ...]:
    try:
        return tuple(read(entry) for entry in entries)
    except ValueError as error:
        raise ImproperlyConfigured(f"{setting}: {error}") from None
