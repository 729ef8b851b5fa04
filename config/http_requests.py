"""Where requests may go and whom they trust, from the environment."""

from collections.abc import Callable
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment
from config.gathering import all_of
from operations.http.configuration import HttpConfiguration
from operations.http.policy import Allowance, Policy, read_allowance, read_refusal
from operations.http.trust import check_ca_file

OPERATION = "http_request"
Read = TypeVar("Read")


def http_of(environment: Environment) -> HttpConfiguration:
    """What the operator decided about `http_request`. Raises ImproperlyConfigured, with what to mend."""
    allowed, refused, secret_hosts, _ = all_of(
        lambda: _each("HTTP_REQUEST_ALLOW", read_allowance, environment.HTTP_REQUEST_ALLOW),
        lambda: _each("HTTP_REQUEST_REFUSE", read_refusal, environment.HTTP_REQUEST_REFUSE),
        lambda: _secret_hosts(environment),
        lambda: _each("HTTP_REQUEST_CA_FILE", check_ca_file, [environment.HTTP_REQUEST_CA_FILE]),
    )
    return HttpConfiguration(Policy(allowed, refused), environment.HTTP_REQUEST_CA_FILE or None, secret_hosts)


def _secret_hosts(environment: Environment) -> dict[str, tuple[Allowance, ...]]:
    setting = "HTTP_REQUEST_SECRET_HOSTS"
    for name in environment.HTTP_REQUEST_SECRET_HOSTS:
        if OPERATION not in environment.SECRETS.get(name, ()):
            raise ImproperlyConfigured(
                f'{setting}: {OPERATION} may not read {name}: set SECRETS={{"{name}": ["{OPERATION}"]}}'
            )
    return {
        name: _each(f"{setting}: {name}", read_allowance, hosts)
        for name, hosts in environment.HTTP_REQUEST_SECRET_HOSTS.items()
    }


def _each(setting: str, read: Callable[[str], Read], entries: list[str]) -> tuple[Read, ...]:
    try:
        return tuple(read(entry) for entry in entries)
    except ValueError as error:
        raise ImproperlyConfigured(f"{setting}: {error}") from None
