"""`manage.py install-systemd` writes units that can work, or says why they could not."""

import getpass
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from config.environment import Environment
from config.systemd import obstacles
from config.systemd.environment_file import read_environment_file
from testing.manage import manage
from testing.stack import PROJECT
from testing.systemd import settings_of

KEY = "k3Y-0123456789-abcdefghijklmnopqrstuvwxyz"
# A user who is there on each Debian, for root must not run it.
USER = "daemon" if os.geteuid() == 0 else getpass.getuser()
# Readable by everybody, wherever this project and its Python are.
PYTHON = f"""#!/bin/sh
[ "$1" != -c ] || exec cat "$3" > /dev/null
shift
cd {PROJECT} && exec {sys.executable} manage.py "$@"
"""


class Machine:
    """What somebody has prepared: the service's folder, its settings and secrets, and a folder for the units."""

    def __init__(self, folder: Path) -> None:
        self.directory = folder / "punctual"
        self.python = self.directory / "python"
        self.environment_file = folder / "punctual.env"
        self.credentials = folder / "credentials"
        self.units = folder / "units"
        for each in (self.directory, self.credentials, self.units):
            each.mkdir()
        folder.chmod(0o755)
        (self.directory / "manage.py").touch()
        self.python.write_text(PYTHON)
        self.python.chmod(0o755)
        self.set()
        self.keep("secret_key", KEY)

    def set(self, *lines: str) -> None:
        self.environment_file.write_text("\n".join([f"DATA_DIR={self.directory}", *lines]))
        self.environment_file.chmod(0o600)

    def keep(self, name: str, secret: str) -> Path:
        path = self.credentials / name
        path.write_text(secret)
        path.chmod(0o600)
        return path

    def install(self, *more: str) -> str:
        """What it says."""
        said = StringIO()
        options = {
            "--user": USER,
            "--working-directory": self.directory,
            "--python": self.python,
            "--environment-file": self.environment_file,
            "--credentials": self.credentials,
            "--directory": self.units,
        }
        given = [f"{name}={value}" for name, value in options.items()]
        call_command("install-systemd", *given, *more, stdout=said)
        return said.getvalue()

    def refusal(self, *more: str) -> str:
        """Why it did not install anything."""
        with pytest.raises(CommandError) as caught:
            self.install(*more)
        assert not list(self.units.iterdir())
        return str(caught.value)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    for name in Environment.model_fields:
        monkeypatch.delenv(name, raising=False)
    # Tests may have only what units hide.
    monkeypatch.setattr(obstacles, "HIDDEN", ("/root", "/home"))
    folder = tempfile.mkdtemp(prefix="punctual-", dir="/var/tmp")
    yield Machine(Path(folder))
    shutil.rmtree(folder)


class TestInstalling:
    def test_what_can_work_is_written(self, machine: Machine) -> None:
        said = machine.install("--workers=3", "--port=8100")
        assert "systemctl enable --now punctual.target" in said
        assert len(list(machine.units.iterdir())) == 7
        web = machine.units / "punctual-web.service"
        assert stat.S_IMODE(web.stat().st_mode) == 0o644
        wrote = settings_of(web.read_text())
        assert wrote["ExecStart"] == [f"{machine.python} manage.py start web"]
        assert wrote["User"] == [USER]
        assert "PORT=8100" in wrote["Environment"]
        assert "Wants=punctual-worker@3.service" in (machine.units / "punctual.target").read_text()

    def test_a_second_time_they_are_replaced(self, machine: Machine) -> None:
        machine.install("--workers=3")
        machine.install("--workers=1", "--without-flower")
        target = (machine.units / "punctual.target").read_text()
        assert "worker@3" not in target
        assert "flower" not in target

    def test_a_dry_run_shows_all_and_writes_nothing(self, machine: Machine) -> None:
        said = machine.install("--dry-run")
        assert not list(machine.units.iterdir())
        machine.install()
        for path in machine.units.iterdir():
            assert f"# {path}\n{path.read_text()}" in said


