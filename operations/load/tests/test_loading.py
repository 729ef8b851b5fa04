"""`load_csv` into a real database: modes, bad rows, once."""

from typing import Any
from uuid import uuid4

import pytest

from operations import OperationError
from operations.load.tests.warehouse import ORDERS, Warehouse

ROWS = "id,day,amount,note\n1,2026-01-01,1.50,a\n2,2026-01-02,,\n"


@pytest.fixture
def orders(warehouse: Warehouse) -> Warehouse:
    warehouse.run(ORDERS)
    return warehouse


def counts(result: dict[str, Any]) -> dict[str, int]:
    names = ("read", "written", "updated", "unchanged", "deleted", "skipped")
    return {name: result[name] for name in names if result[name]}


def ids(orders: Warehouse) -> list[int]:
    return [row[0] for row in orders.run("SELECT id FROM sales.orders ORDER BY id")]


def refusal(orders: Warehouse, content: str | bytes, **arguments: Any) -> OperationError:
    with pytest.raises(OperationError) as caught:
        orders.load(content, **arguments)
    return caught.value


def test_rows_come_into_the_table(orders: Warehouse) -> None:
    result = orders.load(ROWS)
    assert counts(result) == {"read": 2, "written": 2}
    assert result["bad"] == []
    assert result["rejects"] is None
    found = orders.run("SELECT id, day::text, amount::text, note FROM sales.orders ORDER BY id")
    assert found == [(1, "2026-01-01", "1.50", "a"), (2, "2026-01-02", None, None)]


def test_a_second_attempt_answers_the_result_of_the_first(orders: Warehouse) -> None:
    task = str(uuid4())
    first = orders.load(ROWS + "x,2026-01-03,1,a\n", task_id=task, on_bad_row="skip")
    again = orders.load(ROWS + "x,2026-01-03,1,a\n", task_id=task, on_bad_row="skip")
    assert again["repeated"]
    assert not first["repeated"]
    assert counts(again) == counts(first) == {"read": 3, "written": 2, "skipped": 1}
    assert orders.files.read(again["rejects"]) == orders.files.read(first["rejects"])
    assert again["bad"] == first["bad"]
    assert ids(orders) == [1, 2]


def test_replace_leaves_only_the_rows_of_the_file(orders: Warehouse) -> None:
    orders.load(ROWS)
    assert counts(orders.load("id,day\n7,2026-01-01\n", mode="replace")) == {
        "read": 1,
        "written": 1,
        "deleted": 2,
    }
    assert ids(orders) == [7]


def test_append_new_leaves_out_what_is_there(orders: Warehouse) -> None:
    orders.load(ROWS)
    result = orders.load("id,day\n2,2027-01-01\n3,2026-01-01\n3,2028-01-01\n", mode="append_new")
    assert counts(result) == {"read": 3, "written": 1, "unchanged": 2}
    assert orders.run("SELECT day::text FROM sales.orders WHERE id > 1 ORDER BY id") == [
        ("2026-01-02",),
        ("2026-01-01",),
    ]


def test_upsert_changes_what_differs(orders: Warehouse) -> None:
    orders.load(ROWS)
    result = orders.load(
        "id,day,note\n1,2026-01-01,a\n2,2027-01-02,b\n3,2026-01-03,c\n", mode="upsert", key=["id"]
    )
    assert counts(result) == {"read": 3, "written": 1, "updated": 1, "unchanged": 1}
    assert orders.run("SELECT amount::text FROM sales.orders WHERE id = 1") == [("1.50",)]


BAD = """id,day,amount,note
1,2026-01-01,1,a
x,2026-13-01,1,a
3,2026-01-01,99999999,a
4,,1,a
5,2026-01-01,1,abcdef
6,2026-01-01,1
7,2026-01-01,1,"a"b
8,2026-01-01,1,"two
lines",more
9,2026-01-01,1,z
1,2026-01-01,2,a
"""


def test_all_bad_rows_are_told_in_the_words_of_the_server(orders: Warehouse) -> None:
    result = orders.load(BAD, on_bad_row="skip")
    assert [(bad["line"], bad["column"], bad["reason"]) for bad in result["bad"]] == [
        (3, "day", 'date/time field value out of range: "2026-13-01"'),
        (3, "id", 'invalid input syntax for type integer: "x"'),
        (
            4,
            "amount",
            "numeric field overflow: A field with precision 8, scale 2 must round to an absolute value less than 10^6.",
        ),
        (5, "day", 'null value in column "day" violates not-null constraint'),
        (6, "note", "value too long for type character varying(5)"),
        (7, None, "has 3 cells, but must have 4"),
        (8, None, "',' expected after '\"'"),
        (9, None, "has 5 cells, but must have 4"),
        (12, "id", 'duplicate key value violates unique constraint "orders_pkey": the same as in line 2'),
    ]
    assert counts(result) == {"read": 10, "written": 2, "skipped": 8}
    assert ids(orders) == [1, 9]
    rejects = orders.files.read(result["rejects"]).decode().splitlines()
    assert rejects[0] == "line,reason,id,day,amount,note"
    assert rejects[4] == "6,note: value too long for type character varying(5),5,2026-01-01,1,abcdef"
    assert len(rejects) == 1 + 8 + 1  # one of them has two lines


