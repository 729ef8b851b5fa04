"""`/ui/keys/`: who else than people may come in, and with what."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from access.actions import keys
from access.actions.projects import visible
from access.actor import ActorKind
from access.api import key_forms as forms
from access.api.numbered import numbered_page
from access.api.refusals import KeyView
from access.models import Key
from access.scopes import SCOPES_OF_ROLES, Role, Scope
from dashboard.keys.sent import (
    BY_SCOPES,
    FIELDS,
    KEEP,
    LIFETIMES,
    RESTRICTIONS,
    body_of,
    changes_of,
    texts_of,
)
from dashboard.shell.moments import moment
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import Call, render, see
from dashboard.shell.sent import WrongForm, sending
from rest.input import read_query

MOST_PROJECTS = 200
OVERLAPS = {"0": "at once", "3600": "in an hour", "86400": "in a day", "604800": "in a week"}
USUAL_DAYS = "365"


def _shown(key: Key) -> dict[str, Any]:
    told = forms.represent(key)
    times = {name: moment(told[name]) for name in told if name.endswith(("_at", "_until"))}
    held = {name: told[name] for name in RESTRICTIONS if told[name] not in (None, {})}
    return {**told, **times, "held": held, "target": f"key:{key.public_id}"}


@page(Scope.KEYS_ADMIN, section="keys", refusals=KeyView.refusals)
def keys_page(request: PageRequest) -> HttpResponse:
    """`/ui/keys/`: newest first."""
    query = read_query(forms.KeyListQuery, request.GET)
    rows = keys.visible(request.actor)
    if query.project is not None:
        rows = rows.filter(project__slug=query.project)
    found = numbered_page(Request(request), rows, _shown, query).data
    return render(request, "dashboard/keys/list.html", {"found": found}, call=Call("/keys/"))


@page(Scope.KEYS_ADMIN, section="keys", post=Scope.KEYS_ADMIN, refusals=KeyView.refusals)
def new_key(request: PageRequest) -> HttpResponse:
    """`/ui/keys/new/`: its text is on the page that follows, and nowhere else."""
    if request.method != "POST":
        return _form(request)
    try:
        body = body_of(request.POST)
        made = sending(
            lambda: keys.create(request.actor, forms.new_key_of(request.actor, body)),
            KeyView.refusals,
            FIELDS,
        )
    except WrongForm as wrong:
        return _form(request, wrong)
    return _made(request, forms.represent_with_text(made))


def _form(request: PageRequest, wrong: WrongForm | None = None) -> HttpResponse:
    actor = request.actor
    context = {
        **_choices(request),
        "lifetimes": LIFETIMES.items(),
        "usual_days": USUAL_DAYS,
        "all_projects": [] if actor.is_bound else list(visible(actor).order_by("slug")[:MOST_PROJECTS]),
        "is_first": actor.kind == ActorKind.NOBODY,
        "errors": {} if wrong is None else wrong.errors,
        "given": request.POST,
        "chosen": request.POST.getlist("scopes"),
    }
    status = HTTPStatus.OK if wrong is None else HTTPStatus.UNPROCESSABLE_ENTITY
    call = Call("/keys/", method="POST", body={"name": "nightly build", "role": "submitter"})
    return render(request, "dashboard/keys/new.html", context, status=status, call=call)


def _choices(request: PageRequest) -> dict[str, Any]:
    return {
        "roles": [(role.value, ", ".join(sorted(SCOPES_OF_ROLES[role]))) for role in Role],
        "by_scopes": BY_SCOPES,
        "scopes": sorted(request.actor.scopes),
    }


def _made(request: PageRequest, key: dict[str, Any]) -> HttpResponse:
    return render(request, "dashboard/keys/made.html", {"key": key}, status=HTTPStatus.CREATED)


@page(Scope.KEYS_ADMIN, section="keys", refusals=KeyView.refusals)
def key_page(request: PageRequest, key_id: str) -> HttpResponse:
    """`/ui/keys/{id}/`."""
    key = _shown(keys.find(request.actor, key_id))
    context = {"key": key, "overlaps": OVERLAPS.items()}
    return render(request, "dashboard/keys/key.html", context, call=Call(f"/keys/{key_id}/"))


@page(Scope.KEYS_ADMIN, section="keys", post=Scope.KEYS_ADMIN, refusals=KeyView.refusals)
def edit_key(request: PageRequest, key_id: str) -> HttpResponse:
    """`/ui/keys/{id}/edit/`: what it may do, and to what it is held."""
    if request.method != "POST":
        return _editor(request, key_id)
    try:
        body = changes_of(request.POST)
        changed = sending(
            lambda: keys.change(request.actor, key_id, forms.changes_of(body)), KeyView.refusals, FIELDS
        )
    except WrongForm as wrong:
        return _editor(request, key_id, wrong)
    return see(request, f"keys/{key_id}/", f"{changed.name} is changed.")


def _editor(request: PageRequest, key_id: str, wrong: WrongForm | None = None) -> HttpResponse:
    key = forms.represent(keys.find(request.actor, key_id))
    given = request.POST if wrong is not None else texts_of(key)
    context = {
        **_choices(request),
        "key": key,
        "lifetimes": [(KEEP, "as it does now"), *LIFETIMES.items()],
        "given": given,
        "chosen": request.POST.getlist("scopes")
        if wrong is not None
        else []
        if key["role"]
        else key["scopes"],
        "errors": {} if wrong is None else wrong.errors,
    }
    status = HTTPStatus.OK if wrong is None else HTTPStatus.UNPROCESSABLE_ENTITY
    call = Call(f"/keys/{key_id}/", method="PATCH", body={"role": "viewer", "max_priority": 5})
    return render(request, "dashboard/keys/edit.html", context, status=status, call=call)


@page(Scope.KEYS_ADMIN, section="keys", post=Scope.KEYS_ADMIN, refusals=KeyView.refusals)
def rotate_key(request: PageRequest, key_id: str) -> HttpResponse:
    """`/ui/keys/{id}/rotate/`: a new text; the old one works a while longer."""
    if request.method != "POST":
        return see(request, f"keys/{key_id}/")
    given = request.POST.get("overlap_seconds", "")
    overlap = int(given) if given in OVERLAPS else None
    form = forms.RotateBody(overlap_seconds=overlap)
    return _made(request, forms.represent_with_text(keys.rotate(request.actor, key_id, form.overlap)))


@page(Scope.KEYS_ADMIN, section="keys", post=Scope.KEYS_ADMIN, refusals=KeyView.refusals)
def revoke_key(request: PageRequest, key_id: str) -> HttpResponse:
    """`/ui/keys/{id}/revoke/`: for good."""
    if request.method != "POST":
        return see(request, f"keys/{key_id}/")
    key = keys.revoke(request.actor, key_id)
    return see(request, "keys/", f"{key.name} is revoked.")