class TestRefusing:
    def test_all_is_told_at_once(self, machine: Machine) -> None:
        machine.environment_file.unlink()
        told = machine.refusal("--user=root", "--python=/nowhere/python", "--port=80", "--dry-run")
        assert "--user: the service must not run as root" in told
        assert "--python: /nowhere/python cannot be run" in told
        assert "--port: only root may listen on port 80" in told
        assert f"--environment-file: {machine.environment_file} cannot be read: No such file" in told

    @pytest.mark.parametrize(
        ("option", "words"),
        [
            ("--user=nobody-of-this-name", "there is no user nobody-of-this-name"),
            ("--working-directory=/usr", "there is no manage.py in /usr"),
            ("--working-directory=/opt/a b", "--working-directory: must be a full path of letters"),
            ("--credentials=/etc/100%", "--credentials: must be a full path of letters"),
            ("--python=/usr", "--python: /usr cannot be run"),
            ("--directory=/nowhere/units", "--directory: there is no folder /nowhere/units"),
        ],
    )
    def test_an_option_that_cannot_work(self, machine: Machine, option: str, words: str) -> None:
        assert words in machine.refusal(option)

    @pytest.mark.parametrize("option", ["--workers=0", "--workers=many", "--port=70000"])
    def test_numbers_that_are_none(self, option: str) -> None:
        done = manage("install-systemd", option)
        assert done.returncode != 0
        assert "must be a number from 1 to" in done.stderr

    def test_a_folder_that_units_hide(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = str(machine.directory.parent)
        monkeypatch.setattr(obstacles, "HIDDEN", (folder,))
        told = machine.refusal()
        assert f"--working-directory: {machine.directory} is hidden from services" in told
        assert f"--python: {machine.python} is hidden from services, as all of {folder}" in told

    def test_a_python_by_a_link_into_one(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(obstacles, "HIDDEN", (str(machine.units),))
        hidden = machine.python.rename(machine.units / "python")
        machine.python.symlink_to(hidden)
        with pytest.raises(CommandError, match=f"--python: {hidden} is hidden"):
            machine.install("--dry-run")

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can try what another user may read")
    def test_code_that_the_user_may_not_read(self, machine: Machine) -> None:
        (machine.directory / "manage.py").chmod(0o600)
        told = machine.refusal()
        assert f"{USER} cannot run {machine.python} on {machine.directory}" in told
        assert "Permission denied" in told

    def test_secrets_that_everybody_may_read(self, machine: Machine) -> None:
        machine.environment_file.chmod(0o644)
        path = machine.keep("broker_password", "secret")
        path.chmod(0o604)
        told = machine.refusal()
        assert f"chmod 600 {machine.environment_file}" in told
        assert f"chmod 600 {path}" in told

    def test_settings_that_the_service_would_refuse(self, machine: Machine) -> None:
        machine.keep("secret_key", "short")
        machine.set("WORKERS=none")
        told = machine.refusal()
        assert f"{machine.environment_file}: SECRET_KEY is weak" in told
        assert f"{machine.environment_file}: WORKERS: " in told
        assert "Traceback" not in told

    def test_settings_and_options_that_do_not_agree(self, machine: Machine) -> None:
        machine.set("PORT=9000", "FLOWER=0", "DEVELOPMENT=1")
        told = machine.refusal("--port=8100")
        assert "PORT=9000 would count, and not --port 8100" in told
        assert "FLOWER=0, but Flower would be installed: add --without-flower" in told
        assert "DEVELOPMENT is for your own machine" in told

    def test_a_machine_without_systemd(self, machine: Machine) -> None:
        if Path("/run/systemd/system").is_dir():
            pytest.skip("systemd runs on this machine")
        told = machine.refusal("--directory=/etc/systemd/system")
        assert "systemd does not run on this machine" in told


class TestCommandLine:
    def test_it_needs_no_settings_of_its_own(self) -> None:
        done = manage("install-systemd", "--dry-run", "--user=nobody-of-this-name", alone=True)
        assert done.returncode == 1
        assert "[Unit]" in done.stdout
        assert "there is no user nobody-of-this-name" in done.stderr
        assert "Traceback" not in done.stderr


class TestEnvironmentFile:
    def test_it_is_read_as_systemd_does(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_text(
            '# A comment\n; another\n\nA=1\n B = two words \nC="three # x"\nD=\'f"our\'\n'
            'E={"crm_token": ["http_request"]}\nF=a=b\nG=\nno pair\nH=back\\slash\n'
        )
        assert read_environment_file(path) == {
            "A": "1",
            "B": "two words",
            "C": "three # x",
            "D": 'f"our',
            "E": '{"crm_token": ["http_request"]}',
            "F": "a=b",
            "G": "",
            "H": "backslash",
        }
