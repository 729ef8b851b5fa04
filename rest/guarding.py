"""What an endpoint asks of who calls it, and how it is refused, where whoever guards finds it.

Must import without DRF's views, which import whoever guards.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from rest.problems import Problem

PUBLIC = "public"
"""The scope of what everybody may do."""
ANY_ACTOR = "any"
"""The scope of what whoever is let in may do."""
PROJECT_HEADER = "Punctual-Project"
_FROZEN = ("tasks:", "schedules:", "files:")


def endpoint_of(view: Any, method: str) -> Any:
    """A method of a view as an `Endpoint`; None where there is no such method, or nobody marked it as one."""
    return getattr(getattr(view, method.lower(), None), "endpoint", None)


def scope_of(view: Any, method: str) -> str | None:
    """The scope of a method of a view; None where there is no such endpoint."""
    endpoint = endpoint_of(view, method)
    return None if endpoint is None else str(endpoint.scope)


def needs_thaw(scope: str) -> bool:
    """Whether what needs this scope changes what a frozen project keeps as it is."""
    return scope.startswith(_FROZEN) and not scope.endswith(":read")


class Unauthorized(Problem):
    """401: nobody knows who this is."""

    status = HTTPStatus.UNAUTHORIZED

    def __init__(self, detail: str | Exception) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class KeyRequired(Unauthorized):
    """401: no key came, and this service wants one."""

    code = "key_required"
    mending = (
        "Send a key as `Authorization: Bearer pct_...`, or as `X-Api-Key`. Whoever administers this service, or your "
        "project, makes one. Keys in addresses and cookies are not looked at."
    )
    sample = ()

    def __init__(
        self,
        detail: str = "this service wants a key: send it as Authorization: Bearer pct_..., or as X-Api-Key",
    ) -> None:
        super().__init__(detail)


class KeyInvalid(Unauthorized):
    """401: what came is no key of this service."""

    code = "key_invalid"
    mending = (
        "Compare it with the key that you were given: it begins with `pct_` and ends with a checksum, so that most "
        "mistakes in typing are told as that. If it was rotated, use the new text. Otherwise ask for a new key."
    )
    sample = ("this key is mistyped or not complete: its checksum does not fit",)


class KeyRevoked(Unauthorized):
    """401: the key was revoked."""

    code = "key_revoked"
    mending = "It never works again: ask whoever administers this service, or your project, for a new one."
    sample = ("9Zk3TqLw0bXa",)

    def __init__(self, key_id: str) -> None:
        super().__init__(f"the key pct_{key_id} was revoked")


class KeyExpired(Unauthorized):
    """401: the time of the key is over."""

    code = "key_expired"
    mending = (
        "Ask for a new one, or have its `expires_at` moved: `PATCH /keys/{id}/` can do that afterwards, too."
    )
    sample = ("9Zk3TqLw0bXa",)

    def __init__(self, key_id: str) -> None:
        super().__init__(f"the key pct_{key_id} has expired")


class ScopeMissing(Problem):
    """403: the key does not have the scope that this needs."""

    status = HTTPStatus.FORBIDDEN
    code = "scope_missing"
    mending = (
        "`required_scope` names it. `GET /access/` lists what your key has. Use another key, or have the scope added "
        "with `PATCH /keys/{id}/`."
    )
    sample = ("tasks:submit",)

    def __init__(self, scope: str) -> None:
        super().__init__(f"this needs the scope {scope}, which your key does not have", required_scope=scope)


class ProjectForbidden(Problem):
    """403: the key belongs to another project."""

    status = HTTPStatus.FORBIDDEN
    code = "project_forbidden"
    mending = (
        f"Leave the header `{PROJECT_HEADER}` out, or use a key of that project, or one of the installation."
    )
    sample = ()

    def __init__(self) -> None:
        super().__init__(f"your key belongs to one project: leave {PROJECT_HEADER} out, or name that one")


class ProjectFrozen(Problem):
    """409: the project is read-only."""

    status = HTTPStatus.CONFLICT
    code = "project_frozen"
    mending = "An administrator can set its `status` to `active` again with `PATCH /projects/{slug}/`."
    sample = ("acme",)

    def __init__(self, slug: str) -> None:
        super().__init__(
            f"the project {slug} is frozen, so its tasks, schedules and files cannot be changed through the API"
        )


class TooManyUnknownKeys(Problem):
    """429: somebody tries out keys."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too_many_unknown_keys"
    mending = (
        "Wait for `Retry-After` seconds. Keys that were in use before are let in meanwhile. Look for a program at this "
        "address that repeats requests with a wrong key."
    )
    sample = (7,)

    def __init__(self, seconds: int) -> None:
        super().__init__(
            "too many requests with unknown keys came from this address; try again later",
            headers={"Retry-After": str(seconds)},
        )


class RateLimited(Problem):
    """429: as many requests came as may."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "rate_limited"
    mending = (
        "Wait for `Retry-After` seconds, and spread requests: `RateLimit` says with each answer how many are left. "
        "`violated-policies` names the limits that were reached: of your key, of everybody in the project, or of "
        "everybody at your address. Batches cost less than their tasks one by one, and `?wait=` less than asking "
        "again. An administrator can change the `rate` of a key or of a project."
    )
    sample = (
        ["key"],
        "600 in 60 s with this key",
        7,
        {"RateLimit": '"key";r=0;t=7', "RateLimit-Policy": '"key";q=600;w=60'},
    )

    def __init__(self, policies: Sequence[str], said: str, seconds: int, headers: Mapping[str, str]) -> None:
        super().__init__(
            f"too many requests: at most {said}; try again in {seconds} s",
            headers={**headers, "Retry-After": str(seconds)},
            **{"violated-policies": list(policies)},
        )
