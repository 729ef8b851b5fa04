"""How fast `load_csv` is, and how much memory it takes. The baseline is a bare COPY of the same file."""

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import psycopg2

from misc.benchmarks.report import Goal, Row
from testing.servers import running_postgres

PACKAGES = ("psycopg2-binary",)
TABLE = (
    "CREATE TABLE public.{} (id bigint {}, day date NOT NULL, amount numeric(12,2), at timestamptz, "
    "customer text, paid boolean)"
)
SECONDS = Goal(15)
MEGABYTES = Goal(100)
TIMES = Goal(2.5, of_ratio=True)


def run(*, short: bool) -> Iterator[Row]:
    """The modes, each into a table that is made anew, besides a bare COPY."""
    rows, rounds = (2_000, 1) if short else (1_000_000, 3)
    with tempfile.TemporaryDirectory(prefix="punctual-loading-") as folder, running_postgres() as url:
        path = Path(folder) / "rows.csv"
        write_rows(path, rows)
        bare = median(_bare(url, path, "") for _ in range(rounds))
        with_key = median(_bare(url, path, "PRIMARY KEY") for _ in range(rounds))
        for mode, key, baseline in (
            ("append", "", bare),
            ("append", "PRIMARY KEY", with_key),
            ("upsert", "PRIMARY KEY", with_key),
        ):
            measured = [_loaded(url, path, mode, key) for _ in range(rounds)]
            seconds = median(each["seconds"] for each in measured)
            case = f"{mode}, {rows:,} rows" + (", with a primary key" if key else "")
            goal = TIMES if mode == "append" else None
            yield Row(f"{case}, beside a bare COPY", "s", seconds, baseline, goal)
            yield Row(case, "s", seconds, goal=SECONDS)
            yield Row(f"{case}: memory", "MB", max(each["megabytes"] for each in measured), goal=MEGABYTES)


def write_rows(path: Path, count: int) -> None:
    """A file of orders, the same in each run."""
    chance = random.Random(7)  # noqa: S311 (no secret)
    with path.open("w", encoding="utf-8") as file:
        file.write("id,day,amount,at,customer,paid\n")
        for number in range(count):
            day = f"2026-{1 + number % 12:02}-{1 + number % 28:02}"
            amount = f"{chance.randrange(10_000_000) / 100:.2f}"
            file.write(
                f"{number},{day},{amount},{day}T12:00:00Z,customer {chance.randrange(99_999)},{number % 2 == 0}\n"
            )


def _bare(url: str, path: Path, key: str) -> float:
    connection = _table(url, key)
    with connection, connection.cursor() as cursor, path.open("rb") as file:
        began = time.perf_counter()
        cursor.copy_expert("COPY public.orders FROM STDIN (FORMAT csv, HEADER)", file)
        connection.commit()
        seconds = time.perf_counter() - began
    connection.close()
    return seconds


def _loaded(url: str, path: Path, mode: str, key: str) -> dict[str, float]:
    _table(url, key).close()
    command = [sys.executable, "-m", "misc.benchmarks.loading_once", url, str(path), mode]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def _table(url: str, key: str) -> psycopg2.extensions.connection:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS public.orders")
        cursor.execute(TABLE.format("orders", key))
        cursor.execute("CHECKPOINT")
    connection.autocommit = False
    return connection
