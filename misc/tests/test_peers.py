"""The environment of the peers that benchmarks run: made once, and anew when what is locked changes."""

from pathlib import Path

import pytest

from misc.benchmarks.peers import environment


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment without packages. Returns its lock."""
    lock = tmp_path / "requirements.txt"
    lock.write_text("# nothing\n")
    monkeypatch.setattr(environment, "LOCK", lock)
    monkeypatch.setattr(environment, "VENV", tmp_path / "venv")
    monkeypatch.setattr(environment, "STAMP", tmp_path / "venv" / "stamp")
    return lock


def test_it_is_made_once(elsewhere: Path) -> None:
    python = Path(environment.python())
    assert python.exists()
    mark = python.with_name("mark")
    mark.touch()
    assert environment.python() == str(python)
    assert mark.exists()


def test_it_is_made_anew_for_another_lock(elsewhere: Path) -> None:
    mark = Path(environment.python()).with_name("mark")
    mark.touch()
    elsewhere.write_text("# something else\n")
    assert Path(environment.python()).exists()
    assert not mark.exists()


def test_a_version_is_the_one_that_is_locked(elsewhere: Path) -> None:
    elsewhere.write_text("celery-more==1.0 \\\n    --hash=sha256:0\ncelery==5.7.0 \\\n    --hash=sha256:0\n")
    assert environment.version("celery") == "5.7.0"
    with pytest.raises(LookupError, match="procrastinate is not in"):
        environment.version("procrastinate")
