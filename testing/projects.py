"""What tests that empty every table need: tables that let themselves be emptied, and the first project."""

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.models.signals import post_migrate

RESTORE_SQL = """
INSERT INTO project (id, slug, name, status, quotas) VALUES (1, 'default', 'Default', 'active', '{}')
    ON CONFLICT DO NOTHING"""


def let_tables_be_emptied() -> None:
    """From now on Django can empty the tables that are append-only, too."""
    empty = DatabaseOperations.execute_sql_flush

    def execute_sql_flush(self: DatabaseOperations, sql_list: Iterable[str]) -> None:
        empty(self, ["SET session_replication_role = replica", *sql_list, "RESET session_replication_role"])

    setattr(DatabaseOperations, "execute_sql_flush", execute_sql_flush)  # noqa: B010 (a method of Django's)


def keep_default_project() -> None:
    """From now on it is there again whenever Django has emptied the tables."""
    post_migrate.connect(_restore, dispatch_uid="default project")


def _restore(sender: AppConfig, using: str, **_: Any) -> None:
    if sender.label == "access":
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT to_regclass('project')")
            if cursor.fetchone()[0]:
                cursor.execute(RESTORE_SQL)
