"""What tasks can do for the shop."""

from typing import Annotated

from pydantic import Field

from operations import Context, Example, OperationError, operation

Price = Annotated[int, Field(ge=0, le=10_000_000)]


@operation(
    name="shop.total",
    idempotent=True,
    timeout_seconds=10,
    examples=[Example({"prices": [1999, 500], "discount_percent": 10}, 2249)],
    errors={"nothing_ordered": "The order is empty. Permanent."},
)
def total(
    prices: Annotated[list[Price], Field(max_length=1_000, description="Of each article, in cents.")],
    context: Context,
    discount_percent: Annotated[int, Field(ge=0, le=100, description="What is taken off.")] = 0,
) -> int:
    """Compute what an order costs, in cents, rounded down."""
    if not prices:
        raise OperationError("nothing was ordered", type="nothing_ordered", permanent=True)
    context.progress(50, f"{len(prices)} articles")
    return sum(prices) * (100 - discount_percent) // 100
