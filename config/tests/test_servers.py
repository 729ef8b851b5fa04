"""The embedded servers, as root too."""

import os
import shutil
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg2
import pytest

from config.stack.processes import working_in
from config.stack.unprivileged import discard, lodge
from testing.servers import running_postgres, running_valkey

pytestmark = pytest.mark.acceptance
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become someone else")


def server_process(url: str) -> psutil.Process:
    port = urlsplit(url).port
    [process] = {
        psutil.Process(connection.pid)
        for connection in psutil.net_connections("tcp4")
        if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,) and connection.pid
    }
    return process


def test_postgres_demands_its_password() -> None:
    with running_postgres() as url, pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(urlsplit(url)._replace(netloc=f"punctual@127.0.0.1:{urlsplit(url).port}").geturl())


def test_nothing_is_left_of_postgres() -> None:
    with running_postgres() as url:
        folder = Path(server_process(url).cwd())
        assert working_in(folder)
    assert not working_in(folder)
    assert not folder.exists()


REVEALING = [
    ("SELECT 1 / (length(%s) - 15)", "division by zero"),
    ("INSERT INTO once VALUES (%s)", "duplicate key value violates unique constraint"),
    ("INSERT INTO never VALUES (%s)", "violates check constraint"),
    ("DO $$ BEGIN PERFORM %s; RAISE 'in a function'; END $$", "in a function"),
]


def test_postgres_logs_errors_without_statements_values_and_rows() -> None:
    secret = "correct-battery"
    with running_postgres() as url, closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE once (value text UNIQUE)")
            cursor.execute("CREATE TABLE never (value text CHECK (length(value) < 3))")
            cursor.execute("INSERT INTO once VALUES (%s)", [secret])
            for statement, said in REVEALING:
                with pytest.raises(psycopg2.Error, match=said):
                    cursor.execute(statement, [secret])
        logged = Path(f"/proc/{server_process(url).pid}/fd/2").read_text()
    for _, said in REVEALING:
        assert said in logged
    assert secret not in logged


@pytest.fixture
def no_user_namespaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = tmp_path / "path"
    programs.mkdir()
    (programs / "unshare").write_text("#!/bin/sh\nexit 1\n")
    (programs / "unshare").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")


@as_root
@pytest.mark.usefixtures("no_user_namespaces")
@pytest.mark.parametrize("server", [running_postgres, running_valkey])
def test_without_user_namespaces_root_becomes_nobody(
    server: Callable[[], AbstractContextManager[str]],
) -> None:
    with server() as url:
        process = server_process(url)
        assert process.username() == "nobody"
        folder = Path(process.cwd())
    assert not folder.exists()


@as_root
@pytest.mark.usefixtures("no_user_namespaces")
def test_nobody_gets_a_copy_of_what_he_may_not_reach(tmp_path: Path) -> None:
    program = tmp_path / "wheel" / "bin" / "program"
    program.parent.mkdir(parents=True)
    shutil.copy(shutil.which("env") or "", program)
    mode = tmp_path.stat().st_mode
    assert mode & 0o077 == 0

    lodging = lodge(tmp_path / "home", program, [program.parent])
    try:
        command_line = [*lodging.prefix, "env", str(lodging.program), "id", "-un"]
        assert subprocess.check_output(command_line, text=True).strip() == "nobody"
        assert tmp_path.stat().st_mode == mode
    finally:
        discard(tmp_path / "home")
