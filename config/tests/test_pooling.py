"""Behind a pooler: what would break is told before the schema is changed, in one line."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config.pooling import UnfitPooler, check_pooler
from testing.pgbouncer import running_pgbouncer
from testing.web import database_url

IGNORED = "ignore_startup_parameters = options"


@contextmanager
def pooled(folder: Path, settings: str) -> Iterator[Any]:
    """Django's connection, behind a PgBouncer."""
    with running_pgbouncer(folder, database_url(), settings) as url:
        behind: Any = connection.copy()
        behind.settings_dict = {**behind.settings_dict, "PORT": int(url.rpartition(":")[2].partition("/")[0])}
        try:
            yield behind
        finally:
            behind.close()


@pytest.mark.usefixtures("transactional_db")
class TestPooler:
    def test_none(self) -> None:
        assert check_pooler(connection)

    def test_sessions(self, tmp_path: Path) -> None:
        with pooled(tmp_path, f"pool_mode = session\n{IGNORED}") as behind:
            assert not check_pooler(behind)

    def test_sessions_of_which_there_is_one(self, tmp_path: Path) -> None:
        with pooled(tmp_path, f"pool_mode = session\n{IGNORED}\ndefault_pool_size = 1") as behind:
            assert not check_pooler(behind)

    @pytest.mark.parametrize("mode", ["transaction", "statement"])
    def test_shared_sessions(self, tmp_path: Path, mode: str) -> None:
        with (
            pooled(tmp_path, f"pool_mode = {mode}\n{IGNORED}") as behind,
            pytest.raises(UnfitPooler, match="set pool_mode = session for this database"),
        ):
            check_pooler(behind)

    def test_refused_limits(self, tmp_path: Path) -> None:
        with (
            pooled(tmp_path, "pool_mode = session") as behind,
            pytest.raises(UnfitPooler, match="set ignore_startup_parameters = options"),
        ):
            check_pooler(behind)


@pytest.mark.usefixtures("transactional_db")
class TestMigrate:
    @pytest.fixture
    def behind(
        self, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, tmp_path: Path
    ) -> Iterator[None]:
        with pooled(tmp_path, request.param) as behind:
            monkeypatch.setattr("config.management.commands.migrate.connections", {"default": behind})
            yield

    @pytest.mark.parametrize("behind", [f"pool_mode = transaction\n{IGNORED}"], indirect=True)
    def test_it_refuses(self, behind: None) -> None:
        output = io.StringIO()
        with pytest.raises(CommandError, match="pool_mode = session"):
            call_command("migrate", stdout=output)
        assert output.getvalue() == ""

    @pytest.mark.parametrize("behind", [f"pool_mode = session\n{IGNORED}"], indirect=True)
    def test_it_tells_that_there_are_no_limits(self, behind: None) -> None:
        output = io.StringIO()
        call_command("migrate", stdout=output)
        assert "no time limit" in output.getvalue()
