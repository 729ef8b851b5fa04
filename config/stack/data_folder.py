"""The folder in which a stack keeps its data, its secrets and the note of what runs where."""

import fcntl
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from config.stack.errors import StackError
from config.stack.ports import free_port, is_free


class DataFolder:
    """One stack's folder. Only one `up` at a time may work in it."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Makes the folder and holds it. The hold ends with this process, however it ends."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self.path / "lock").open("a+")
        except OSError as error:
            raise StackError(
                f"cannot write to DATA_DIR {self.path}: {error.strerror}. "
                "Set DATA_DIR to a folder that you may write"
            ) from None
        with lock:
            self._hold(lock.fileno())
            yield

    def secret(self, name: str) -> str:
        """A random value that stays the same over restarts."""
        return str(self._kept(name, secrets.token_hex(32)))

    def port(self, name: str) -> int:
        """A free port, the same as last time if possible."""
        port = int(self._kept(name, free_port()))
        return port if is_free(port) else int(self._keep(name, free_port()))

    def write(self, name: str, text: str) -> None:
        """Writes a file that only its owner may read, at once or not at all."""
        unfinished = self.path / f"{name}.new"
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)
        unfinished.write_text(text)
        unfinished.replace(self.path / name)

    def _hold(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(
                f"another `manage.py up` runs on DATA_DIR {self.path}: "
                "stop it, or set another DATA_DIR, PORT and FLOWER_PORT"
            ) from None

    def _kept(self, name: str, default: str | int) -> str | int:
        kept = self._read()
        return kept[name] if name in kept else self._keep(name, default)

    def _keep(self, name: str, value: str | int) -> str | int:
        self.write("kept.json", json.dumps({**self._read(), name: value}, indent=2))
        return value

    def _read(self) -> Mapping[str, str | int]:
        try:
            kept: Mapping[str, str | int] = json.loads((self.path / "kept.json").read_text())
        except FileNotFoundError:
            return {}
        return kept
