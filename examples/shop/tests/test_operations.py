import pytest

from operations import InvalidArguments, OperationError
from operations.testing import run


def test_a_discount() -> None:
    ran = run("shop.total", {"prices": [1999, 500], "discount_percent": 10})
    assert ran.result == 2249
    assert ran.progress == [(50, "2 articles")]


def test_an_empty_order() -> None:
    with pytest.raises(OperationError, match="nothing was ordered"):
        run("shop.total", {"prices": []})


def test_a_price_that_is_none() -> None:
    with pytest.raises(InvalidArguments, match=r"prices\.1 must be a whole number"):
        run("shop.total", {"prices": [1999, "5.00"]})
