"""What containers are made of agrees with the service, and with itself."""

import re
import shutil
import stat
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from access.key_text import read_key
from config.environment import Environment
from config.stack.commands import ROLES
from config.stack.postgres import DISCREET

PROJECT = Path(__file__).resolve().parents[2]
COMPOSE_TEXT = (PROJECT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
RABBITMQ_TEXT = (PROJECT / "docker-compose.rabbitmq.yml").read_text()
RABBITMQ: dict[str, Any] = yaml.safe_load(RABBITMQ_TEXT)["services"]["rabbitmq"]
DOCKERFILE = (PROJECT / "Dockerfile").read_text()
EXAMPLE = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", (PROJECT / ".env.example").read_text(), re.MULTILINE))

KEY = "k3Y-0123456789-abcdefghijklmnopqrstuvwxyz"
# Compose has its own words for the first two: the machine's ports. DEVELOPMENT is for one's own machine. The key is in
# a file, and Redis has no password.
FOR_FLOWER_ALONE = {"FLOWER_BASIC_AUTH"}
NOT_FOR_CONTAINERS = {"PORT", "FLOWER_PORT", "DEVELOPMENT", "SECRET_KEY", "BROKER_PASSWORD_FILE"}
SECRETS = {"secret_key", "postgres_password", "rabbitmq_password", "bootstrap_key"}


class TestCompose:
    def test_each_role_has_a_service_that_starts_it(self) -> None:
        for role in ROLES:
            assert SERVICES[role]["command"] == ["python", "manage.py", "start", role]
            assert SERVICES[role]["healthcheck"]["test"][-1] == role

    def test_one_image_is_built_once(self) -> None:
        assert [name for name, service in SERVICES.items() if "build" in service] == ["migrate"]
        assert len({SERVICES[name]["image"] for name in ["migrate", *ROLES]}) == 1

    def test_each_setting_can_be_given(self) -> None:
        given = set(Environment.model_fields) - NOT_FOR_CONTAINERS
        assert set(SERVICES["flower"]["environment"]) == given
        assert set(SERVICES["worker"]["environment"]) == given - FOR_FLOWER_ALONE

    def test_the_override_that_is_shown_mounts_files_in_each_part(self) -> None:
        page = (PROJECT / "docs/how-to/deploy-with-docker.md").read_text()
        [shown] = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
        services = yaml.safe_load(shown)["services"]
        assert set(services) == {"migrate", *ROLES}
        assert all(service["volumes"] == ["./files:/etc/punctual:ro"] for service in services.values())

    def test_nothing_is_published_but_on_the_address_that_is_judged(self) -> None:
        published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
        assert set(published) == {"web", "flower"}
        for [port] in published.values():
            assert port.startswith("${PUBLISH_ADDRESS:-127.0.0.1}:")

    @pytest.mark.parametrize("name", [*SERVICES, "rabbitmq"])
    def test_each_service_is_kept_within_bounds(self, name: str) -> None:
        service = {**SERVICES, "rabbitmq": RABBITMQ}[name]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"]
        assert service["pids_limit"]
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}

    def test_images_are_those_of_one_version(self) -> None:
        pinned = re.compile(r"\$\{[A-Z]+_IMAGE:-[a-z]+:\d+\.\d+(\.\d+)?(-[a-z-]+)?\}")
        python = SERVICES["migrate"]["build"]["args"]["PYTHON_IMAGE"]
        for image in [SERVICES["db"]["image"], SERVICES["redis"]["image"], RABBITMQ["image"], python]:
            assert pinned.fullmatch(image)
        assert f"ARG PYTHON_IMAGE={python.removeprefix('${PYTHON_IMAGE:-').removesuffix('}')}\n" in DOCKERFILE
        assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"${PYTHON_IMAGE}"}

    def test_the_image_says_which_version_it_holds(self) -> None:
        project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
        assert f'org.opencontainers.image.version="{project["version"]}"' in DOCKERFILE
        assert f'org.opencontainers.image.description="{project["description"]}"' in DOCKERFILE

    def test_no_secret_is_in_what_compose_shows(self) -> None:
        assert not re.search(r"\$\{[A-Z_]*(KEY|PASSWORD)\b", COMPOSE_TEXT + RABBITMQ_TEXT)

    @pytest.mark.parametrize("text", [COMPOSE_TEXT, RABBITMQ_TEXT], ids=["compose", "rabbitmq"])
    def test_who_names_the_file_of_a_secret_has_it(self, text: str) -> None:
        compose = yaml.safe_load(text)
        assert set(compose["secrets"]) <= SECRETS
        assert all(secret == {"file": f"./secrets/{name}"} for name, secret in compose["secrets"].items())
        for service in compose["services"].values():
            named = set(re.findall(r"/run/secrets/(\w+)", yaml.safe_dump(service)))
            # The first key is named in .env, if it is to be made.
            assert named == set(service.get("secrets", [])) - {"bootstrap_key"}

    def test_the_volume_is_the_one_that_earlier_versions_made(self) -> None:
        assert COMPOSE["volumes"] == {"db": None, "files": None}

    def test_the_database_logs_as_little_of_tasks_as_the_embedded_one(self) -> None:
        program, *options = SERVICES["db"]["command"]
        assert program == "postgres"
        assert options[::2] == ["-c"] * len(options[1::2])
        assert set(options[1::2]) == {f"{name}={value}" for name, value in DISCREET.items()}


