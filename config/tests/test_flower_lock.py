"""Flower shows nothing once there is a key or a person, unless it asks for a password itself."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from django.db import connection

from access.models import Key, Person
from config.checked_environment import read_environment
from config.flower_lock import HOW_TO_MEND
from config.stack.commands import command_for
from config.stack.ports import LOOPBACK
from config.stack.programs import Program, stop
from config.stack.readiness import NO_TLS
from testing.access import make_key, make_person
from testing.concurrency import eventually
from testing.ports import own_port
from testing.web import database_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.acceptance]

PAGES = (
    "/",
    "/tasks",
    "/workers",
    "/broker",
    "/metrics",
    "/api/tasks",
    "/api/workers",
    "/static/css/flower.css",
)


@contextmanager
def running_flower(log: Path, **settings: str) -> Iterator[httpx.Client]:
    """Flower on the database and the broker of the tests."""
    port = own_port()
    environment = read_environment().model_copy(update={"FLOWER_PORT": port, **settings})
    command = command_for("flower", environment)
    given = {**command.environment, "DATABASE_URL": database_url(), **settings}
    program = Program(role="flower", argv=command.argv, environment=given)
    with log.open("wb") as file:
        process: subprocess.Popen[bytes] = program.start(file)
    try:
        url = f"http://{LOOPBACK}:{port}"
        with httpx.Client(base_url=url, trust_env=False, verify=NO_TLS, timeout=60) as client:
            eventually(lambda: status(client, "/healthcheck") == httpx.codes.OK)
            yield client
    finally:
        stop(process, program.stop_signal)
        connection.close()


def status(client: httpx.Client, path: str) -> int | None:
    try:
        return client.get(path).status_code
    except httpx.TransportError:
        return None


@pytest.mark.parametrize("make", [make_key, make_person])
def test_it_is_shut_while_it_runs(make: object, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running_flower(log) as flower:
        assert status(flower, "/api/tasks") == httpx.codes.OK
        assert HOW_TO_MEND not in log.read_text()
        assert callable(make)
        make()
        eventually(lambda: status(flower, "/api/tasks") == httpx.codes.FORBIDDEN)
        for page in PAGES:
            answer = flower.get(page)
            assert (answer.status_code, answer.text) == (httpx.codes.FORBIDDEN, f"{HOW_TO_MEND}\n")
        assert flower.post("/api/worker/shutdown/x").status_code == httpx.codes.FORBIDDEN
        assert status(flower, "/healthcheck") == httpx.codes.OK
        # Nobody opens it again by taking rows away.
        Key.objects.all().delete()
        Person.objects.all().delete()
        assert status(flower, "/api/tasks") == httpx.codes.FORBIDDEN
    assert log.read_text().count(HOW_TO_MEND) == 1


def test_it_tells_at_its_start(tmp_path: Path) -> None:
    make_person()
    log = tmp_path / "log"
    with running_flower(log):
        eventually(lambda: HOW_TO_MEND in log.read_text())


def test_a_password_opens_it(tmp_path: Path) -> None:
    make_person()
    log = tmp_path / "log"
    with running_flower(log, FLOWER_BASIC_AUTH="ann:secret") as flower:
        assert status(flower, "/api/tasks") == httpx.codes.UNAUTHORIZED
        assert flower.get("/api/tasks", auth=("ann", "wrong")).status_code == httpx.codes.UNAUTHORIZED
        assert flower.get("/api/tasks", auth=("ann", "secret")).status_code == httpx.codes.OK
    assert HOW_TO_MEND not in log.read_text()
