"""What the operator says of a target: where it is, which tables may be loaded, which queries may be asked."""

import datetime as dt
import string
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from psycopg2 import ProgrammingError
from psycopg2.extensions import parse_dsn
from pydantic import AfterValidator, Field, model_validator

from operations.commands.arguments import Form, NumberArgument, TextArgument, WholeNumberArgument
from operations.commands.definition import Name, SecretName
from operations.limits import MAX_TIMEOUT_SECONDS

MAX_NAME_BYTES = 63
"""Postgres cuts longer names, and would so take one for another."""
MARGIN_SECONDS = 60.0


class DateArgument(Form):
    """A day, which the query gets as `date`."""

    type: Literal["date"]
    description: Annotated[str, Field(max_length=1_000)] = ""

    def limits(self) -> Any:
        """The type of its values, for pydantic."""
        return dt.date


class InstantArgument(Form):
    """An instant with an offset, which the query gets as `timestamptz`."""

    type: Literal["datetime"]
    description: Annotated[str, Field(max_length=1_000)] = ""

    def limits(self) -> Any:
        """The type of its values, for pydantic."""
        return Annotated[dt.datetime, Field(json_schema_extra={"format": "date-time"}), _AWARE]


def _aware(value: dt.datetime) -> dt.datetime:
    if value.tzinfo is None:
        raise ValueError("must have an offset, such as Z or +02:00")
    return value


_AWARE = AfterValidator(_aware)
Parameter = Annotated[
    TextArgument | WholeNumberArgument | NumberArgument | DateArgument | InstantArgument,
    Field(discriminator="type"),
]


def table_parts(text: str) -> tuple[str, str]:
    """The schema and the table that `schema.table` names. Raises ValueError."""
    schema, dot, table = text.partition(".")
    if not dot or not _is_name(schema) or not _is_name(table) or "." in table:
        raise ValueError(
            "must be a schema and a table, as in sales.orders, each of at most "
            f"{MAX_NAME_BYTES} bytes and without dots"
        )
    return schema, table


def _is_name(text: str) -> bool:
    return 0 < len(text.encode(errors="replace")) <= MAX_NAME_BYTES and "\0" not in text


def _pattern(text: str) -> str:
    schema, _ = table_parts(text)
    if "*" in schema or ("*" in text and not text.endswith(".*")):
        raise ValueError("must be a table, as sales.orders, or all of a schema, as sales.*")
    if schema.startswith("pg_") or schema == "information_schema":
        raise ValueError("must not be in a schema of the server's own")
    return text


def _table(text: str) -> str:
    table_parts(text)
    return text


def _url(text: str) -> str:
    try:
        parts = parse_dsn(text) if "://" in text else {}
    except ProgrammingError:
        parts = {}
    if not parts.get("dbname") or urlsplit(text).scheme not in ("postgres", "postgresql"):
        raise ValueError(
            "must be a URL such as postgres://loader@db.example:5432/warehouse, with the name of a database"
        )
    if "password" in parts:
        raise ValueError(
            'must have no password: let `password` name a secret, as in {"$secret" = "warehouse_password"}'
        )
    return text


class Query(Form):
    """SQL of the operator's, with `{name}` in the places of typed parameters; a brace itself is written twice."""

    description: Annotated[str, Field(min_length=1, max_length=1_000)]
    sql: Annotated[str, Field(min_length=1, max_length=100_000)]
    parameters: dict[Name, Parameter] = {}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        try:
            parts = list(string.Formatter().parse(self.sql))
        except ValueError:
            raise ValueError("sql has a single brace: write {{ or }} for one") from None
        used = {name for _, name, _, _ in parts if name is not None}
        if any(form or conversion for _, _, form, conversion in parts) or not all(
            map(str.isidentifier, used)
        ):
            raise ValueError("sql has braces without a plain name: write {name}")
        if used != self.parameters.keys():
            odd = min(used ^ self.parameters.keys())
            raise ValueError(f"{odd} must be both in sql, as {{{odd}}}, and among the parameters")
        return self


class RedshiftStaging(Form):
    """Where Redshift reads from: a bucket that the workers write to and the role reads."""

    bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    prefix: Annotated[str, Field(pattern=r"^([A-Za-z0-9._=-]+/)*$", max_length=500)] = "punctual/"
    iam_role: Annotated[
        str, Field(pattern=r"^(default|arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+)$")
    ]
    region: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")] | None = None


class Target(Form):
    """A database. `tables`: those that may be loaded. `guard`: the table that knows which tasks have been loaded."""

    description: Annotated[str, Field(min_length=1, max_length=1_000)]
    dialect: Literal["postgres", "redshift"] = "postgres"
    url: Annotated[str, AfterValidator(_url)] | SecretName
    password: SecretName | None = None
    tables: list[Annotated[str, AfterValidator(_pattern)]] = []
    queries: dict[Name, Query] = {}
    timeout_seconds: Annotated[float, Field(ge=1, le=MAX_TIMEOUT_SECONDS - MARGIN_SECONDS)] = 3_600
    guard: Annotated[str, AfterValidator(_table)] = "public.punctual_load"
    replace_by: Literal["delete", "truncate"] = "delete"
    staging: RedshiftStaging | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.tables and not self.queries:
            raise ValueError("must have tables that may be loaded, or queries that may be asked")
        if (self.dialect == "redshift") != (self.staging is not None) and (self.tables or self.staging):
            raise ValueError(
                "staging, with bucket and iam_role, belongs to a target of dialect redshift with tables"
            )
        if self.dialect == "redshift" and self.replace_by == "truncate":
            raise ValueError("replace_by must be delete: TRUNCATE of Redshift commits")
        return self

    def allows(self, table: str) -> bool:
        """Whether `schema.table` may be loaded."""
        schema, _ = table_parts(table)
        return table != self.guard and (table in self.tables or f"{schema}.*" in self.tables)

    def secrets(self) -> list[str]:
        """The names of the secrets that lead to it."""
        return [each.name for each in (self.url, self.password) if isinstance(each, SecretName)]
