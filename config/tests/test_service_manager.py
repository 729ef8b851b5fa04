"""Each part of the service tells the service manager, as its unit asks it to, how it is. Real processes say so."""

import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import psutil
import pytest

from config.tests.test_systemd_units import UNIT_OF, UNITS
from tasks_api.models import Task, WorkerNode
from testing.api import Api
from testing.concurrency import eventually
from testing.ports import own_port
from testing.service_manager import Manager, listening, managed
from testing.stack import NOT_INHERITED
from testing.systemd import environment_of
from testing.web import database_url

ROLES = ["web", "worker", "sweeper", "beat", "flower"]
WATCHDOG_SECONDS = 2
SILENCE_SECONDS = 3 * WATCHDOG_SECONDS


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    with listening(str(tmp_path / "notify")) as manager:
        yield manager


class Part:
    """A part that runs, and its ports."""

    def __init__(self) -> None:
        self.ports = {"PORT": str(own_port()), "FLOWER_PORT": str(own_port())}

    def serves(self, role: str) -> bool:
        if role == "web":
            return self._answers(self.ports["PORT"], "/health/live/")
        if role == "flower":
            return self._answers(self.ports["FLOWER_PORT"], "/healthcheck")
        return WorkerNode.objects.filter(role=role, stopped_at=None).exists()

    def _answers(self, port: str, path: str) -> bool:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return bool(answer.status == 200)

    def environment(self) -> dict[str, str]:
        return {
            **self.ports,
            "DATABASE_URL": database_url(),
            "WATCHDOG_USEC": str(WATCHDOG_SECONDS * 1_000_000),
            "WORKERS": "1",
        }


def without_password(url: str) -> tuple[str, str]:
    """The URL without its password, and the password."""
    parts = urlsplit(url)
    assert parts.password
    server = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{parts.username or ''}@{server}").geturl(), parts.password


def ready(manager: Manager) -> None:
    # The thread of a node lives before it has reached the database.
    while (said := manager.hear()) == "WATCHDOG=1":
        pass
    assert said == "READY=1"


def ended_in_order(process: "subprocess.Popen[bytes]", manager: Manager) -> None:
    process.send_signal(signal.SIGTERM)
    while (said := manager.hear()) == "WATCHDOG=1":
        pass
    assert said == "STOPPING=1"
    assert process.wait(60) == 0


@pytest.mark.acceptance
@pytest.mark.usefixtures("transactional_db", "broker")
class TestParts:
    @pytest.mark.parametrize("role", ROLES)
    def test_each_says_when_it_serves_that_it_lives_and_that_it_ends(
        self, role: str, manager: Manager, tmp_path: Path
    ) -> None:
        part = Part()
        with managed(role, manager, tmp_path / "log", **part.environment()) as process:
            ready(manager)
            assert part.serves(role)
            assert [manager.hear(), manager.hear()] == ["WATCHDOG=1"] * 2
            ended_in_order(process, manager)
        # Whoever else spoke would not be believed, or in the place of another.
        assert manager.senders == {process.pid}

    def test_a_web_whose_process_hangs_falls_silent(self, manager: Manager, tmp_path: Path) -> None:
        with managed("web", manager, tmp_path / "log", **Part().environment()) as process:
            ready(manager)
            [child] = psutil.Process(process.pid).children()
            child.suspend()
            manager.await_silence(SILENCE_SECONDS)
            assert process.poll() is None
            child.resume()
            assert manager.hear() == "WATCHDOG=1"

    def test_a_web_asks_itself_by_a_name_that_it_knows(self, manager: Manager, tmp_path: Path) -> None:
        """And on an address that it listens on. It would tell of each request that it refuses."""
        names = {"ALLOWED_HOSTS": ".punctual.example, other.example", "HOST": "0.0.0.0"}  # noqa: S104 (not in this process)
        given = {**Part().environment(), **names, "ALLOW_OPEN_ACCESS": "1", "LOG_LEVEL": "DEBUG"}
        with managed("web", manager, tmp_path / "log", **given) as process:
            ready(manager)
            ended_in_order(process, manager)
        assert "GET /health/live/ 200" in (tmp_path / "log").read_text()
        assert "GET /health/live/ 4" not in (tmp_path / "log").read_text()

    @pytest.mark.parametrize("role", ["web", "worker"])
    def test_one_starts_with_its_unit_and_credentials_alone(
        self, role: str, manager: Manager, tmp_path: Path
    ) -> None:
        part = Part()
        credentials = tmp_path / "credentials"
        credentials.mkdir()
        (credentials / "secret_key").write_text(f"{secrets.token_urlsafe(48)}\n")
        (credentials / "email_password").write_text("\n")
        given = {
            **dict.fromkeys(NOT_INHERITED, ""),
            **environment_of(UNITS[UNIT_OF[role]]),
            **part.environment(),
        }
        for name, credential in (
            ("DATABASE_URL", "database_password"),
            ("CELERY_BROKER_URL", "broker_password"),
        ):
            given[name], password = without_password(given[name] or os.environ[name])
            (credentials / credential).write_text(f"{password}\n")
        given["CREDENTIALS_DIRECTORY"] = str(credentials)
        with managed(role, manager, tmp_path / "log", **given) as process:
            ready(manager)
            assert part.serves(role)
            ended_in_order(process, manager)

    def test_a_worker_that_drains_lives(self, api: Api, manager: Manager, tmp_path: Path) -> None:
        with managed("worker", manager, tmp_path / "log", **Part().environment()) as process:
            ready(manager)
            task = api.post("/tasks/", {"operation": "sleep", "arguments": {"seconds": 6}}).json["id"]
            eventually(lambda: Task.objects.get(id=task).status == "STARTED")
            process.send_signal(signal.SIGTERM)
            eventually(lambda: manager.hear() == "STOPPING=1")
            assert [manager.hear(), manager.hear()] == ["WATCHDOG=1"] * 2
            assert process.wait(60) == 0
        assert Task.objects.get(id=task).status == "SUCCESS"
