"""Loads into Redshift: statements as text, and the steps against a recorded double. No real one was asked."""

import io
import json
from typing import Any
from uuid import UUID

import pytest

from operations import OperationError
from operations.load import Target
from operations.load.definition import Query
from operations.load.order import Loaded, Order
from operations.load.redshift import asking
from operations.load.redshift.loading import load
from operations.load.tests.recorded import Bucket, Redshift
from operations.load.tests.warehouse import Warehouse

TARGET = Target.model_validate(
    {
        "description": "The lake.",
        "dialect": "redshift",
        "url": "postgres://loader@lake.example:5439/lake",
        "tables": ["sales.*"],
        "staging": {
            "bucket": "loads",
            "prefix": "in/",
            "iam_role": "arn:aws:iam::123456789012:role/It",
            "region": "eu-1",
        },
    }
)
COLUMNS = [("id", "integer", True, True), ('no"te', "character varying(5)", False, True)]
CONTENT = b'id,"no""te"\n1,a\n2,"b\nc"\n3\n4,\n'


def loaded(
    warehouse: Warehouse, bucket: Bucket, answers: dict[str, Any], **changes: Any
) -> tuple[Loaded, list[str]]:
    order = Order(UUID(int=7), "sales", "orders", **{"skip": True, **changes})
    server = Redshift(warehouse.connection, {"SELECT a.attname": COLUMNS, **answers})
    source = io.BytesIO(CONTENT)
    result = load(server, TARGET, order, source, len(CONTENT), lambda *_: None, lambda _: bucket)
    return result, server.said


def test_the_steps_of_an_upsert(warehouse: Warehouse) -> None:
    bucket = Bucket()
    answers = {"SELECT count(*) FROM punctual_rows": [(1,)]}
    result, said = loaded(warehouse, bucket, answers, mode="upsert", key=["id"])
    folder = json.loads(bucket.seen["manifest"])["entries"][0]["url"].rpartition("/")[0]
    assert bucket.part("00000.csv.gz") == '2,1,a\n3,2,"b\nc"\n6,4,\n'
    assert bucket.objects == {}  # all of it is deleted
    assert said[0] == "SET statement_timeout TO 3600000"
    assert said[1].startswith(
        'CREATE TABLE IF NOT EXISTS "public"."punctual_load" (task_id varchar(36) PRIMARY KEY'
    )
    assert said[4:] == [
        'CREATE TEMPORARY TABLE punctual_rows ("punctual line" bigint, "id" integer NOT NULL, '
        '"no""te" character varying(5))',
        f"COPY punctual_rows FROM '{folder}/manifest' IAM_ROLE 'arn:aws:iam::123456789012:role/It' REGION 'eu-1' "
        "MANIFEST FORMAT CSV GZIP ENCODING UTF8 EMPTYASNULL DATEFORMAT 'auto' TIMEFORMAT 'auto' MAXERROR 100000",
        "SELECT trim(file_name), line_number, trim(column_name), trim(error_message) FROM sys_load_error_detail "
        "WHERE query_id = pg_last_copy_id() ORDER BY file_name, line_number",
        SAME_KEY,
        f'DELETE FROM punctual_rows WHERE "punctual line" IN (SELECT "punctual line" FROM ({SAME_KEY}) d)',  # noqa: S608
        'LOCK "public"."punctual_load"',
        'SELECT result FROM "public"."punctual_load" WHERE task_id = %s',
        "SELECT count(*) FROM punctual_rows s WHERE EXISTS "
        '(SELECT 1 FROM "sales"."orders" WHERE "sales"."orders"."id" = s."id")',
        'MERGE INTO "sales"."orders" USING punctual_rows ON "sales"."orders"."id" = punctual_rows."id" '
        'WHEN MATCHED THEN UPDATE SET "no""te" = punctual_rows."no""te" WHEN NOT MATCHED THEN INSERT ("id", "no""te") '
        'VALUES (punctual_rows."id", punctual_rows."no""te")',
        'INSERT INTO "public"."punctual_load" (task_id, loaded_into, result) VALUES (%s, %s, %s)',
        "COMMIT",
    ]
    assert (result.counts.read, result.counts.skipped, result.counts.updated, result.counts.written) == (
        4,
        1,
        1,
        2,
    )


