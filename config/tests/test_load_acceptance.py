"""`load_csv` on a real stack, driven over HTTP: a file is uploaded, loaded by a worker, and its bad rows come back."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from testing.stack import Stack, running_stack

pytestmark = [pytest.mark.acceptance, pytest.mark.xdist_group("load")]
ROWS = b"id,day\n1,2026-01-01\n2,2026-13-01\n"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("load")
    url = urlsplit(os.environ["DATABASE_URL"])
    server = psycopg2.connect(url.geturl())
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS acceptance_of_loads")
        cursor.execute("CREATE DATABASE acceptance_of_loads")
    loads = url._replace(path="/acceptance_of_loads")
    with psycopg2.connect(loads.geturl()) as target, target.cursor() as cursor:
        cursor.execute("CREATE TABLE public.orders (id int, day date)")
    target.close()
    plain = loads._replace(netloc=loads.netloc.replace(f":{url.password}@", "@")).geturl()
    targets = {
        "it": {"description": "It.", "url": plain, "password": {"$secret": "loader"}, "tables": ["public.*"]}
    }
    (folder / "targets.json").write_text(json.dumps(targets))
    settings = {
        "WORKERS": "1",
        "FLOWER": "0",
        "LOAD_TARGETS_FILE": str(folder / "targets.json"),
        "SECRETS": json.dumps({"loader": ["load_csv"]}),
        "SECRET_LOADER": str(url.password),
    }
    with running_stack(folder, **settings) as running:
        yield running
    with server.cursor() as cursor:
        cursor.execute("DROP DATABASE acceptance_of_loads WITH (FORCE)")
    server.close()


def test_a_file_is_loaded_and_its_bad_rows_come_back(stack: Stack, tmp_path: Path) -> None:
    uploaded = stack.http.post(
        "/files/", params={"name": "rows.csv"}, content=ROWS, headers={"Content-Type": "text/csv"}
    )
    assert uploaded.status_code == 201, uploaded.text
    arguments = {
        "file": {"$file": uploaded.json()["id"]},
        "target": "it",
        "table": "public.orders",
        "on_bad_row": "skip",
    }
    made = stack.http.post("/tasks/", json={"operation": "load_csv", "arguments": arguments})
    assert made.status_code == 202, made.text
    task = stack.http.get(f"/tasks/{made.json()['id']}/", params={"wait": 60}, timeout=70).json()
    assert task["status"] == "SUCCESS", task
    result = task["result"]
    assert (result["written"], result["skipped"]) == (1, 1)
    rejects = stack.http.get(f"/files/{result['rejects']['$file']}/content/")
    assert rejects.text.splitlines()[1].startswith('3,"day: date/time field value out of range')
