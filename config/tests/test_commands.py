"""The command lines of the roles."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment
from config.stack.commands import ROLES, command_for

KEY = "k3Y-0123456789-abcdefghijklmnopqrstuvwxyz"


def command_line(role: str, **settings: object) -> str:
    return " ".join(command_for(role, Environment.model_validate({"SECRET_KEY": KEY, **settings})).argv)


def test_there_is_one_for_each_role() -> None:
    assert set(ROLES) == {"web", "worker", "sweeper", "beat", "flower"}


def test_web_listens_where_it_is_told() -> None:
    threads = {"WEB_THREADS": 7, "WEB_WAITING": 50, "UI_STREAMS": 20, "BODY_READERS": 30}
    line = command_line("web", PORT=9000, WEB_PROCESSES=3, **threads)
    for option in ("--host=127.0.0.1", "--port=9000", "--blocking-threads=211", "--workers=3"):
        assert option in line


def test_the_sweep_has_a_worker_of_its_own() -> None:
    assert "-Q tasks -c 5" in command_line("worker", WORKERS=5)
    assert "-Q sweep -P solo" in command_line("sweeper", WORKERS=5)


def test_workers_send_events_only_to_flower() -> None:
    assert "-E" in command_line("worker", FLOWER=True).split()
    assert "-E" not in command_line("worker", FLOWER=False).split()
    for node in ("worker", "sweeper"):
        assert "--without-heartbeat" not in command_line(node, FLOWER=True).split()
        assert "--without-heartbeat" in command_line(node, FLOWER=False).split()


def test_a_restarted_node_has_a_new_name() -> None:
    assert command_line("worker") != command_line("worker")


def test_beat_keeps_no_files() -> None:
    assert "-S schedules.sweep.beat:DueScheduler --pidfile= " in command_line("beat")


class TestFlower:
    def unauthenticated(self, **settings: object) -> bool:
        environment = Environment.model_validate({"SECRET_KEY": KEY, **settings})
        return "FLOWER_UNAUTHENTICATED_API" in command_for("flower", environment).environment

    def test_on_loopback_anyone_may_read_and_nobody_may_change(self) -> None:
        assert "--read_only=True" in command_line("flower")
        assert self.unauthenticated()

    def test_elsewhere_the_api_is_closed(self) -> None:
        assert not self.unauthenticated(HOST="192.0.2.7", ALLOW_OPEN_ACCESS=True)

    @pytest.mark.parametrize("name", ["HOST", "PUBLISH_ADDRESS"])
    def test_others_may_not_look_without_a_password(self, name: str) -> None:
        with pytest.raises(ImproperlyConfigured, match=f"{name}=192.0.2.7 would let anybody look at Flower"):
            self.unauthenticated(**{name: "192.0.2.7"})
        assert not self.unauthenticated(**{name: "192.0.2.7", "FLOWER_BASIC_AUTH": "me:secret"})

    def test_with_a_password_its_buttons_work(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FLOWER_BASIC_AUTH", "me:secret")
        assert "--read_only=False" in command_line("flower")
        assert not self.unauthenticated()
