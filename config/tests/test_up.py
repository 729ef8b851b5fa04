"""`manage.py up`, as a user meets it: real processes, started, killed and stopped."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from config.server_urls import servers_of
from config.stack.processes import await_end
from testing.manage import manage
from testing.stack import PROJECT, READY, Stack, running_stack

pytestmark = pytest.mark.acceptance
ROLES = ["web", "worker", "sweeper", "beat", "flower"]
SERVERS = ["postgres", "valkey"]


def refused(stack: Stack) -> str:
    """The one line with which `up` refuses."""
    stack.begin()
    assert stack.exit_code() == 1
    [line] = stack.logs().splitlines()
    return line


class TestRunning:
    def test_stack_env_tells_what_runs(self, stack: Stack) -> None:
        for role in ["up", *ROLES, *SERVERS]:
            assert psutil.pid_exists(stack.pid(role))
        assert stack.env["PUNCTUAL_URL"] == stack.url
        assert stack.env["EMAIL_URL"] == (stack.data_folder / "mail").as_uri()
        assert stack.psql("SELECT current_database()") == [("punctual",)]
        with stack.broker() as broker:
            assert broker.ping()

    def test_a_shell_can_read_stack_env(self, stack: Stack) -> None:
        script = f'. "{stack.data_folder}/stack.env"; echo "$DATABASE_URL $WEB_PID"'
        said = subprocess.check_output(["sh", "-eu", "-c", script], text=True).split()
        assert said == [stack.env["DATABASE_URL"], str(stack.pid("web"))]

    def test_only_the_owner_can_read_its_secrets(self, stack: Stack) -> None:
        for path in stack.data_folder.rglob("*"):
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 or path.name == "lock" or path.is_socket()

    def test_one_banner_tells_the_addresses(self, stack: Stack) -> None:
        logs = stack.logs()
        assert logs.count(READY) == 1
        pages = (f"{stack.url}/", f"{stack.url}/swagger/", f"{stack.url}/redoc/", f"{stack.flower_url}/")
        for address in pages:
            assert f" {address}\n" in logs
            assert httpx.get(address, follow_redirects=True, trust_env=False).status_code == httpx.codes.OK
        assert f" {PROJECT / 'docs' / 'README.md'}\n" in logs
        assert (
            f"[Flower]({stack.flower_url}/)" in stack.http.get("/swagger.json").json()["info"]["description"]
        )

    def test_its_first_command_can_be_pasted(self, stack: Stack) -> None:
        (command,) = [line for line in stack.logs().splitlines() if line.startswith("curl ")]
        task = json.loads(subprocess.check_output(["sh", "-c", command]))
        assert stack.http.get(f"/tasks/{task['id']}/?wait=30").json()["result"] == 11

    def test_a_start_warns_of_nothing(self, stack: Stack) -> None:
        start = stack.logs().partition(READY)[0]
        assert not re.findall(".*(?:WARN|ERROR|FATAL|PANIC|Traceback).*", start)

    def test_it_serves_as_in_production(self, stack: Stack) -> None:
        assert stack.http.get("/health/live/").status_code == httpx.codes.OK
        assert stack.http.get("/no-such-page/").headers["content-type"] == "application/problem+json"

    def test_flower_can_be_read_and_changes_nothing(self, stack: Stack) -> None:
        with httpx.Client(base_url=stack.flower_url, trust_env=False, timeout=30) as flower:
            assert flower.get("/api/tasks").status_code == httpx.codes.OK
            for path in ("api/worker/shutdown/x", "api/task/revoke/x", "api/task/send-task/x"):
                assert flower.post(f"/{path}").status_code == httpx.codes.FORBIDDEN

    @pytest.mark.parametrize("role", [*ROLES, *SERVERS])
    def test_what_dies_is_started_again(self, stack: Stack, role: str) -> None:
        former = stack.kill(role)
        stack.wait_until(lambda: stack.restarted(role, former))
        stack.wait_until(stack.ready, 60)

    def test_a_second_one_on_the_same_folder_is_refused(self, stack: Stack, tmp_path: Path) -> None:
        second = Stack(tmp_path / "second", DATA_DIR=str(stack.data_folder))
        assert "another `manage.py up` runs on DATA_DIR" in refused(second)

    def test_another_runs_beside_it(self, stack: Stack, tmp_path: Path) -> None:
        with running_stack(tmp_path, FLOWER="0") as other:
            assert other.env["DATABASE_URL"] != stack.env["DATABASE_URL"]
            assert other.env["CELERY_BROKER_URL"] != stack.env["CELERY_BROKER_URL"]
            assert "FLOWER_PID" not in other.env
        assert stack.ready()


@pytest.fixture
def hangup_is_heard() -> Iterator[None]:
    """Whoever starts the tests with nohup lets all their children ignore SIGHUP."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture(scope="class")
