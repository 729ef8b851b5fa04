"""Indexes that are made while the service writes to the table."""

from django.contrib.postgres import operations
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
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(
                "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [self.index.name]
            )
            match cursor.fetchone():
                case (True,):
                    return
                case (False,):
                    schema_editor.execute(
                        f"DROP INDEX CONCURRENTLY {schema_editor.quote_name(self.index.name)}"
                    )
            cursor.execute("SELECT current_setting('lock_timeout')")
            [usual] = cursor.fetchone()
            cursor.execute(f"SET lock_timeout = '{PATIENCE}'")
            try:
                super().database_forwards(app_label, schema_editor, from_state, to_state)
            finally:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [usual])
