"""The health checks of the containers, against real parts of the service."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from config.stack.commands import ROLES
from config.stack.ports import LOOPBACK
from testing.ports import own_port
from testing.stack import Stack

HEALTHCHECK = Path(__file__).resolve().parents[1] / "healthcheck.py"


def problem(role: str, **environment: str) -> str:
    """What is wrong with a role; empty if nothing is."""
    done = subprocess.run(
        [sys.executable, HEALTHCHECK, role],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""
    assert (done.returncode == 0) == (done.stderr == "")
    return done.stderr


@pytest.mark.acceptance
@pytest.mark.parametrize("role", ROLES)
def test_what_runs_is_well(stack: Stack, role: str) -> None:
    ports = {
        "PORT": stack.url.rpartition(":")[2],
        "FLOWER_PORT": stack.flower_url.rpartition(":")[2],
    }
    assert problem(role, DATABASE_URL=stack.env["DATABASE_URL"], **ports) == ""


@pytest.mark.parametrize("role", ["web", "flower"])
def test_a_server_that_does_not_answer_is_not_well(role: str) -> None:
    port = str(own_port())
    said = problem(role, PORT=port, FLOWER_PORT=port)
    assert said.startswith(f"{role}: no answer: ")
    assert "Traceback" not in said


@pytest.mark.parametrize("role", ["worker", "sweeper", "beat"])
@pytest.mark.django_db(transaction=True)
def test_a_process_that_says_nothing_is_not_well(role: str) -> None:
    database = connection.settings_dict
    url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format_map(database)
    assert problem(role, DATABASE_URL=url) == f"{role}: has not said for ten seconds that it is alive\n"


@pytest.mark.django_db(transaction=True)
def test_the_password_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(connection.settings_dict["PASSWORD"] + "\n")
    url = "postgres://{USER}@{HOST}:{PORT}/{NAME}".format_map(connection.settings_dict)
    said = problem("worker", DATABASE_URL=url, DATABASE_PASSWORD_FILE=str(file))
    assert said == "worker: has not said for ten seconds that it is alive\n"
    file.unlink()
    said = problem("worker", DATABASE_URL=url, DATABASE_PASSWORD_FILE=str(file))
    assert said.startswith("worker: cannot ask the database: ")
    assert "Traceback" not in said


def test_without_a_database_a_worker_is_not_well() -> None:
    said = problem("worker", DATABASE_URL=f"postgres://punctual@127.0.0.1:{own_port()}/punctual")
    assert said.startswith("worker: cannot ask the database: ")


@pytest.mark.parametrize("role", ["web", "flower", "worker"])
def test_a_server_that_keeps_silent_is_not_waited_for(role: str) -> None:
    with socket.create_server((LOOPBACK, 0)) as silent:
        port = str(silent.getsockname()[1])
        url = f"postgres://punctual@{LOOPBACK}:{port}/punctual"
        assert problem(role, PORT=port, FLOWER_PORT=port, DATABASE_URL=url)
