"""What a stack tells about itself: `stack.env` for programs and a banner for people."""

import os
import shlex
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

from config.environment import Environment
from config.stack.child import Child
from config.stack.data_folder import DataFolder
from config.stack.sourced import signed

FIRST_TASK = '{"operation": "4+7"}'
FILE = "stack.env"
TOLD_BY_URLS = {"HOST", "PORT", "FLOWER_PORT"}


def web_url(environment: Environment) -> str:
    """Where the API is reached from this machine."""
    return f"http://{_reachable(environment.HOST)}:{environment.PORT}"


def flower_url(environment: Environment) -> str:
    """Where Flower is reached from this machine."""
    return f"http://{_reachable(environment.HOST)}:{environment.FLOWER_PORT}"


def banner(environment: Environment, folder: DataFolder, project: Path, *, wants_key: bool = False) -> str:
    """What to print once, when everything is ready. `wants_key`: the API does."""
    url = web_url(environment)
    lines = {
        **({"Pages": f"{url}/ui/"} if environment.UI else {}),
        "API": f"{url}/",
        "Swagger UI": f"{url}/swagger/",
        "ReDoc": f"{url}/redoc/",
        **({"Flower": f"{flower_url(environment)}/"} if environment.FLOWER else {}),
        "Documentation": str(project / "docs" / "README.md"),
        "What runs where": str(folder.path / FILE),
    }
    body = "\n".join(f"  {name:<17}{value}" for name, value in lines.items())
    how = ", with your key in $key (docs/how-to/secure-it.md)" if wants_key else ""
    rule = "-" * 72
    return (
        f"\n{rule}\n  Punctual is ready.\n\n{body}\n\n  Post a first task, in another terminal{how}:\n\n"
        f"{first_command(url, wants_key=wants_key)}\n\n  Ctrl-C stops everything.\n{rule}\n"
    )


def first_command(url: str, *, wants_key: bool = False) -> str:
    """To be pasted. `--json` would need curl 7.82."""
    key = ' -H "Authorization: Bearer $key"' if wants_key else ""
    return f"curl -s {url}/tasks/{key} -H 'Content-Type: application/json' -d '{FIRST_TASK}'"


class StackFile:
    """`stack.env`: shell-readable lines, always those of the processes that run now."""

    def __init__(self, folder: DataFolder, environment: Environment) -> None:
        self._folder = folder
        self._facts = _facts(environment)
        self._one_at_a_time = threading.Lock()

    def write(self, children: Iterable[Child]) -> None:
        """Writes the file anew."""
        with self._one_at_a_time:
            pids = {f"{child.role.upper()}_PID": str(child.pid) for child in children if child.pid}
            self._folder.write(
                FILE, _shell_lines({**signed(self._facts), "UP_PID": str(os.getpid()), **pids})
            )

    def remove(self) -> None:
        """Nothing runs any more."""
        (self._folder.path / FILE).unlink(missing_ok=True)


def _facts(environment: Environment) -> dict[str, str]:
    return {
        "PUNCTUAL_URL": web_url(environment),
        **({"FLOWER_URL": flower_url(environment)} if environment.FLOWER else {}),
        "DATABASE_URL": environment.DATABASE_URL,
        "CELERY_BROKER_URL": environment.CELERY_BROKER_URL,
        "SECRET_KEY": environment.SECRET_KEY,
        **_other_settings(),
    }


def _other_settings() -> dict[str, str]:
    """As the parts of the service got them, so that a command in another shell can have the same."""
    return {
        name: os.environ[name]
        for name in Environment.model_fields
        if name not in TOLD_BY_URLS and os.environ.get(name)
    }


def _shell_lines(values: Mapping[str, str]) -> str:
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items())


def _reachable(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104 (read, not listened on)
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
