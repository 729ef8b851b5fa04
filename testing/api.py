"""A thin client that speaks JSON with this service, in this process."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.test import Client

JSON = "application/json"
PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    @cached_property
    def json(self) -> Any:
        """The body, which must be JSON."""
        assert self.headers["Content-Type"] in (JSON, PROBLEM)
        return json.loads(self.content)

    def problem(self, status: int, code: str) -> dict[str, Any]:
        """The body, which must be this problem, complete in every member."""
        assert self.status == status, self.content
        assert self.headers["Content-Type"] == PROBLEM
        body: dict[str, Any] = self.json
        assert (body["status"], body["code"]) == (status, code), body
        assert all(body[member] for member in ("type", "title", "detail"))
        assert body["request_id"] == self.headers["X-Request-ID"]
        return body

    def errors(self, status: int = 400, code: str = "invalid_input") -> list[tuple[str, str, str]]:
        """The errors of bad input: where (a pointer or a parameter's name), code, detail. The problem names one."""
        problem = self.problem(status, code)
        errors = [error_of(error) for error in problem["errors"]]
        assert len(errors) > 1 or _last_name(errors[0][0]) in problem["detail"], problem
        return errors


def _last_name(where: str) -> str:
    return where.rpartition("/")[2] if where != "#" else ""


def error_of(error: Mapping[str, str]) -> tuple[str, str, str]:
    """An entry of `errors`: where, code, detail."""
    (where,) = (error[name] for name in ("pointer", "parameter") if name in error)
    assert set(error) - {"pointer", "parameter"} == {"code", "detail"}
    return where, error["code"], error["detail"]


class Api:
    """A caller of this service, with a key or without one."""

    def __init__(self, key: str | None = None) -> None:
        self._client = Client(raise_request_exception=False)
        self._own: dict[str, str] = {}
        if key is not None:
            self.use(key)

    def use(self, key: str) -> None:
        """Send this key from now on."""
        self._own = {"authorization": f"Bearer {key}"}

    def get(self, path: str, **headers: str) -> Answer:
        """GET; headers as `accept="text/html"`."""
        return self.send("GET", path, b"", JSON, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        """POST with a body in JSON."""
        return self.send("POST", path, json.dumps(body).encode(), JSON, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        """DELETE."""
        return self.send("DELETE", path, b"", JSON, **headers)

    def send(
        self, method: str, path: str, content: bytes = b"", content_type: str = JSON, **headers: str
    ) -> Answer:
        """Any request, byte by byte."""
        given = {name.replace("_", "-"): value for name, value in {**self._own, **headers}.items()}
        response = self._client.generic(method, path, content, content_type, headers=given)
        return Answer(response.status_code, response.headers, response.getvalue())
