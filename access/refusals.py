"""Why somebody is not let in, or may not do something, as problems.

What every path may answer is in `rest.guarding`.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from access.actor import Actor
from access.policy import violations
from rest.guarding import PROJECT_HEADER, KeyInvalid, KeyRequired, ScopeMissing, Unauthorized
from rest.problems import FieldError, InvalidInput, Problem


def no_key_yet() -> KeyRequired:
    """No key came, and there is none; but others than this machine reach the service."""
    return KeyRequired(
        "this service wants a key, and there is none yet: its operator makes the first one with "
        "`manage.py keys create --role admin`, or a BOOTSTRAP_KEY_FILE"
    )


def unknown_key() -> KeyInvalid:
    """It is well-formed, and opens nothing. Whether there is one with its id is nobody's business."""
    return KeyInvalid("there is no such key, or it was rotated and its old text is no longer valid")


class LogInRequired(Unauthorized):
    """401: a page asks, and nobody has logged in there, or not lately."""

    code = "log_in_required"
    mending = "Log in at `/ui/login/`. Programs send a key to the API itself, at the same address without `/ui/api`."
    sample = ()

    def __init__(self) -> None:
        super().__init__("nobody has logged in in this browser, or the session is over: log in at /ui/login/")


class NetworkForbidden(Problem):
    """403: the key may not be used from there."""

    status = HTTPStatus.FORBIDDEN
    code = "network_forbidden"
    mending = (
        "Use it from one of its `networks`, or have them changed with `PATCH /keys/{id}/`. Behind a proxy, the "
        "operator must set `TRUST_PROXY=1`, or all requests come from the proxy."
    )
    sample = ()

    def __init__(self) -> None:
        super().__init__("this key may not be used from the address that the request comes from")


class ExceedsOwnKey(Problem):
    """403: a key would be made or changed to allow what the caller's own does not."""

    status = HTTPStatus.FORBIDDEN
    code = "exceeds_own_key"
    mending = (
        "Nobody can give more than they have. `errors` says what would be too much: ask for less, or use a key that "
        "may do it itself."
    )
    sample = ([FieldError(("role",), "exceeds_own", "must not have what your own key has not: keys:admin")],)

    def __init__(self, errors: list[FieldError]) -> None:
        detail = f"nobody can give more than they have: {errors[0].sentence}"
        super().__init__(detail, errors=[error.as_json() for error in errors])


class InstallationOnly(Problem):
    """403: this is for keys that belong to no project."""

    status = HTTPStatus.FORBIDDEN
    code = "installation_only"
    mending = "Use a key of the installation, which was made without a project."
    sample = ("this needs a key of the installation, which belongs to no project",)


class QuotaReached(Problem):
    """409: the project has as much as it may have."""

    status = HTTPStatus.CONFLICT
    code = "quota_reached"
    mending = (
        "`quota` names it, `limit` is what it allows, `used` what there is. `GET /projects/{slug}/usage/` shows all. "
        "Use less, wait, or have it raised by whoever administers the installation."
    )
    sample = ("schedules", 100, 100)

    def __init__(self, quota: str, limit: int, used: int) -> None:
        super().__init__(
            f"the project's quota {quota} is {limit}, of which {used} are used",
            quota=quota,
            limit=limit,
            used=used,
        )


class KeyRestricted(InvalidInput):
    """403: the key is held to something else."""

    status = HTTPStatus.FORBIDDEN
    code = "key_restricted"
    mending = (
        "`errors` says what the key allows instead. `GET /access/` lists what it is restricted to; another key, or "
        "`PATCH /keys/{id}/`, may allow more."
    )
    sample = ([FieldError(("priority",), "key_restricted", "must be at most 5 with your key, got 9")],)


def refuse_restricted(actor: Actor, operation: str, arguments: Mapping[str, Any], priority: int) -> None:
    """For whoever brings about a task, or a schedule of such tasks. Costs nothing without restrictions.

    Raises KeyRestricted.
    """
    restrictions = actor.restrictions
    if not restrictions.concern_tasks:
        return
    found = violations(restrictions, operation, arguments, priority)
    if errors := [FieldError(each.location, KeyRestricted.code, each.detail) for each in found]:
        raise KeyRestricted(errors)


def refuse_many(actor: Actor) -> None:
    """For what brings about tasks that nobody has looked at one by one. Raises KeyRestricted."""
    if actor.restrictions.concern_tasks:
        detail = "must be done one by one with your key, which is restricted to certain tasks"
        raise KeyRestricted([FieldError((), KeyRestricted.code, detail)])


def unknown_project(slug: str) -> InvalidInput:
    """400: there is no project of this name."""
    detail = f"must be the slug of a project, got {slug[:100]!r}; GET /projects/ lists them"
    return InvalidInput([FieldError((PROJECT_HEADER,), "unknown_project", detail, parameter=True)])


def require(actor: Actor, scope: str) -> None:
    """For what only turns out to need a scope. Raises ScopeMissing."""
    if not actor.may(scope):
        raise ScopeMissing(scope)
