"""Which commands tasks may run: the file that the environment names, read."""

from collections.abc import Iterator
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment
from operations.commands import Commands, read_commands
from operations.operator_files import InvalidFile

OPERATION = "run_command"


def commands_of(environment: Environment) -> Commands:
    """What the operator decided about `run_command`. Raises ImproperlyConfigured, with what to mend."""
    if not environment.COMMANDS_FILE:
        return Commands()
    path = Path(environment.COMMANDS_FILE)
    try:
        commands = read_commands(path)
    except InvalidFile as error:
        raise ImproperlyConfigured(_name_setting(str(error).splitlines())) from None
    if problems := list(_unreadable_secrets(path, commands, environment)):
        raise ImproperlyConfigured(_name_setting(problems))
    return commands


def _unreadable_secrets(path: Path, commands: Commands, environment: Environment) -> Iterator[str]:
    for name, command in commands.items():
        for secret in command.secrets():
            if OPERATION not in environment.SECRETS.get(secret, ()):
                place = f"{path}: {name}.environment"
                yield f'{place}: {OPERATION} may not read {secret}: set SECRETS={{"{secret}": ["{OPERATION}"]}}'


def _name_setting(lines: list[str]) -> str:
    return "\n".join(f"COMMANDS_FILE: {line}" for line in lines)
