"""Django apps of the operator's own."""

import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

FOLDER = Path(__file__).resolve().parent.parent / "apps"
"""Where they may be, besides where Python looks anyway. It belongs to the operator: git does not know it."""


def own_apps(names: Iterable[str]) -> list[str]:
    """The `names`, of packages or of AppConfigs. Raises ImproperlyConfigured where Python cannot find one."""
    if FOLDER.is_dir() and str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))  # last, so that it hides nothing
    apps = list(names)
    for name in apps:
        if not _exists(name) and not _exists(name.rpartition(".")[0]):
            raise ImproperlyConfigured(
                f"APPS: there is no Python package {name} in the folder apps, nor elsewhere where Python looks for it"
            )
    return apps


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False
