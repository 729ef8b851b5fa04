"""Whether this service is well, part by part. Answered within a second, whatever hangs."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import Error, connection

from rest.json import instant_text
from tasks_api.broker.connection import Broker
from tasks_api.health.broker_probe import session_for
from tasks_api.health.probes import Away, Finding, Probe
from tasks_api.models import SERVICE_ROLES, Role
from tasks_api.node.heartbeat import Presence, presence

OK, AWAY, DEGRADED = "ok", "away", "degraded"

Roles = Mapping[Role, Presence]


class Health:
    """What this process knows of the servers that all depends on."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Know nothing, as a forked child must: none of the threads that ask live on in it."""
        self._database = Probe("database", _database)
        self._broker = Probe("broker", session_for(Broker.waiting))

    def readiness(self) -> tuple[bool, str, dict[str, Any]]:
        """Whether requests can be taken (the database answers), how all is, and the state of each part, since when."""
        for probe in (self._database, self._broker):
            probe.ask()
        database, broker = self._database.finding(), self._broker.finding()
        parts = {"database": _server(database), "broker": _server(broker), **_roles(database.answer)}
        well = all(part["status"] == OK for part in parts.values())
        return database.answer is not None, OK if well else DEGRADED, parts

    def broker_away(self) -> str:
        """Why the broker is away; empty where it is there."""
        self._broker.ask()
        return self._broker.finding().reason


def _server(finding: Finding[Any]) -> dict[str, Any]:
    part = _part(finding.answer is not None, finding.since)
    part["checked_at"] = instant_text(finding.checked_at)
    return part if finding.answer is not None else {**part, "reason": finding.reason}


def _roles(roles: Roles | None) -> dict[str, dict[str, Any]]:
    found = {role: (roles or {}).get(role, Presence(0, None)) for role in SERVICE_ROLES}
    return {role.value: _processes(present) for role, present in found.items()}


def _processes(present: Presence) -> dict[str, Any]:
    """What is alive may fail all the same: then it says what, and since when."""
    part = {**_part(present.alive > 0, present.since), "count": present.alive}
    if present.failure is None:
        return part
    since = instant_text(present.failing_since)
    return {**part, "status": DEGRADED, "since": since, "reason": present.failure}


def _part(well: bool, since: datetime | None) -> dict[str, Any]:
    return {"status": OK if well else AWAY, "since": instant_text(since)}


@contextmanager
def _database() -> Iterator[Callable[[], Roles]]:
    def ask() -> Roles:
        connection.close_if_unusable_or_obsolete()  # it may have died since the last question
        try:
            return presence()
        except Error as error:
            connection.close()
            raise Away(error) from error

    try:
        yield ask
    finally:
        connection.close()


health = Health()
os.register_at_fork(after_in_child=health.reset)
