"""`query_to_csv` from a real database: typed parameters, and nothing but reading."""

from typing import Any

import pytest

from operations import InvalidArguments, OperationError
from operations.load.tests.warehouse import ORDERS, Warehouse

DAY = "2026-01-01"


@pytest.fixture
def orders(warehouse: Warehouse) -> Warehouse:
    warehouse.run(ORDERS)
    warehouse.run("INSERT INTO sales.orders VALUES (1, '2026-01-01', 1, 'a,b'), (2, '2026-01-02', 2, 'c')")
    return warehouse


def asked(orders: Warehouse, query: str, **parameters: Any) -> Any:
    return orders.operate("query_to_csv", {"query": query, "parameters": parameters}).result


def test_the_rows_of_a_query_are_a_file(orders: Warehouse) -> None:
    result = asked(orders, "orders_of", day=DAY, note="a")
    assert result["rows"] == 1
    assert orders.files.read(result["file"]) == b'id,day,amount,note\n1,2026-01-01,1.00,"a,b"\n'


@pytest.mark.parametrize("text", ["' OR true --", "{day}", "%s", "'; DROP TABLE sales.orders; --", "\\'"])
def test_a_parameter_is_a_value_whatever_it_holds(orders: Warehouse, text: str) -> None:
    assert asked(orders, "orders_of", day=DAY, note=text)["rows"] == 0
    assert orders.run("SELECT count(*) FROM sales.orders") == [(2,)]


@pytest.mark.parametrize(
    ("query", "parameters", "place"),
    [
        ("orders_of", {"day": "2026-13-01", "note": ""}, ("parameters", "day")),
        ("orders_of", {"day": DAY}, ("parameters", "note")),
        ("orders_of", {"day": DAY, "note": "", "more": 1}, ("parameters", "more")),
        ("ticks", {"most": -1}, ("parameters", "most")),
        ("ticks", {"most": "1"}, ("parameters", "most")),
        ("DELETE FROM sales.orders", {}, ("query",)),
    ],
)
def test_what_a_query_does_not_take_is_refused(
    orders: Warehouse, query: str, parameters: dict[str, Any], place: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidArguments) as caught:
        asked(orders, query, **parameters)
    assert [error.path for error in caught.value.errors] == [place]


def test_a_query_cannot_write(orders: Warehouse) -> None:
    with pytest.raises(OperationError, match="read-only transaction") as caught:
        asked(orders, "remove")
    assert caught.value.type == "target_refused"


def test_many_rows_are_streamed(orders: Warehouse) -> None:
    result = asked(orders, "ticks", most=300_000)
    assert result["rows"] == 300_000
    lines = orders.files.read(result["file"]).split()
    assert (len(lines), lines[-1]) == (300_001, b"300000")
