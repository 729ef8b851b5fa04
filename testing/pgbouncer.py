"""A PgBouncer in front of the tests' Postgres."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from config.stack.ports import LOOPBACK
from config.stack.programs import Program, stop
from testing.concurrency import eventually
from testing.ports import own_port

DEBIAN = Path("/usr/sbin/pgbouncer")


@contextmanager
def running_pgbouncer(folder: Path, database_url: str, settings: str) -> Iterator[str]:
    """Yields the address of the same database, behind it. Skips the test where none is installed."""
    program = str(DEBIAN) if DEBIAN.exists() else shutil.which("pgbouncer")
    if program is None:
        pytest.skip("PgBouncer is not installed")
    server, port = urlsplit(database_url), own_port()
    (folder / "users.txt").write_text(f'"{server.username}" "{server.password}"\n')
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n* = host={server.hostname} port={server.port}\n"
        f"[pgbouncer]\nlisten_addr = {LOOPBACK}\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = scram-sha-256\nauth_file = {folder / 'users.txt'}\n{settings}\n"
    )
    url = server._replace(netloc=f"{server.username}:{server.password}@{LOOPBACK}:{port}").geturl()
    # It refuses to run as root.
    prefix = ("unshare", "--user", "--map-user=1000", "--") if os.geteuid() == 0 else ()
    with (folder / "pgbouncer.log").open("wb") as log:
        pgbouncer = Program("pgbouncer", [program, folder / "pgbouncer.ini"], prefix=prefix)
        process = pgbouncer.start(log)
    try:
        eventually(lambda: process.poll() is not None or _answers(url))
        assert process.poll() is None, (folder / "pgbouncer.log").read_text()
        yield url
    finally:
        stop(process, pgbouncer.stop_signal)


def _answers(url: str) -> bool:
    try:
        psycopg2.connect(url, connect_timeout=2).close()
    except psycopg2.OperationalError:
        return False
    return True
