"""Requests that nobody sends by mistake: whatever comes, the answer is no 5xx, and the service is well afterwards.

    python -m misc.contract.hostile          100,000 of them to a stack of their own; REQUESTS and SEED change that

Schemathesis makes what the document speaks of, right or wrong. These are well-formed HTTP and hostile in all else:
addresses, headers, bodies that are no JSON or too much of it, values at the edges, keys that are none or may do little.
"""

import json
import os
import random
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import quote

from misc.contract.hostile_values import BODIES, HEADER_TEXTS, TEXTS, VALUES
from misc.contract.run import lock
from testing.stack import Stack, running_stack

REQUESTS = 100_000
CLIENTS = 4
TIMEOUT_SECONDS = 60
SERVER_ERRORS = 500
HEADERS = (
    "Accept",
    "Authorization",
    "Content-Type",
    "Forwarded",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Last-Event-ID",
    "Origin",
    "Punctual-Project",
    "X-Api-Key",
    "X-Forwarded-For",
    "X-HTTP-Method-Override",
    "X-Request-ID",
)
STREAMS = ("/tasks/{task_id}/events/",)
"""Nobody has to follow a task that is there, or this takes minutes. Nor is it deleted, so that it stays there."""
TASK = {"operation": "4+7"}
SCHEDULE = {"operation": "4+7", "cron": "@daily"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")


@dataclass(frozen=True, slots=True)
class Call:
    """A method of a path of the document, and examples of its body."""

    method: str
    path: str
    bodies: tuple[Any, ...] = ()
    query: tuple[str, ...] = ()


@dataclass
class Found:
    """What came of some requests: how many of each status, and those that are failures, as they were sent."""

    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def calls_of(document: dict[str, Any]) -> list[Call]:
    """What the OpenAPI document speaks of."""
    return [
        Call(
            method.upper(),
            path,
            bodies=_examples(said),
            query=tuple(each["name"] for each in said.get("parameters", ()) if each.get("in") == "query"),
        )
        for path, methods in document["paths"].items()
        for method, said in methods.items()
        if method != "parameters"
    ]


def _examples(said: dict[str, Any]) -> tuple[Any, ...]:
    content = said.get("requestBody", {}).get("content", {}).get("application/json", {})
    return tuple(each["value"] for each in content.get("examples", {}).values())


class Attacker:
    """Makes and sends requests, the same ones for the same seed."""

    def __init__(
        self,
        address: tuple[str, int],
        calls: list[Call],
        keys: list[str],
        ids: Mapping[str, str],
        seed: int,
    ) -> None:
        self._address, self._calls, self._keys, self._ids = address, calls, keys, ids
        self._random = random.Random(seed)  # noqa: S311 (the same requests again)
        self._connection: socket.socket | None = None

    def attack(self, requests: int) -> Found:
        """Send so many."""
        found = Found()
        for _ in range(requests):
            method, request = self._request()
            try:
                status = self._send(method, request)
            except (OSError, HTTPException) as error:
                self._hang_up()
                found.failures.append(f"{error!r}: {request[:2000]!r}")
                continue
            found.statuses[status] += 1
            if status >= SERVER_ERRORS:
                found.failures.append(f"{status}: {request[:2000]!r}")
        self._hang_up()
        return found

    def _request(self) -> tuple[str, bytes]:
        call = self._random.choice(self._calls)
        method = call.method if self._random.random() < 0.9 else self._random.choice(METHODS)
        body = self._body(call) if self._random.random() < 0.95 and method != "TRACE" else b""
        headers = {"Host": "127.0.0.1", "Content-Type": "application/json"}
        if self._random.random() < 0.9:
            headers["Authorization"] = f"Bearer {self._random.choice(self._keys)}"
        for name in self._random.sample(HEADERS, self._random.choice((0, 0, 0, 1, 2))):
            headers[name] = self._random.choice(HEADER_TEXTS)
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        line = f"{method} {self._target(call)} HTTP/1.1\r\n"
        return method, f"{line}{head}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body

    def _target(self, call: Call) -> str:
        spared = call.path in STREAMS or call.method == "DELETE"
        known = {} if spared or self._random.random() < 0.4 else self._ids
        parts = [
            known.get(part) or self._text() if part.startswith("{") else part for part in call.path.split("/")
        ]
        names = [
            *self._random.sample(call.query, min(len(call.query), self._random.choice((0, 0, 1, 3)))),
            "x",
        ]
        asked = "&".join(
            f"{name}={self._text()}" for name in names[: -1 if self._random.random() < 0.9 else None]
        )
        return "/".join(parts) + (f"?{asked}" if asked else "")

    def _text(self) -> str:
        text = self._random.choice(TEXTS)
        return text if text.startswith("%") else quote(text.encode("utf-8", "surrogatepass"), safe="")

    def _body(self, call: Call) -> bytes:
        if not call.bodies or self._random.random() < 0.2:
            return self._random.choice(BODIES)
        body = self._random.choice(call.bodies)
        for _ in range(self._random.choice((0, 1, 1, 2, 4))):
            body = self._changed(body)
        written = json.dumps(body, ensure_ascii=self._random.random() < 0.5)
        text = written.encode("utf-8", "surrogatepass")
        return text if self._random.random() < 0.95 else text[: self._random.randrange(len(text))]

    def _changed(self, value: Any) -> Any:
        """The value with something in it, or all of it, replaced."""
        if isinstance(value, dict) and value and self._random.random() < 0.9:
            name = self._random.choice([*value, self._random.choice(TEXTS)])
            return {**value, name: self._changed(value.get(name))}
        if isinstance(value, list) and value and self._random.random() < 0.7:
            index = self._random.randrange(len(value))
            return [*value[:index], self._changed(value[index]), *value[index + 1 :]]
        return self._random.choice(VALUES)

    def _send(self, method: str, request: bytes) -> int:
        if self._connection is None:
            self._connection = socket.create_connection(self._address, TIMEOUT_SECONDS)
        sent = False
        with suppress(BrokenPipeError, ConnectionResetError):
            # Who is refused early is answered, and need not be listened to.
            self._connection.sendall(request)
            sent = True
        answer = HTTPResponse(self._connection, method=method)
        answer.begin()
        answer.read()
        if answer.will_close or not sent:
            self._hang_up()
        return answer.status

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def attack(stack: Stack, requests: int, seed: int) -> Found:
    """Attack a whole stack from several sides. Its own key is among those that are used."""
    calls = calls_of(stack.http.get("/openapi.json").json())
    admin = lock(stack)
    may_do_all = {"Authorization": f"Bearer {admin}"}
    made = [
        stack.http.post("/keys/", json={"name": role, "role": role, **more}, headers=may_do_all)
        for role, more in (
            ("viewer", {}),
            ("submitter", {"max_priority": 3}),
            ("developer", {"project": "default"}),
        )
    ]
    keys = [admin, *(answer.raise_for_status().json()["key"] for answer in made), "pct_none", f"{admin}x"]
    ids = {
        "{task_id}": stack.http.post("/tasks/", json=TASK, headers=may_do_all).json()["id"],
        "{schedule_id}": stack.http.post("/task-schedules/", json=SCHEDULE, headers=may_do_all).json()["id"],
    }
    host, port = stack.url.removeprefix("http://").split(":")
    attackers = [Attacker((host, int(port)), calls, keys, ids, seed + number) for number in range(CLIENTS)]
    total = Found()
    with ThreadPoolExecutor(CLIENTS) as pool:
        for found in pool.map(lambda attacker: attacker.attack(requests // CLIENTS), attackers):
            total.statuses += found.statuses
            total.failures += found.failures
    if (health := stack.http.get("/health/ready/")).json()["status"] != "ok":
        total.failures.append(f"not well afterwards: {health.text}")
    return total


def main() -> int:
    """The exit code: 0 if nothing was found."""
    requests, seed = int(os.environ.get("REQUESTS", REQUESTS)), int(os.environ.get("SEED", "1"))
    with tempfile.TemporaryDirectory(prefix="punctual-hostile-") as folder:
        (place := Path(folder) / "data").mkdir()
        with running_stack(place) as stack:
            found = attack(stack, requests, seed)
    print(*found.failures[:50], sep="\n")
    by_status = ", ".join(f"{status}: {count:,}" for status, count in sorted(found.statuses.items()))
    print(f"{found.statuses.total():,} answers ({by_status}), {len(found.failures):,} failures")
    return int(bool(found.failures))


if __name__ == "__main__":
    sys.exit(main())