def doomed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that each test stops or kills, and may leave so."""
    stack = Stack(tmp_path_factory.mktemp("doomed") / "data", FLOWER="0", NOTIFY_SOCKET="@punctual/nobody")
    try:
        yield stack
    finally:
        stack.close()


@pytest.fixture
def mortal(doomed: Stack) -> Stack:
    """It, running."""
    if not doomed.ready():
        doomed.start()
    return doomed


@pytest.mark.xdist_group("life")
class TestLife:
    def test_no_part_speaks_to_who_started_it(self, mortal: Stack) -> None:
        """Systemd asks `up` at most, and would take a part for it."""
        for role in ("web", "worker", "sweeper", "beat"):
            assert "NOTIFY_SOCKET" not in psutil.Process(mortal.pid(role)).environ()

    def test_a_stop_leaves_nothing_but_the_data(self, mortal: Stack) -> None:
        mortal.psql("CREATE TABLE kept AS SELECT 42 AS answer")
        key, url = mortal.env["SECRET_KEY"], mortal.env["DATABASE_URL"]

        assert mortal.stop() == 0
        assert mortal.processes() == []
        assert not (mortal.data_folder / "stack.env").exists()

        mortal.start()
        assert mortal.psql("SELECT answer FROM kept") == [(42,)]
        assert (mortal.env["SECRET_KEY"], mortal.env["DATABASE_URL"]) == (key, url)
        assert stat.S_IMODE(mortal.data_folder.parent.stat().st_mode) == 0o700, "as it was made"

    def test_a_stop_says_what_it_waits_for_and_can_be_hurried(self, mortal: Stack) -> None:
        task = mortal.http.post("/tasks/", json={"operation": "sleep", "arguments": {"seconds": 600}}).json()
        mortal.wait_until(lambda: mortal.http.get(f"/tasks/{task['id']}/").json()["status"] == "STARTED")
        mortal.send(signal.SIGINT)
        mortal.wait_until(
            lambda: re.search("waiting up to .* worker; Ctrl-C stops it at once", mortal.logs())
        )
        assert f"stops, waits up to 15 s for 1 running task: {task['id']}" in mortal.logs()
        mortal.send(signal.SIGINT)
        assert mortal.exit_code(20) == 0
        assert "stopping; press Ctrl-C again to stop at once" in mortal.logs()
        assert "worker has not stopped: killing it" in mortal.logs()
        assert "Traceback" not in mortal.logs()
        assert mortal.processes() == []

    def test_what_a_stop_interrupts_is_told_without_tracebacks(self, mortal: Stack) -> None:
        task = mortal.http.post("/tasks/", json={"operation": "sleep", "arguments": {"seconds": 600}}).json()
        mortal.wait_until(lambda: mortal.http.get(f"/tasks/{task['id']}/").json()["status"] == "STARTED")
        assert mortal.stop() == 0
        assert re.search(f"WARNING .* interrupted after .* task_id={task['id']}", mortal.logs())
        assert not re.findall(".*(?:ERROR|Traceback).*", mortal.logs())

    def test_it_recovers_when_everything_was_killed(self, mortal: Stack) -> None:
        mortal.psql("CREATE TABLE also_kept AS SELECT 43 AS answer")
        mortal.kill_everything()
        mortal.start()
        assert mortal.psql("SELECT answer FROM also_kept") == [(43,)]

    def test_what_a_killed_predecessor_left_is_ended(self, mortal: Stack) -> None:
        web = psutil.Process(mortal.pid("web"))
        web.suspend()
        os.kill(mortal.pid("up"), signal.SIGKILL)
        mortal.exit_code()
        assert web.is_running()
        mortal.start()
        assert not web.is_running()

    def test_when_it_is_killed_the_rest_ends(self, mortal: Stack) -> None:
        os.kill(mortal.pid("up"), signal.SIGKILL)
        mortal.exit_code()
        assert await_end(mortal.processes(), 60) == []
        assert mortal.processes() == []


class TestStarting:
    @pytest.mark.usefixtures("hangup_is_heard")
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
    def test_it_stops_while_it_starts(self, tmp_path: Path, number: signal.Signals) -> None:
        stack = Stack(tmp_path / "data", FLOWER="0")
        stack.begin()
        stack.wait_until(lambda: "postgres |" in stack.logs())
        assert stack.stop(number) == 0
        assert stack.processes() == []
        stack.close()

    def test_servers_that_are_given_are_used(self, tmp_path: Path) -> None:
        given = {
            "DATABASE_URL": os.environ["DATABASE_URL"],
            "CELERY_BROKER_URL": os.environ["CELERY_BROKER_URL"].rpartition("/")[0] + "/99",
            "SECRETS": '{"crm_token": ["http_request"]}',
        }
        with running_stack(tmp_path, FLOWER="0", **given) as stack:
            assert {name: stack.env[name] for name in given} == given
            assert "POSTGRES_PID" not in stack.env
            assert "VALKEY_PID" not in stack.env
            for setting in ("DATABASE_URL", "CELERY_BROKER_URL"):
                assert (
                    f"{setting} is set: uses {servers_of(setting, given[setting])}, and starts none"
                    in stack.logs()
                )


class TestRefusals:
    def test_a_taken_port(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            assert f"PORT: port {port} is taken" in refused(Stack(tmp_path / "data", PORT=str(port)))

    def test_one_port_for_two(self, tmp_path: Path) -> None:
        assert "PORT and FLOWER_PORT are both 9" in refused(
            Stack(tmp_path / "data", PORT="9999", FLOWER_PORT="9999")
        )

    def test_a_folder_that_cannot_be(self, tmp_path: Path) -> None:
        file = tmp_path / "file"
        file.touch()
        stack = Stack(tmp_path / "data", DATA_DIR=str(file / "data"))
        assert f"cannot write to DATA_DIR {file}/data: Not a directory" in refused(stack)

    def test_a_port_that_is_none(self, tmp_path: Path) -> None:
        assert 'PORT: must be a whole number from 1 to 65535, got "http"' in refused(
            Stack(tmp_path / "data", PORT="http")
        )

    def test_an_address_that_others_can_reach(self, tmp_path: Path) -> None:
        told = refused(Stack(tmp_path / "data", HOST="192.0.2.7"))
        assert "HOST=192.0.2.7 would let anybody look at Flower" in told

    def test_a_database_that_is_away(self, tmp_path: Path) -> None:
        stack = Stack(tmp_path / "data", DATABASE_URL="postgres://punctual@127.0.0.1:1/punctual")
        stack.begin()
        assert stack.exit_code() == 1
        assert stack.logs().splitlines()[-1].startswith("punctual: the database migration failed")
        assert stack.processes() == []


@pytest.mark.parametrize(("role", "setting"), [("web", "PORT"), ("flower", "FLOWER_PORT")])
def test_a_role_whose_port_is_taken_says_so(role: str, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = manage("start", role, settings={setting: str(port)})
    assert ended.returncode == 1
    assert ended.stderr.startswith(
        f"punctual: {setting}: port {port} is taken: choose another, for instance "
    )
    assert ended.stderr.count("\n") == 1