def test_bad_rows_stop_a_load_and_all_that_it_would_have_done(orders: Warehouse) -> None:
    error = refusal(orders, BAD)
    assert (error.type, error.permanent) == ("bad_rows", True)
    assert error.message.startswith("8 of 10 rows do not fit, so nothing was loaded")
    assert ids(orders) == []
    assert orders.run("SELECT count(*) FROM punctual_load") == [(0,)]


def test_a_dry_run_tells_the_same_and_changes_nothing(orders: Warehouse) -> None:
    result = orders.load(BAD, dry_run=True)
    assert (counts(result), len(result["bad"])) == ({"read": 10, "written": 2, "skipped": 8}, 9)
    assert ids(orders) == []
    assert orders.run("SELECT to_regclass('punctual_load')") == [(None,)]


def test_rules_of_the_table_are_told_by_row(orders: Warehouse) -> None:
    orders.run("CREATE TABLE sales.days (day date PRIMARY KEY); INSERT INTO sales.days VALUES ('2026-01-01')")
    orders.run("ALTER TABLE sales.orders ADD CHECK (amount > 0), ADD UNIQUE (note)")
    orders.run("ALTER TABLE sales.orders ADD FOREIGN KEY (day) REFERENCES sales.days")
    orders.run("INSERT INTO sales.orders VALUES (1, '2026-01-01', 1, 'a')")
    content = (
        "id,day,amount,note\n1,2026-01-01,1,b\n2,2026-01-01,-1,c\n"
        "3,2026-01-05,1,d\n4,2026-01-01,1,a\n5,2026-01-01,1,e\n6,2026-01-01,,\n"
    )
    result = orders.load(content, on_bad_row="skip")
    assert [(bad["line"], bad["column"], bad["value"]) for bad in result["bad"]] == [
        (2, "id", "1"), (3, "amount", "-1.00"), (4, "day", "2026-01-05"), (5, "note", "a"),
    ]  # fmt: skip
    assert ids(orders) == [1, 5, 6]


TRIGGER = """
CREATE FUNCTION sales.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id % 10 = 3 THEN RAISE EXCEPTION 'we want no %', NEW.id; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse BEFORE INSERT ON sales.orders FOR EACH ROW EXECUTE FUNCTION sales.refuse()
"""


@pytest.mark.parametrize("mode", ["append", "upsert", "replace", "append_new"])
def test_what_only_the_server_knows_is_found_row_by_row(orders: Warehouse, mode: str) -> None:
    orders.run(TRIGGER)
    content = "id,day\n" + "".join(f"{number},2026-01-01\n" for number in range(100))
    result = orders.load(content, mode=mode, on_bad_row="skip")
    assert counts(result) == {"read": 100, "written": 90, "skipped": 10}
    assert result["bad"][1] == {"line": 15, "column": None, "value": None, "reason": "we want no 13"}


def test_deferred_rules_are_looked_at_in_time(orders: Warehouse) -> None:
    orders.run("ALTER TABLE sales.orders ADD UNIQUE (amount) DEFERRABLE INITIALLY DEFERRED")
    content = "id,day,amount\n1,2026-01-01,5\n2,2026-01-01,5\n"
    assert "line 3: amount: duplicate key" in refusal(orders, content).message
    assert counts(orders.load(content, on_bad_row="skip")) == {"read": 2, "written": 1, "skipped": 1}


def test_a_dry_run_proposes_a_table(orders: Warehouse) -> None:
    content = "id,price,ok,day,at,note\n1,1.5,true,2026-01-01,2026-01-01T00:00Z,x\n2,,f,2026-01-02,2026-01-01T00:00Z,\n"
    result = orders.load(content, table='sales.ne"w', dry_run=True)
    assert result["create_table"] == (
        'CREATE TABLE "sales"."ne""w" (\n    "id" bigint NOT NULL,\n    "price" numeric,\n    "ok" boolean NOT NULL,\n'
        '    "day" date NOT NULL,\n    "at" timestamp with time zone NOT NULL,\n    "note" text\n)'
    )
    assert refusal(orders, content, table='sales.ne"w').type == "no_such_table"
    orders.run(result["create_table"])
    assert counts(orders.load(content, table='sales.ne"w')) == {"read": 2, "written": 2}
