"""Statements that choose rows and change them as a set. Where Postgres refuses one row, the others are changed."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from tasks_api.database import fetch_all
from tasks_api.isolation.duties import Duty
from tasks_api.isolation.refusals import apart, concerns_all

Rows = list[tuple[Any, ...]]


def among(column: str = "id", kind: str = "uuid") -> str:
    """The condition in a choice by which rows can be left out, and the choice be made among some alone."""
    some = f"(%(some)s::{kind}[] IS NULL OR {column} = ANY(%(some)s::{kind}[]))"
    return f"{column} <> ALL(%(left_out)s::{kind}[]) AND {some}"


@dataclass(frozen=True, slots=True)
class SetStatement:
    """`choice` finds what names the rows, and has `among` in it; `sql` is the whole, with the choice in it."""

    choice: str
    sql: str

    def run(self, parameters: dict[str, Any], duty: Duty | None = None) -> Rows:
        """What the statement returns. One that is part of a `duty` leaves out the rows that it cannot change."""
        if duty is None:
            return self._run(parameters)
        try:
            return self._run(parameters, left_out=duty.left_out())
        except Exception as error:
            if concerns_all(error):
                raise
        chosen = fetch_all(self.choice, {**parameters, "left_out": duty.left_out(), "some": None})
        parts = apart(lambda ids: self._run(parameters, some=ids), [row[0] for row in chosen], duty.refuse)
        return [row for part in parts for row in part]

    def _run(
        self,
        parameters: dict[str, Any],
        *,
        left_out: Sequence[Hashable] = (),
        some: Sequence[Hashable] | None = None,
    ) -> Rows:
        return fetch_all(self.sql, {**parameters, "left_out": list(left_out), "some": some})
