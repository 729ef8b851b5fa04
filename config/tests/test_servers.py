"""The embedded servers, as root too."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg2
import pytest

from config.stack.processes import working_in
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


@as_root
@pytest.mark.parametrize("server", [running_postgres, running_valkey])
def test_without_user_namespaces_root_becomes_nobody(
    server: Callable[[], AbstractContextManager[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbidden = tmp_path / "unshare"
    forbidden.write_text("#!/bin/sh\nexit 1\n")
    forbidden.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with server() as url:
        process = server_process(url)
        assert process.username() == "nobody"
        folder = Path(process.cwd())
    assert not folder.exists()
