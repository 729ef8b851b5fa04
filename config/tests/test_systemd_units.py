"""The units: systemd finds no fault with them, they are kept within bounds, and they say what compose says."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.credentials import NAMES
from config.stack.commands import ROLES
from config.systemd.units import PLACEHOLDER, TEMPLATES, Installation, services, units
from testing.stack import PROJECT
from testing.systemd import settings_of, systemd_analyze

MOST_EXPOSED = 3.0
INSTALLATION = Installation(
    user="daemon",
    directory=PROJECT,
    python=Path("/usr/bin/env"),
    environment_file=Path("/etc/punctual/punctual.env"),
    credentials=Path("/etc/punctual/credentials"),
    workers=2,
    port=8100,
)
UNITS = units(INSTALLATION)
SERVICES = [name for name in UNITS if name.endswith(".service")]
COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]
UNIT_OF = {role: f"punctual-{role}{'@' if role == 'worker' else ''}.service" for role in ROLES}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in UNITS.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def faults(told: str, folder: Path) -> list[str]:
    """Those of our units. What they come after is the machine's, and may have its own."""
    return [line for line in told.splitlines() if "punctual" in line or str(folder) in line]


class TestJudgement:
    @pytest.mark.parametrize("name", UNITS)
    def test_systemd_finds_no_fault(self, folder: Path, name: str) -> None:
        done = systemd_analyze("verify", "--man=no", f"./{name.replace('@.', '@1.')}", folder=folder)
        assert (done.returncode, faults(done.stderr, folder)) == (0, [])

    def test_it_would_find_one(self, folder: Path) -> None:
        (folder / "punctual-beat.service").write_text(
            UNITS["punctual-beat.service"].replace("ProtectHome=yes", "ProtectHome=perhaps")
        )
        done = systemd_analyze("verify", "--man=no", "./punctual-beat.service", folder=folder)
        [fault] = faults(done.stderr, folder)
        assert "perhaps" in fault

    @pytest.mark.parametrize("name", SERVICES)
    def test_each_is_kept_within_bounds(self, folder: Path, name: str) -> None:
        done = systemd_analyze("security", "--offline=true", f"./{name}", folder=folder)
        level = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
        assert level, done.stderr
        assert float(level[1]) <= MOST_EXPOSED


class TestUnits:
    def test_there_is_one_for_each_template(self) -> None:
        templates = {path.name for path in TEMPLATES.iterdir() if path.suffix != ".conf"}
        assert set(UNITS) == templates == {*UNIT_OF.values(), "punctual-migrate.service", "punctual.target"}

    def test_nothing_is_left_to_fill_in(self) -> None:
        for name, text in UNITS.items():
            assert not PLACEHOLDER.search(text.replace("punctual-worker@", "")), name

    def test_the_templates_are_in_what_is_written(self) -> None:
        for name, text in UNITS.items():
            fixed = [line for line in (TEMPLATES / name).read_text().splitlines() if "@" not in line]
            written = iter(text.splitlines())
            assert all(line in written for line in fixed if line), f"{name}: other lines, or in another order"

    @pytest.mark.parametrize("role", ROLES)
    def test_each_part_is_started_as_in_a_container(self, role: str) -> None:
        [command] = settings_of(UNITS[UNIT_OF[role]])["ExecStart"]
        assert command.split()[1:] == COMPOSE[role]["command"][1:]

    @pytest.mark.parametrize("role", ROLES)
    def test_each_part_has_as_long_to_end_as_a_container(self, role: str) -> None:
        [seconds] = settings_of(UNITS[UNIT_OF[role]])["TimeoutStopSec"]
        assert int(seconds) >= int(COMPOSE[role].get("stop_grace_period", "10s").removesuffix("s"))

    @pytest.mark.parametrize("role", ROLES)
    def test_each_part_speaks_is_watched_and_started_again(self, role: str) -> None:
        said = settings_of(UNITS[UNIT_OF[role]])
        assert said["Type"] == ["notify"]
        assert int(said["WatchdogSec"][0]) >= 30
        assert said["Restart"] == ["always"]
        assert said["StartLimitIntervalSec"] == ["0"]
        # Else what a worker runs would be told to end before the worker could wait for it.
        assert said["KillMode"] == ["mixed"]

    @pytest.mark.parametrize("name", SERVICES)
    def test_each_is_stopped_and_restarted_with_the_target(self, name: str) -> None:
        assert settings_of(UNITS[name])["PartOf"] == ["punctual.target"]

    @pytest.mark.parametrize("role", ROLES)
    def test_the_migration_comes_first_and_its_failure_stops_nobody(self, role: str) -> None:
        said = settings_of(UNITS[UNIT_OF[role]])
        assert said["Wants"] == ["punctual-migrate.service"]
        assert "punctual-migrate.service" in said["After"][0].split()
        assert "Requires" not in said

    @pytest.mark.parametrize("name", SERVICES)
    def test_each_has_the_credentials_and_none_is_required(self, name: str) -> None:
        said = settings_of(UNITS[name])
        assert said["LoadCredential"] == [
            f"{each}:/etc/punctual/credentials/{each}" for each in NAMES.values()
        ]
        assert said["SetCredential"] == [rf"{each}:\n" for each in NAMES.values()]

    def test_the_target_wants_as_many_workers_as_was_said(self) -> None:
        wanted = settings_of(UNITS["punctual.target"])["Wants"]
        assert wanted == ["punctual-migrate.service", *services(INSTALLATION)]
        assert [name for name in wanted if "worker" in name] == [
            "punctual-worker@1.service",
            "punctual-worker@2.service",
        ]

    def test_the_port_is_that_of_the_web(self) -> None:
        assert "PORT=8100" in settings_of(UNITS["punctual-web.service"])["Environment"]
        without = units(Installation(**{**_values(INSTALLATION), "port": None, "flower": False}))
        assert "PORT" not in without["punctual-web.service"]
        assert "punctual-flower.service" not in without
        assert "flower" not in without["punctual.target"]

    def test_commands_may_do_what_other_parts_may_not(self) -> None:
        assert "MemoryDenyWriteExecute=yes" in UNITS["punctual-beat.service"]
        assert "MemoryDenyWriteExecute" not in UNITS["punctual-worker@.service"]
        assert "@privileged" not in UNITS["punctual-worker@.service"]


def _values(installation: Installation) -> dict[str, Any]:
    return {name: getattr(installation, name) for name in Installation.__slots__}
