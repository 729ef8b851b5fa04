"""For views of one's own apps: to ask for a key with a scope, as the API does.

from access.own import actor_in, requires

@requires("tasks:read")
def page(request):
    tasks = Task.objects.filter(project_id=actor_in(request).project_id)
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from access.actor import Actor
from access.audit.refusals import note
from access.door import actor_of, admit, identify
from access.rates import limits
from access.scopes import Scope
from rest.guarding import ANY_ACTOR
from rest.problems import Problem, problem_response
from rest.views import FOR_WHO_ASKED, WHO_ASKS

View = Callable[..., HttpResponse]


def requires(scope: str = ANY_ACTOR) -> Callable[[View], View]:
    """For a plain view of Django: only for whoever has this scope, by default for whoever is let in.

    Others get 401 or 403, as from the API. While the service is open, everybody is let in. Raises ValueError for what
    is no scope, when it is imported.
    """
    known = _known(scope)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor, told = None, dict[str, str]()
            try:
                actor = _counted(request, told)
                admit(actor, known)
            except Problem as problem:
                note(problem, request, actor)
                return _with(told, problem_response(problem))
            request.actor = actor  # type: ignore[attr-defined]
            return _with(told, view(request, *args, **kwargs))

        return guarded

    return decorate


def _counted(request: HttpRequest, told: dict[str, str]) -> Actor:
    """Who a request is from; `told` gets the headers that tell of limits. Raises Unauthorized, RateLimited."""
    try:
        actor = identify(request)
    except Problem:
        told.update(limits.charge(request, None))
        raise
    told.update(limits.charge(request, actor))
    return actor


def _with(told: Mapping[str, str], answer: HttpResponse) -> HttpResponse:
    """No answer is for others than who asked."""
    for name, value in told.items():
        answer[name] = value
    answer.headers.setdefault("Cache-Control", FOR_WHO_ASKED)
    patch_vary_headers(answer, WHO_ASKS)
    return answer


def actor_in(request: HttpRequest) -> Actor:
    """Who a request is from, in a view with `requires`. `project_id` is the project whose rows it may see."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def has_scope(scope: str) -> type[BasePermission]:
    """For a view of Django REST framework: `permission_classes = [has_scope("tasks:read")]`.

    `request.user` is the actor. Raises ValueError for what is no scope.
    """
    known = _known(scope)

    class HasScope(BasePermission):
        """Whether the actor has it."""

        def has_permission(self, request: Request, view: Any) -> bool:  # noqa: ARG002 (DRF's signature)
            """True, or it raises."""
            admit(actor_of(request), known)
            return True

    return HasScope


def _known(scope: str) -> str:
    if scope == ANY_ACTOR:
        return scope
    try:
        return Scope(scope).value
    except ValueError:
        raise ValueError(f"{scope} is no scope; there are {', '.join(Scope)}") from None
