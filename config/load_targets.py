"""Which databases may be loaded and asked: the file that the environment names, read."""

from collections.abc import Iterator
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment
from operations.load import Target, Targets, read_targets
from operations.operator_files import InvalidFile

SETTING = "LOAD_TARGETS_FILE"


def targets_of(environment: Environment) -> Targets:
    """What the operator decided about `load_csv` and `query_to_csv`. Raises ImproperlyConfigured, with what to mend."""
    if not environment.LOAD_TARGETS_FILE:
        return Targets()
    path = Path(environment.LOAD_TARGETS_FILE)
    try:
        targets = read_targets(path)
    except InvalidFile as error:
        raise ImproperlyConfigured(_name_setting(str(error).splitlines())) from None
    if problems := list(_unreadable_secrets(path, targets, environment)):
        raise ImproperlyConfigured(_name_setting(problems))
    return targets


def _unreadable_secrets(path: Path, targets: Targets, environment: Environment) -> Iterator[str]:
    for name, target in targets.items():
        readers = _readers(target)
        for secret in target.secrets():
            if not readers <= set(environment.SECRETS.get(secret, ())):
                listed = ", ".join(f'"{reader}"' for reader in sorted(readers))
                who = " and ".join(sorted(readers))
                yield f'{path}: {name}: {who} may not read {secret}: set SECRETS={{"{secret}": [{listed}]}}'


def _readers(target: Target) -> set[str]:
    return ({"load_csv"} if target.tables else set()) | ({"query_to_csv"} if target.queries else set())


def _name_setting(lines: list[str]) -> str:
    return "\n".join(f"{SETTING}: {line}" for line in lines)
