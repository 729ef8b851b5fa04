"""`apps/requirements.txt`: packages that operations of one's own import, beside those of the lock."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from config import own_apps
from testing.stack import PROJECT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """One whose lock has the package `locked`, 1.0."""
    (tmp_path / "misc").mkdir()
    shutil.copy(PROJECT / "misc/venv.py", tmp_path / "misc")
    locked = wheel(tmp_path, "locked", "1.0")
    for lock in ("requirements.txt", "requirements-dev.txt"):
        digest = hashlib.sha256(locked.read_bytes()).hexdigest()
        (tmp_path / lock).write_text(f"locked==1.0 \\\n    --hash=sha256:{digest}\n")
    (tmp_path / "apps").mkdir()
    return tmp_path


def wheel(folder: Path, name: str, version: str, needs: str = "") -> Path:
    """A package with one empty module."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    about = f"{name}-{version}.dist-info"
    needed = f"Requires-Dist: {needs}\n" if needs else ""
    with ZipFile(path, "w") as file:
        file.writestr(f"{name}.py", "")
        file.writestr(
            f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needed}"
        )
        file.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{about}/RECORD", "")
    return path


def make(project: Path) -> "subprocess.CompletedProcess[str]":
    """What `make` does first, with the real pip, from the project's folder in place of an index."""
    environment = {
        **os.environ,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(project),
        "PIP_CONFIG_FILE": os.devnull,
    }
    return subprocess.run(
        [sys.executable, "misc/venv.py"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def installed(project: Path, name: str) -> bool:
    return subprocess.run([project / ".venv/bin/python", "-c", f"import {name}"], check=False).returncode == 0


def test_they_are_installed_when_they_change(project: Path) -> None:
    assert make(project).returncode == 0
    assert make(project).stderr == ""
    wheel(project, "mine", "1.0", needs="locked")
    (project / "apps/requirements.txt").write_text("mine\n")
    made = make(project)
    assert (made.returncode, "installing apps/requirements.txt" in made.stderr) == (0, True), made.stderr
    assert installed(project, "mine")
    assert installed(project, "locked")
    assert make(project).stderr == ""


def test_none_replaces_one_of_the_lock(project: Path) -> None:
    wheel(project, "locked", "2.0")
    wheel(project, "mine", "1.0", needs="locked>=2")
    (project / "apps/requirements.txt").write_text("mine\n")
    for _ in range(2):  # it is not taken for done
        made = make(project)
        assert made.returncode == 1
        assert made.stderr.endswith("apps/requirements.txt could not be installed: the lines above say why\n")


def test_the_folder_is_where_apps_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "found_in_apps").mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(own_apps, "FOLDER", tmp_path)
    assert own_apps.own_apps(["found_in_apps"]) == ["found_in_apps"]
    assert sys.path[-1] == str(tmp_path)


def test_git_ignores_it_and_the_image_takes_it() -> None:
    assert own_apps.FOLDER == PROJECT / "apps"
    assert "/apps" in (PROJECT / ".gitignore").read_text().splitlines()
    # Without the brackets no image can be built where there is no such folder.
    assert "\nCOPY app[s]/requirements.tx[t] apps/\n" in (PROJECT / "Dockerfile").read_text()
    assert {"!apps", "apps/**/.*"} <= set((PROJECT / ".dockerignore").read_text().splitlines())