class TestEnvExample:
    def test_it_names_all_that_compose_reads(self) -> None:
        substituted = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE_TEXT)) - {"COMPOSE_PROJECT_NAME"}
        handed_on = {
            name
            for service in SERVICES.values()
            for name, value in service.get("environment", {}).items()
            if value is None
        }
        # DEBUG is handed on to be refused.
        assert set(EXAMPLE) == substituted | handed_on - {"DEBUG"}

    def test_its_defaults_are_the_defaults(self) -> None:
        for name, default in re.findall(r"\$\{([A-Z]+_(?:IMAGE|MEMORY)):-([^}]+)", COMPOSE_TEXT):
            assert EXAMPLE[name] == default
        for name, default in Environment.model_construct():
            if EXAMPLE.get(name) and name != "PUBLISH_ADDRESS":
                example = Environment.model_validate({"SECRET_KEY": KEY, name: EXAMPLE[name]})
                assert getattr(example, name) == default

    def test_secrets_are_not_given(self) -> None:
        assert not {name.upper() for name in SECRETS} & set(EXAMPLE)


class TestMakeEnv:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "misc").mkdir()
        shutil.copy(PROJECT / "misc/make-env.sh", tmp_path / "misc")
        shutil.copy(PROJECT / ".env.example", tmp_path)
        return tmp_path

    def run(self, folder: Path) -> dict[str, str]:
        """The secrets that it made, by their names."""
        subprocess.run([folder / "misc/make-env.sh"], check=True)
        return {path.name: path.read_text().removesuffix("\n") for path in (folder / "secrets").iterdir()}

    def test_it_makes_secrets_that_are_accepted(self, folder: Path) -> None:
        made = self.run(folder)
        assert set(made) == SECRETS == {*COMPOSE["secrets"], *yaml.safe_load(RABBITMQ_TEXT)["secrets"]}
        key_file = str(folder / "secrets/secret_key")
        assert Environment(SECRET_KEY="", SECRET_KEY_FILE=key_file, DEVELOPMENT=False).secret_key
        assert read_key(made["bootstrap_key"])
        assert all(
            re.fullmatch(r"[0-9a-f]{64}", secret) for name, secret in made.items() if name != "bootstrap_key"
        )
        assert len(set(made.values())) == len(SECRETS)

    def test_containers_can_read_them_and_on_the_machine_only_the_owner(self, folder: Path) -> None:
        self.run(folder)
        assert stat.S_IMODE((folder / "secrets").stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in (folder / "secrets").iterdir()} == {0o444}
        assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600

    def test_settings_are_those_of_the_example_and_there_is_a_first_key(self, folder: Path) -> None:
        self.run(folder)
        made = "\nBOOTSTRAP_KEY_FILE=/run/secrets/bootstrap_key\n"
        example, env = (folder / ".env.example").read_text(), (folder / ".env").read_text()
        [login] = re.findall(r"^FLOWER_BASIC_AUTH=(operator:[0-9a-f]{32})$", env, re.MULTILINE)
        expected = example.replace("\n#BOOTSTRAP_KEY_FILE=\n", made)
        assert env == expected.replace("\n#FLOWER_BASIC_AUTH=\n", f"\nFLOWER_BASIC_AUTH={login}\n")
        assert made in env

    def test_keys_have_checksums_whatever_they_are(self, folder: Path) -> None:
        for _ in range(20):
            assert read_key(self.run(folder)["bootstrap_key"])
            (folder / "secrets/bootstrap_key").unlink()

    def test_what_an_earlier_version_keeps_in_env_goes_on(self, folder: Path) -> None:
        kept = "SECRET_KEY=mine\nPORT=9000\nPOSTGRES_PASSWORD=a/b=c&d"
        (folder / ".env").write_text(kept)
        made = self.run(folder)
        assert (made["secret_key"], made["postgres_password"]) == ("mine", "a/b=c&d")
        assert (folder / ".env").read_text() == kept

    def test_a_second_run_changes_nothing(self, folder: Path) -> None:
        assert self.run(folder) == self.run(folder)


def test_the_image_gets_each_package_and_no_tests() -> None:
    packages = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "root_packages"
    ]
    lines = (PROJECT / ".dockerignore").read_text().splitlines()
    assert {f"!{package}" for package in packages} <= set(lines)
    assert "**/tests" in lines