SAME_KEY = (
    'SELECT "punctual line", first FROM (SELECT "punctual line", '
    'min("punctual line") OVER (PARTITION BY "id") AS first FROM punctual_rows) s WHERE "punctual line" <> first'
)


def written(said: list[str]) -> list[str]:
    begin = said.index('LOCK "public"."punctual_load"') + 2
    return [each for each in said[begin:] if "punctual_load" not in each]


def test_replace_is_one_transaction(warehouse: Warehouse) -> None:
    _, said = loaded(warehouse, Bucket(), {}, mode="replace")
    assert written(said) == [
        'DELETE FROM "sales"."orders"',
        'INSERT INTO "sales"."orders" ("id", "no""te") SELECT "id", "no""te" FROM punctual_rows s',
        "COMMIT",
    ]


def test_append_new_leaves_out_what_is_there(warehouse: Warehouse) -> None:
    _, said = loaded(warehouse, Bucket(), {"SELECT count(*)": [(1,)]}, mode="append_new", key=["id"])
    assert written(said)[1:] == [
        'INSERT INTO "sales"."orders" ("id", "no""te") SELECT "id", "no""te" FROM punctual_rows s WHERE NOT EXISTS '
        '(SELECT 1 FROM "sales"."orders" WHERE "sales"."orders"."id" = s."id")',
        "COMMIT",
    ]


def test_a_dry_run_takes_it_back(warehouse: Warehouse) -> None:
    _, said = loaded(warehouse, Bucket(), {}, dry_run=True)
    assert said[-1] == "ROLLBACK"
    assert not any("punctual_load" in each for each in said)


def test_a_second_attempt_answers_the_result_of_the_first(warehouse: Warehouse) -> None:
    kept = json.dumps({"counts": {"read": 9, "written": 9}, "bad": []})
    result, said = loaded(warehouse, Bucket(), {"SELECT result": [(kept,)]})
    assert (result.repeated, result.counts.written) == (True, 9)
    assert not any(each.startswith("COPY") for each in said)


class Telling(Bucket):
    """Errors are told with the address of a part, which only the bucket knows."""

    def __init__(self, errors: list[Any]) -> None:
        super().__init__()
        self.errors = errors

    def upload_fileobj(self, Fileobj: Any, Bucket: str, Key: str) -> None:  # noqa: N803
        super().upload_fileobj(Fileobj, Bucket, Key)
        if Key.endswith("00000.csv.gz"):
            self.errors.append((f"s3://{Bucket}/{Key}", 2, 'no"te', "String length exceeds DDL length"))


def test_errors_are_read_back_by_line(warehouse: Warehouse) -> None:
    errors: list[Any] = []
    result, _ = loaded(warehouse, Telling(errors), {"SELECT trim(file_name)": errors})
    assert [(bad.line, bad.column, bad.reason) for bad in result.bad] == [
        (3, 'no"te', "String length exceeds DDL length"),
        (5, None, "has 1 cell, but must have 2"),
    ]


def test_bad_rows_stop_a_load_before_it_writes(warehouse: Warehouse) -> None:
    bucket = Bucket()
    with pytest.raises(OperationError, match="1 of 4 rows do not fit") as caught:
        loaded(warehouse, bucket, {}, skip=False)
    assert caught.value.type == "bad_rows"
    assert bucket.objects == {}


def test_without_boto3_the_operation_says_how_to_get_it(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "boto3", None)
    order = Order(UUID(int=7), "sales", "orders")
    with pytest.raises(OperationError, match=r"requirements-redshift\.txt") as caught:
        load(Redshift(None, {}), TARGET, order, io.BytesIO(), 0, lambda *_: None)
    assert caught.value.type == "not_installed"


def test_a_query_is_fetched_by_a_cursor(warehouse: Warehouse) -> None:
    server = Redshift(warehouse.connection, {"FETCH": [(1,), (2,)]})
    out = io.BytesIO()
    query = Query.model_validate(
        {"description": "x", "sql": "SELECT {n}", "parameters": {"n": {"type": "integer"}}}
    )
    assert asking.ask(server, query, {"n": 5}, ";", out, 60, lambda _: None) == 2
    assert out.getvalue() == b"n\n1\n2\n"
    assert server.said[2] == "DECLARE punctual_query CURSOR FOR SELECT 5"
