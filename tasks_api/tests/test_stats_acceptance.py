"""What ended on a real stack is told by its statistics."""

from datetime import UTC, datetime

import pytest

from testing.stack import Stack

pytestmark = pytest.mark.acceptance


def test_what_ends_is_counted_soon(stack: Stack) -> None:
    start = datetime.now(UTC).replace(second=0, microsecond=0).isoformat()
    query = {"from": start, "operation": "multiply"}
    before = stack.http.get("/stats/", params=query).json()["totals"]["count"]
    for _ in range(3):
        body = {"operation": "multiply", "arguments": {"x": 2, "y": 3}}
        task = stack.http.post("/tasks/", json=body).json()
        stack.http.get(f"/tasks/{task['id']}/", params={"wait": 60}, timeout=70)

    def counted() -> bool:
        totals = stack.http.get("/stats/", params=query).json()["totals"]
        return bool(totals["success"] == totals["running_seconds"]["count"] == before + 3)

    stack.wait_until(counted)
    assert stack.http.get("/stats/").json()["now"]["slots"]["workers"] >= 1
