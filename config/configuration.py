"""The configuration of the operations, from the environment."""

from pathlib import Path

from config.commands import commands_of
from config.environment import Environment
from config.gathering import all_of
from config.http_requests import http_of
from config.load_targets import targets_of
from config.mail import mail_of
from config.private_logs import keep_private
from config.secret_values import SecretValues
from operations import UnknownOperation, catalogue
from operations.configuration import Configuration
from operations.secrets import SecretsConfiguration


def configuration_of(environment: Environment) -> Configuration:
    """What the operator decided. Raises ImproperlyConfigured, with what to mend."""
    commands, http, mail, targets = all_of(
        lambda: commands_of(environment),
        lambda: http_of(environment),
        lambda: mail_of(environment),
        lambda: targets_of(environment),
    )
    return Configuration(
        commands=commands, http=http, mail=mail, secrets=_secrets(environment), targets=targets
    )


def _secrets(environment: Environment) -> SecretsConfiguration:
    readers = {name: frozenset(operations) for name, operations in environment.SECRETS.items()}
    values = SecretValues(Path(environment.SECRETS_DIR))

    def read(name: str) -> str:
        value = values.read(name)
        keep_private(value)
        return value

    return SecretsConfiguration(readers, read)


def unknown_readers(environment: Environment) -> list[str]:
    """What is wrong with the operations that SECRETS names, once all are known: one line for each."""
    return [
        f"SECRETS: {name}: {error}"
        for name, operations in environment.SECRETS.items()
        for operation in operations
        for error in _unknown(operation)
    ]


def _unknown(operation: str) -> list[UnknownOperation]:
    try:
        catalogue.get(operation)
    except UnknownOperation as error:
        return [error]
    return []
