"""What an actor may do, as `resource:verb`, and the roles that are sets of that. Pure."""

from collections.abc import Mapping
from enum import StrEnum


class Scope(StrEnum):
    """One thing that a key may be allowed. Each endpoint states the one that it needs."""

    TASKS_READ = "tasks:read"
    TASKS_SUBMIT = "tasks:submit"
    TASKS_CANCEL = "tasks:cancel"
    TASKS_RETRY = "tasks:retry"
    TASKS_EDIT = "tasks:edit"
    TASKS_DELETE = "tasks:delete"
    SCHEDULES_READ = "schedules:read"
    SCHEDULES_WRITE = "schedules:write"
    SCHEDULES_PAUSE = "schedules:pause"
    SCHEDULES_TRIGGER = "schedules:trigger"
    SCHEDULES_BACKFILL = "schedules:backfill"
    FILES_READ = "files:read"
    FILES_WRITE = "files:write"
    PAYLOADS_READ = "payloads:read"
    STATS_READ = "stats:read"
    WORKERS_READ = "workers:read"
    WORKERS_DRAIN = "workers:drain"
    CHECKS_READ = "checks:read"
    AUDIT_READ = "audit:read"
    KEYS_ADMIN = "keys:admin"
    PROJECTS_ADMIN = "projects:admin"
    PEOPLE_ADMIN = "people:admin"


class Role(StrEnum):
    """A usual set of scopes."""

    VIEWER = "viewer"
    SUBMITTER = "submitter"
    OPERATOR = "operator"
    DEVELOPER = "developer"
    ADMIN = "admin"


ALL_SCOPES: frozenset[str] = frozenset(scope.value for scope in Scope)

_VIEWER = {Scope.TASKS_READ, Scope.SCHEDULES_READ, Scope.STATS_READ, Scope.WORKERS_READ}
_OPERATOR = _VIEWER | {
    Scope.TASKS_CANCEL,
    Scope.TASKS_RETRY,
    Scope.TASKS_EDIT,
    Scope.SCHEDULES_PAUSE,
    Scope.SCHEDULES_TRIGGER,
    Scope.SCHEDULES_BACKFILL,
    Scope.WORKERS_DRAIN,
    Scope.CHECKS_READ,
}
_DEVELOPER = _OPERATOR | {
    Scope.TASKS_SUBMIT,
    Scope.TASKS_DELETE,
    Scope.SCHEDULES_WRITE,
    Scope.FILES_READ,
    Scope.FILES_WRITE,
    Scope.PAYLOADS_READ,
}
SCOPES_OF_ROLES: Mapping[str, frozenset[str]] = {
    Role.VIEWER.value: frozenset(scope.value for scope in _VIEWER),
    Role.SUBMITTER.value: frozenset(
        {Scope.TASKS_READ.value, Scope.TASKS_SUBMIT.value, Scope.FILES_WRITE.value}
    ),
    Role.OPERATOR.value: frozenset(scope.value for scope in _OPERATOR),
    Role.DEVELOPER.value: frozenset(scope.value for scope in _DEVELOPER),
    Role.ADMIN.value: ALL_SCOPES,
}
