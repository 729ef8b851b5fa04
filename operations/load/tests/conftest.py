"""A database of its own on the server of the tests, as a target."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from psycopg2.extensions import parse_dsn

from operations import testing
from operations.files import FolderFiles
from operations.load import Target, Targets
from operations.load.tests.warehouse import PASSWORD, Warehouse


@pytest.fixture(scope="session")
def warehouse_url(worker_id: str) -> Iterator[str]:
    """The URL of an empty database, with its password."""
    url, name = os.environ["DATABASE_URL"], f"warehouse_{worker_id}"
    server = psycopg2.connect(url)
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name}")
    yield urlsplit(url)._replace(path=f"/{name}").geturl()
    with server.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    server.close()


@pytest.fixture
def warehouse(warehouse_url: str, tmp_path: Path) -> Iterator[Warehouse]:
    """The target `warehouse`, whose schema `sales` may be loaded, and files."""
    connection = psycopg2.connect(warehouse_url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP SCHEMA IF EXISTS sales CASCADE; DROP TABLE IF EXISTS punctual_load; CREATE SCHEMA sales"
        )
    password = parse_dsn(warehouse_url)["password"]
    parts = urlsplit(warehouse_url)
    plain = parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@")).geturl()
    target = Target.model_validate(
        {
            "description": "The warehouse.",
            "url": plain,
            "password": {"$secret": PASSWORD},
            "tables": ["sales.*"],
            "queries": {
                "orders_of": {
                    "description": "Orders of a day.",
                    "sql": "SELECT * FROM sales.orders WHERE day = {day} AND note LIKE {note} || '%' ORDER BY id",
                    "parameters": {
                        "day": {"type": "date"},
                        "note": {"type": "string", "pattern": ".*", "min_length": 0},
                    },
                },
                "ticks": {
                    "description": "Numbers.",
                    "sql": "SELECT n FROM generate_series(1, {most}) AS n",
                    "parameters": {"most": {"type": "integer", "minimum": 0}},
                },
                "remove": {
                    "description": "Would write.",
                    "sql": "WITH d AS (DELETE FROM sales.orders RETURNING id) TABLE d",
                },
            },
        }
    )
    with testing.configured(targets=Targets({"warehouse": target})):
        yield Warehouse(connection, FolderFiles(tmp_path), password, target)
    connection.close()
