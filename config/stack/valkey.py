"""An embedded Valkey for development machines and for tests."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import redis

from config.stack.ports import LOOPBACK
from config.stack.programs import Program
from config.stack.unprivileged import Lodging, lodge
from config.stack.wheels import valkey_program


@dataclass(frozen=True)
class Valkey:
    """A Valkey that keeps nothing: a broker may be emptied at any time without losing work."""

    folder: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        """The CELERY_BROKER_URL."""
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    @cached_property
    def program(self) -> Program:
        """How to run it."""
        return Program(
            role="valkey",
            argv=[self._lodging.program, self._configuration],
            folder=self._lodging.folder,
            prefix=self._lodging.prefix,
        )

    def prepare(self) -> None:
        """Writes the configuration: a file, because a command line would show the password to everyone."""
        self._configuration.unlink(missing_ok=True)
        self._configuration.touch(mode=0o600)
        self._configuration.write_text(self._settings())
        owner = self._lodging.folder.stat()
        os.chown(self._configuration, owner.st_uid, owner.st_gid)

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2, socket_connect_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    @cached_property
    def _lodging(self) -> Lodging:
        program = valkey_program()
        return lodge(self.folder, program, [program.parent])

    @property
    def _configuration(self) -> Path:
        return self._lodging.folder / "valkey.conf"

    def _settings(self) -> str:
        return "\n".join(
            [
                f"bind {LOOPBACK}",
                f"port {self.port}",
                f"requirepass {self.password}",
                "databases 128",
                'save ""',
                "appendonly no",
                "maxmemory-policy noeviction",
                "loglevel warning",
                "set-proc-title no",  # it would overwrite the environment by which we know our processes
                "",
            ]
        )
