"""Whether this service is well, part by part."""

from datetime import UTC, datetime
from typing import Any

from django.db import Error, connection

from rest.json import instant_text
from tasks_api.broker import Broker, BrokerAway
from tasks_api.models import SERVICE_ROLES
from tasks_api.nodes import presence

OK, AWAY, DEGRADED = "ok", "away", "degraded"


def readiness() -> tuple[bool, str, dict[str, Any]]:
    """Whether requests can be taken (the database answers), how all is, and the state of each part, since when."""
    roles = _roles()
    parts = {"database": _seen("database", roles is not None), "broker": _seen("broker", _broker_answers())}
    for role in SERVICE_ROLES:
        present = (roles or {}).get(role)
        parts[role.value] = _part(
            bool(present and present.alive), present and present.since, present and present.alive
        )
    well = all(part["status"] == OK for part in parts.values())
    return roles is not None, OK if well else DEGRADED, parts


_last_seen: dict[str, tuple[bool, datetime]] = {}


def _seen(name: str, well: bool) -> dict[str, Any]:
    """A part that cannot tell of itself: since when this process has seen it so."""
    if name not in _last_seen or _last_seen[name][0] is not well:
        _last_seen[name] = (well, datetime.now(UTC))
    return _part(well, _last_seen[name][1])


def _part(well: bool, since: datetime | None = None, count: int | None = None) -> dict[str, Any]:
    part: dict[str, Any] = {"status": OK if well else AWAY, "since": instant_text(since)}
    return part if count is None else {**part, "count": count}


def _roles() -> Any:
    try:
        return presence()
    except Error:
        connection.close()
        return None


def _broker_answers() -> bool:
    broker = Broker()
    try:
        broker.waiting()
    except BrokerAway:
        return False
    finally:
        broker.close()
    return True
