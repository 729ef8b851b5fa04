"""Indexes that are made, and go, while the service writes to the table."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.postgres import operations
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState

PATIENCE = "10min"
"""While it waits for transactions that are older, a backup for instance, it keeps nobody from working."""


class AddIndexConcurrently(operations.AddIndexConcurrently):
    """Django's, for a table that is in use: patient, and able to run again after it was interrupted.

    Postgres leaves an invalid index behind if one is not finished, which nothing uses and everybody maintains.
    """

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Makes the index, unless it is there. Raises NotSupportedError in a transaction."""
        self._ensure_not_in_transaction(schema_editor)
        if not _is_there(schema_editor, self.index.name):
            with _patience(schema_editor):
                super().database_forwards(app_label, schema_editor, from_state, to_state)


class AddUniqueConcurrently(operations.NotInTransactionMixin, migrations.AddConstraint):
    """A UniqueConstraint on some fields, whose index is made concurrently. Able to run again, too."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002 (Django's signature)
        to_state: ProjectState,
    ) -> None:
        """Makes the constraint, unless it is there. Raises NotSupportedError in a transaction."""
        self._ensure_not_in_transaction(schema_editor)
        model: Any = to_state.apps.get_model(app_label, self.model_name)
        table, name = model._meta.db_table, self.constraint.name  # noqa: SLF001 (Django's public name for it)
        fields = [model._meta.get_field(field).column for field in self.constraint.fields]  # type: ignore[attr-defined]  # noqa: SLF001
        if _asked(schema_editor, "SELECT true FROM pg_constraint WHERE conname = %s", name):
            return
        if not _is_there(schema_editor, name):
            with _patience(schema_editor):
                schema_editor.execute(
                    f'CREATE UNIQUE INDEX CONCURRENTLY "{name}" ON "{table}" ({", ".join(fields)})'
                )
        schema_editor.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" UNIQUE USING INDEX "{name}"')


class RetireIndex(operations.RemoveIndexConcurrently):
    """An index that this release does without, and the release before may not.

    It goes at once where there was none before, for the table is empty. Elsewhere it stays, for all that knows it, and
    a migration of the next release drops it.
    """

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drops the index of an empty table. Raises NotSupportedError in a transaction."""
        self._ensure_not_in_transaction(schema_editor)
        model: Any = from_state.apps.get_model(app_label, self.model_name)
        if not model.objects.exists() and _is_there(schema_editor, self.name):
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Makes it again where it went."""
        self._ensure_not_in_transaction(schema_editor)
        if not _is_there(schema_editor, self.name):
            super().database_backwards(app_label, schema_editor, from_state, to_state)


def _is_there(schema_editor: BaseDatabaseSchemaEditor, name: str) -> bool:
    """Whether there is an index of this name, whole. What is left of one that was not finished, goes."""
    sql = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)"
    is_valid = _asked(schema_editor, sql, name)
    if is_valid is False:
        schema_editor.execute(f'DROP INDEX CONCURRENTLY "{name}"')
    return is_valid is True


def _asked(schema_editor: BaseDatabaseSchemaEditor, sql: str, *parameters: str) -> Any:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        row = cursor.fetchone()
        return row and row[0]


@contextmanager
def _patience(schema_editor: BaseDatabaseSchemaEditor) -> Iterator[None]:
    usual = _asked(schema_editor, "SELECT current_setting('lock_timeout')")
    _asked(schema_editor, "SELECT set_config('lock_timeout', %s, false)", PATIENCE)
    try:
        yield
    finally:
        _asked(schema_editor, "SELECT set_config('lock_timeout', %s, false)", usual)
