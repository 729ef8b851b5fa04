"""What a target lets tasks do, and what the file of targets may say."""

import json
from pathlib import Path
from typing import Any

import pytest

from operations import InvalidArguments, catalogue
from operations.load import read_targets
from operations.load.tests.warehouse import ORDERS, Warehouse
from operations.operator_files import InvalidFile

TARGET: dict[str, Any] = {"description": "It.", "url": "postgres://me@db.example/it", "tables": ["sales.*"]}


@pytest.mark.parametrize(
    "table",
    [
        "public.orders", "pg_catalog.pg_authid", "orders", "sales.", ".orders", "sales.a.b",
        'sales"."x', "SALES.orders",
        "public.punctual_load", "sales.orders; DROP TABLE x", "sales.\0", "sales." + "x" * 64, "",
    ],
)  # fmt: skip
def test_other_tables_are_refused(warehouse: Warehouse, table: str) -> None:
    warehouse.run(ORDERS)
    if table == "sales.orders; DROP TABLE x":  # a name like others, of a table that is not there
        assert warehouse.target.allows(table)
        return
    with pytest.raises(InvalidArguments) as caught:
        warehouse.load("id\n1\n", table=table)
    assert [error.path for error in caught.value.errors] == [("table",)]


NAMES = ['a"b', "a; DROP TABLE x; --", "%s", "{0}", "a'b", "a b", "ä", "select", "\\"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_name_whatever_it_holds(warehouse: Warehouse, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    warehouse.run(
        f"CREATE TABLE sales.{quoted} ({quoted} int PRIMARY KEY, other text, CHECK ({quoted} <> 3))"
    )
    content = f'"{name.replace(chr(34), chr(34) * 2)}",other\n1,{name.replace(chr(34), "")}\n2,x\n'
    table = f"sales.{name}"
    assert warehouse.load(content, table=table)["written"] == 2
    assert warehouse.load(content, table=table, mode="upsert", key=[name])["unchanged"] == 2
    assert warehouse.load(content, table=table, on_bad_row="skip")["skipped"] == 2
    assert warehouse.load(content, table=table, mode="replace")["deleted"] == 2
    assert (
        warehouse.load(f"1,{'x'}\n3,y\n", table=table, columns=[name, "other"], dry_run=True)["skipped"] == 2
    )


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        ({"target": "other"}, ("target",)),
        ({"key": ["id"]}, ("key",)),
        ({"mode": "upsert", "key": ["id", "id"]}, ("key",)),
        ({"delimiter": ";;"}, ("delimiter",)),
        ({"delimiter": "\n"}, ("delimiter",)),
        ({"delimiter": ";", "quote": ";"}, ("quote",)),
        ({"encoding": "unicode_escape"}, ("encoding",)),
        ({"columns": []}, ("columns",)),
        ({"columns": ["i\0d"]}, ("columns", 0)),
        ({"mode": "drop"}, ("mode",)),
        ({"sql": "SELECT 1"}, ("sql",)),
        ({"url": "postgres://x@y/z"}, ("url",)),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    warehouse: Warehouse, arguments: dict[str, Any], place: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidArguments) as caught:
        warehouse.load("id\n1\n", **arguments)
    assert caught.value.errors[0].path == place


def test_without_targets_the_catalogue_says_what_to_set() -> None:
    for name in ("load_csv", "query_to_csv"):
        operation = catalogue.get(name)
        assert "LOAD_TARGETS_FILE" in operation.arguments_schema["properties"]["target"]["description"]
        assert operation.unavailable is not None
        assert "LOAD_TARGETS_FILE" in operation.unavailable.mend


def test_with_targets_the_catalogue_lists_them(warehouse: Warehouse) -> None:
    assert catalogue.get("load_csv").unavailable is None
    assert catalogue.get("load_csv").arguments_schema["properties"]["target"]["enum"] == ["warehouse"]
    choices = catalogue.get("query_to_csv").arguments_schema["oneOf"]
    assert [choice["title"] for choice in choices] == [
        "warehouse.orders_of",
        "warehouse.ticks",
        "warehouse.remove",
    ]


def written(folder: Path, **changes: Any) -> Path:
    path = folder / "targets.json"
    path.write_text(json.dumps({"it": {**TARGET, **changes}}))
    return path


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"url": "postgres://me:secret@db.example/it"}, "it.url: must have no password"),
        ({"url": "mysql://me@db.example/it"}, "it.url: must be a URL such as postgres://"),
        ({"url": "postgres://me@db.example"}, "it.url: must be a URL such as postgres://"),
        ({"tables": ["pg_catalog.*"]}, "it.tables.0: must not be in a schema of the server's own"),
        ({"tables": ["*.*"]}, "it.tables.0: must be a table"),
        ({"tables": []}, "it: must have tables that may be loaded, or queries that may be asked"),
        ({"password": "secret"}, "it.password: must be an object"),
        ({"queries": {"q": {"description": "x", "sql": "SELECT {a}"}}}, "a must be both in sql, as {a}"),
        ({"queries": {"q": {"description": "x", "sql": "SELECT {"}}}, "sql has a single brace"),
        (
            {"queries": {"q": {"description": "x", "sql": "SELECT {0!r}"}}},
            "sql has braces without a plain name",
        ),
        ({"port": 1}, "it.port: is not a known field"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidFile) as caught:
        read_targets(written(tmp_path, **changes))
    assert said in str(caught.value)
    assert "secret@" not in str(caught.value)


def test_the_example_is_one() -> None:
    targets = read_targets(Path("examples/targets.toml"))
    assert targets.items()[0][1].secrets() == ["warehouse_password"]
