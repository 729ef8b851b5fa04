"""What the operator decides about the operations. They read no settings and no environment themselves.

Each part is a frozen dataclass of the operation's own, with defaults that allow nothing.
"""

from dataclasses import dataclass, field

from operations.commands import Commands
from operations.http.configuration import HttpConfiguration
from operations.load.collection import Targets
from operations.mail.configuration import MailConfiguration
from operations.secrets import SecretsConfiguration


@dataclass(frozen=True, slots=True)
class Configuration:
    """All parts."""

    commands: Commands = field(default_factory=Commands)
    http: HttpConfiguration = field(default_factory=HttpConfiguration)
    mail: MailConfiguration = field(default_factory=MailConfiguration)
    secrets: SecretsConfiguration = field(default_factory=SecretsConfiguration)
    targets: Targets = field(default_factory=Targets)


class _Process:
    """What holds for this process."""

    configuration = Configuration()


_process = _Process()


def configure(configuration: Configuration) -> None:
    """Set what holds for this process from now on. `config` does so at the start."""
    _process.configuration = configuration


def configuration() -> Configuration:
    """What holds now."""
    return _process.configuration
