"""Whether one part of the service works, asked from inside its container: `python misc/healthcheck.py ROLE`.

Ends with 0 or 1, and says why not. It loads neither Django nor Celery, as it runs over and over beside each part.
"""

import os
import queue
import socket
import sys
import threading
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path

TIMEOUT_SECONDS = 3

# What this container's process said of itself; its name is ROLE...@HOST or ROLE@HOST:PID. The same ten seconds as for
# the tasks of a node that is taken for dead.
ALIVE_SQL = """
SELECT EXISTS (SELECT FROM worker_node
                WHERE role = %s AND split_part(split_part(name, '@', 2), ':', 1) = %s
                  AND stopped_at IS NULL AND beat_at > clock_timestamp() - interval '10 s')
"""


def main() -> None:
    role = sys.argv[1]
    problem = in_time({"web": web_problem, "flower": flower_problem}.get(role, lambda: node_problem(role)))
    if problem:
        sys.exit(f"{role}: {problem}")


def in_time(ask: Callable[[], str]) -> str:
    """What `ask` finds wrong; a server that keeps silent, however it does so, is not waited for."""
    answers: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=lambda: answers.put(ask()), daemon=True).start()
    try:
        return answers.get(timeout=TIMEOUT_SECONDS + 1)
    except queue.Empty:
        return f"no answer within {TIMEOUT_SECONDS + 1} seconds"


def web_problem() -> str:
    return http_problem(os.environ.get("PORT") or "8000", "/health/live/")


def flower_problem() -> str:
    return http_problem(os.environ.get("FLOWER_PORT") or "5555", "/healthcheck")


def http_problem(port: str, path: str) -> str:
    try:
        connection = HTTPConnection("127.0.0.1", int(port), timeout=TIMEOUT_SECONDS)
        connection.request("GET", path)
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return f"no answer: {error}"
    return "" if status == 200 else f"{path} answered {status}"


def database_password() -> str | None:
    """What is in the file DATABASE_PASSWORD_FILE; None leaves the one in DATABASE_URL."""
    file = os.environ.get("DATABASE_PASSWORD_FILE")
    return Path(file).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r") if file else None


def node_problem(role: str) -> str:
    import psycopg2

    try:
        url, password = os.environ["DATABASE_URL"], database_password()
        connection = psycopg2.connect(url, password=password, connect_timeout=TIMEOUT_SECONDS)
        with connection.cursor() as cursor:
            cursor.execute(ALIVE_SQL, [role, socket.gethostname()])
            found = cursor.fetchone()
    except (psycopg2.Error, OSError) as error:
        return f"cannot ask the database: {error}".strip()
    return "" if found == (True,) else "has not said for ten seconds that it is alive"


if __name__ == "__main__":
    main()
