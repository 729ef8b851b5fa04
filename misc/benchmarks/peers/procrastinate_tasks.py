"""procrastinate: the queue is a table, and workers hear of new rows by LISTEN.

A worker is `procrastinate --app=misc.benchmarks.peers.procrastinate_tasks.app worker`.
"""

import os

from procrastinate import App, PsycopgConnector

app = App(connector=PsycopgConnector(conninfo=os.environ["DATABASE_URL"]))


@app.task(name="add")  # type: ignore[untyped-decorator] # it is not installed where types are checked
async def add(a: int, b: int) -> int:
    """Work. As a coroutine, which is what its worker runs without a thread."""
    return a + b
