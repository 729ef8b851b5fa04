"""An embedded Postgres for development machines and for tests."""

import os
import secrets
import signal
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psycopg2

from config.stack.errors import StackError
from config.stack.ports import LOOPBACK
from config.stack.processes import end, working_in
from config.stack.programs import Program
from config.stack.unprivileged import Lodging, lodge
from config.stack.wheels import postgres_installation, postgres_needs

USER = DATABASE = "punctual"
STATUS_LINE = 7
"""Of postmaster.pid, counted from 0."""
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.65535.lock")
# Its log is read by more people than its tables: what goes wrong, but no statement, value or row.
DISCREET: dict[str, str | int] = {
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": 0,
    "log_error_verbosity": "terse",
}
FAST_BUT_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    """A Postgres whose files stand in `folder`. Not `durable`: fast, and lost with the power."""

    folder: Path
    port: int
    password: str
    durable: bool = True

    @property
    def url(self) -> str:
        """The DATABASE_URL of the database of this service."""
        return self._url(DATABASE)

    @cached_property
    def program(self) -> Program:
        """How to run it."""
        options = [
            argument for name, value in self._settings().items() for argument in ("-c", f"{name}={value}")
        ]
        return Program(
            role="postgres",
            argv=[self._lodging.program, "-D", self._data, *options],
            # Postgres' "fast" shutdown: end the connections, keep everything.
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGINT,
            folder=self._data,
            prefix=self._lodging.prefix,
        )

    def prepare(self) -> None:
        """Makes the files at the first start. Nobody may run this server now."""
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        # A killed server's processes may outlive it for a moment. Two servers would spoil the files.
        end(working_in(self._data), patience=0)
        # A dead server's note stops a new one if the dead one's number now belongs to some other process.
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def is_ready(self) -> bool:
        """Whether it answers. Creates the database of this service if it is not there yet."""
        if not self._says_so():
            return False
        try:
            connection = psycopg2.connect(self._url("postgres"), connect_timeout=2)
        except psycopg2.OperationalError as error:
            if "password authentication failed" in str(error):
                raise StackError(
                    f"the Postgres in {self.folder} has another password: bring back the `kept.json` "
                    "that belongs to it, or remove the folder to start with an empty database"
                ) from None
            return False
        try:
            connection.autocommit = True
            _create_database(connection)
        finally:
            connection.close()
        return True

    def _says_so(self) -> bool:
        """Asked earlier, it would log each question as a fatal error."""
        try:
            status = (self._data / "postmaster.pid").read_text().splitlines()[STATUS_LINE]
        except (OSError, IndexError):
            return False
        return status.strip() == "ready"

    @cached_property
    def _lodging(self) -> Lodging:
        return lodge(self.folder, postgres_installation() / "bin" / "postgres", postgres_needs())

    @property
    def _data(self) -> Path:
        return self._lodging.folder / "data"

    def _url(self, database: str) -> str:
        return f"postgres://{USER}:{self.password}@{LOOPBACK}:{self.port}/{database}"

    def _initialise(self) -> None:
        """Makes the files under another name first: a start cut short leaves no half of a database."""
        password_file = self._lodging.folder / "password"
        unfinished = self._lodging.folder / f"unfinished-{secrets.token_hex(4)}"
        self._write_for_server(password_file, self.password)
        try:
            self._run_initdb(unfinished, password_file)
        finally:
            password_file.unlink()
        unfinished.rename(self._data)

    def _write_for_server(self, file: Path, text: str) -> None:
        file.unlink(missing_ok=True)
        file.touch(mode=0o600)
        file.write_text(text)
        owner = self._lodging.folder.stat()
        os.chown(file, owner.st_uid, owner.st_gid)

    def _run_initdb(self, target: Path, password_file: Path) -> None:
        command_line: list[str | Path] = [
            *self._lodging.prefix,
            self._lodging.program.with_name("initdb"),
            *("-D", target, "-U", USER, "--auth=scram-sha-256", f"--pwfile={password_file}"),
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *([] if self.durable else ["--no-sync"]),
        ]
        made = subprocess.run(  # noqa: S603 (our own command line)
            command_line,
            capture_output=True,
            text=True,
            check=False,
            cwd=self._lodging.folder,
            start_new_session=True,  # Ctrl-C is for us to handle
        )
        if made.returncode:
            raise StackError(
                f"cannot create a Postgres database in {self.folder}:\n{made.stdout}{made.stderr}"
            )

    def _settings(self) -> dict[str, str | int | Path]:
        folder = self._lodging.folder
        return {
            "listen_addresses": LOOPBACK,
            "port": self.port,
            "unix_socket_directories": folder if _holds_sockets(folder) else "",
            "max_connections": 200,
            "log_checkpoints": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **DISCREET,
            **({} if self.durable else FAST_BUT_FORGETFUL),
        }


def _holds_sockets(folder: Path) -> bool:
    # The setting is a list with commas.
    return len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER and "," not in str(folder)


def _create_database(connection: "psycopg2.extensions.connection") -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {DATABASE}")
