"""What is said to Redshift. Each gives text with names and values quoted; none of it is sent here."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg2 import sql

from operations.load.definition import RedshiftStaging
from operations.load.order import Order

COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, NOT a.atthasdef
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""
LINE = "punctual line"
MOST_ERRORS = 100_000
"""As many as COPY may pass over."""
ERRORS = (
    "SELECT trim(file_name), line_number, trim(column_name), trim(error_message) FROM sys_load_error_detail "
    "WHERE query_id = pg_last_copy_id() ORDER BY file_name, line_number"
)
STAGING = sql.SQL("punctual_rows")
CREATE_GUARD = (
    "CREATE TABLE IF NOT EXISTS {} (task_id varchar(36) PRIMARY KEY, loaded_at timestamptz DEFAULT getdate(), "
    "loaded_into varchar(256) NOT NULL, result varchar(65535))"
)


@dataclass(frozen=True, slots=True)
class Statements:
    """Those of one load. `names` are the columns of the table in the order of the parts, `types` their types."""

    order: Order
    names: Sequence[str]
    types: Sequence[str]
    not_null: Sequence[bool]

    @property
    def table(self) -> sql.Composable:
        """The table, quoted."""
        return sql.Identifier(self.order.schema, self.order.table)

    @property
    def columns(self) -> sql.Composable:
        """All columns, quoted."""
        return _listed(self.names)

    def create_staging(self) -> sql.Composable:
        """A temporary table with the line of each row before it."""
        each = [
            sql.SQL("{} {}{}").format(
                sql.Identifier(name), sql.SQL(type_), sql.SQL(" NOT NULL" if full else "")
            )
            for name, type_, full in zip(self.names, self.types, self.not_null, strict=True)
        ]
        columns = sql.SQL(", ").join([sql.SQL("{} bigint").format(sql.Identifier(LINE)), *each])
        return sql.SQL("CREATE TEMPORARY TABLE {} ({})").format(STAGING, columns)

    def copy(self, manifest: str, staging: RedshiftStaging) -> sql.Composable:
        """Read all parts that a manifest lists. What cannot be read is passed over, and told in a view."""
        role = sql.SQL("default") if staging.iam_role == "default" else sql.Literal(staging.iam_role)
        region = sql.SQL(" REGION {}").format(sql.Literal(staging.region)) if staging.region else sql.SQL("")
        return sql.SQL(
            "COPY {} FROM {} IAM_ROLE {}{} MANIFEST FORMAT CSV GZIP ENCODING UTF8 EMPTYASNULL "
            "DATEFORMAT 'auto' TIMEFORMAT 'auto' MAXERROR {}"
        ).format(STAGING, sql.Literal(manifest), role, region, sql.Literal(MOST_ERRORS))

    def same_key(self) -> sql.Composable:
        """The lines of rows whose key is in the file before them, and the line that has it."""
        first = sql.SQL("min({line}) OVER (PARTITION BY {key})").format(
            line=sql.Identifier(LINE), key=_listed(self.order.key)
        )
        return sql.SQL(
            "SELECT {line}, first FROM (SELECT {line}, {first} AS first FROM {rows}) s WHERE {line} <> first"
        ).format(line=sql.Identifier(LINE), first=first, rows=STAGING)

    def take_out_same_key(self) -> sql.Composable:
        """Of rows with the same key, the first stays."""
        lines = sql.SQL("SELECT {line} FROM ({same}) d").format(
            line=sql.Identifier(LINE), same=self.same_key()
        )
        return sql.SQL("DELETE FROM {} WHERE {} IN ({})").format(STAGING, sql.Identifier(LINE), lines)

    def write(self) -> list[sql.Composable]:
        """What the mode does, in a transaction. Not TRUNCATE, which would end it."""
        insert = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} s").format(
            self.table, self.columns, self.columns, STAGING
        )
        match self.order.mode:
            case "append":
                return [insert]
            case "replace":
                return [sql.SQL("DELETE FROM {}").format(self.table), insert]
            case "append_new":
                same = self._same(self.table, sql.SQL("s"))
                return [
                    insert + sql.SQL(" WHERE NOT EXISTS (SELECT 1 FROM {} WHERE {})").format(self.table, same)
                ]
            case "upsert":
                return [self._merge()]

    def count_same(self) -> sql.Composable:
        """How many rows of the file have a key that is in the table."""
        return sql.SQL("SELECT count(*) FROM {} s WHERE EXISTS (SELECT 1 FROM {} WHERE {})").format(
            STAGING, self.table, self._same(self.table, sql.SQL("s"))
        )

    def _merge(self) -> sql.Composable:
        others = [name for name in self.names if name not in self.order.key] or list(self.order.key)
        sets = [sql.SQL("{0} = {1}.{0}").format(sql.Identifier(name), STAGING) for name in others]
        values = [sql.SQL("{}.{}").format(STAGING, sql.Identifier(name)) for name in self.names]
        return sql.SQL(
            "MERGE INTO {table} USING {rows} ON {same} WHEN MATCHED THEN UPDATE SET {sets} "
            "WHEN NOT MATCHED THEN INSERT ({columns}) VALUES ({values})"
        ).format(
            table=self.table,
            rows=STAGING,
            same=self._same(self.table, STAGING),
            sets=sql.SQL(", ").join(sets),
            columns=self.columns,
            values=sql.SQL(", ").join(values),
        )

    def _same(self, one: sql.Composable, other: sql.Composable) -> sql.Composable:
        return sql.SQL(" AND ").join(
            [sql.SQL("{1}.{0} = {2}.{0}").format(sql.Identifier(name), one, other) for name in self.order.key]
        )


def _listed(names: Sequence[str]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, names))
