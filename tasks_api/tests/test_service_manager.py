"""What a process tells the service manager that started it, and what a node's thread tells."""

import os
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks_api.models import Role
from tasks_api.node.heartbeat import Node
from tasks_api.node.service_manager import ServiceManager
from testing.service_manager import Manager, listening

WATCHDOG_SECONDS = 0.4
SILENCE_SECONDS = 2.0


@pytest.fixture(params=["a path", "an abstract name"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    path = str(tmp_path / "notify")
    with listening(path if request.param == "a path" else f"@punctual/{secrets.token_hex(8)}") as manager:
        yield manager


def environment(manager: Manager, **more: str) -> dict[str, str]:
    return {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": f"{WATCHDOG_SECONDS * 1e6:.0f}", **more}


class TestServiceManager:
    def test_what_happens_once_is_told_once(self, manager: Manager) -> None:
        told = ServiceManager.of(environment(manager))
        for _ in range(2):
            told.ready()
            told.stopping()
        assert [manager.hear(), manager.hear()] == ["READY=1", "STOPPING=1"]
        manager.await_silence(0.1)

    def test_that_it_lives_is_told_as_often_as_was_asked_for(self, manager: Manager) -> None:
        told = ServiceManager.of(environment(manager))
        assert told.pause == pytest.approx(WATCHDOG_SECONDS / 4)
        for _ in range(1_000):
            told.alive()
        assert manager.hear() == "WATCHDOG=1"
        threading.Event().wait(WATCHDOG_SECONDS)
        told.alive()
        assert manager.hear() == "WATCHDOG=1"

    @pytest.mark.parametrize("more", [{"WATCHDOG_USEC": ""}, {"WATCHDOG_PID": "1"}])
    def test_unless_nobody_asked_this_process(self, manager: Manager, more: dict[str, str]) -> None:
        told = ServiceManager.of({**environment(manager), **more})
        assert told.pause is None
        told.alive()
        told.ready()
        assert manager.hear() == "READY=1"

    def test_asked_by_its_id_it_tells(self, manager: Manager) -> None:
        told = ServiceManager.of(environment(manager, WATCHDOG_PID=str(os.getpid())))
        told.alive()
        assert manager.hear() == "WATCHDOG=1"

    def test_children_get_nothing_of_it(self, manager: Manager) -> None:
        given = environment(manager, WATCHDOG_PID=str(os.getpid()), PATH="/bin")
        ServiceManager.of(given)
        assert given == {"PATH": "/bin"}

    def test_one_that_does_not_listen_yet_is_told_again(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        told = ServiceManager(str(tmp_path / "notify"), WATCHDOG_SECONDS)
        told.ready()
        told.ready()
        [record] = caplog.records
        assert "the service manager cannot be told READY=1" in record.getMessage()
        with listening(str(tmp_path / "notify")) as manager:
            told.ready()
            assert manager.hear() == "READY=1"


def test_without_one_nothing_happens(caplog: pytest.LogCaptureFixture) -> None:
    told = ServiceManager.of({})
    assert not told.is_there
    told.ready()
    told.alive()
    told.stopping()
    assert not caplog.records


class TestNode:
    @pytest.fixture
    def node(self, transactional_db: None, manager: Manager) -> Iterator[Node]:
        node = Node(Role.WORKER, "worker@test", manager=ServiceManager.of(environment(manager)))
        yield node
        node.stop()

    def test_a_thread_that_hangs_falls_silent(self, node: Node, manager: Manager) -> None:
        free = threading.Event()
        node.start()
        while manager.hear() != "READY=1":
            pass
        node.soon(free.wait)
        manager.await_silence(SILENCE_SECONDS)
        free.set()
        assert manager.hear() == "WATCHDOG=1"

    def test_what_is_away_makes_no_hang_and_nobody_ready(
        self, database_away: None, node: Node, manager: Manager
    ) -> None:
        node.start()
        assert [manager.hear(), manager.hear()] == ["WATCHDOG=1"] * 2

    def test_a_stop_is_told(self, node: Node, manager: Manager) -> None:
        node.start()
        node.tell_of_stop()
        while (said := manager.hear()) != "STOPPING=1":
            assert said in ("READY=1", "WATCHDOG=1")
