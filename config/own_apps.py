"""Django apps of the operator's own."""

from collections.abc import Iterable
from importlib.util import find_spec

from django.core.exceptions import ImproperlyConfigured


def own_apps(names: Iterable[str]) -> list[str]:
    """The `names`, of packages or of AppConfigs. Raises ImproperlyConfigured where Python cannot find one."""
    apps = list(names)
    for name in apps:
        if not _exists(name) and not _exists(name.rpartition(".")[0]):
            raise ImproperlyConfigured(f"APPS: there is no Python package {name} where Python looks for it")
    return apps


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False
