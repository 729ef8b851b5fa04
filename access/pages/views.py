"""Logging in, logging out, and another password."""

import logging
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from access.actions import people
from access.actor import Actor, ActorKind
from access.audit.events import Action, target
from access.audit.recording import INSTALLATION, record
from access.audit.refusals import tally
from access.models import Person
from access.pages.forms import WRONG, LogInForm, PasswordForm
from access.pages.page import NEXT, own_path, page, public_page, visitor_in
from access.people import attempts, passwords, sessions
from access.people.names import alike
from log_lines import event
from rest.places import address_of, ip_of

NOT_YOURS = "This is not your password."
DIFFERENT = "These are two different passwords."

logger = logging.getLogger(__name__)


class _Refused(Exception):
    """Somebody is not let in, or only later."""

    def __init__(self, detail: str, seconds: int | None = None) -> None:
        super().__init__(detail)
        self.status = HTTPStatus.UNPROCESSABLE_ENTITY if seconds is None else HTTPStatus.TOO_MANY_REQUESTS
        self.headers = {} if seconds is None else {"Retry-After": str(seconds)}


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def log_in(request: HttpRequest) -> HttpResponse:
    """`/ui/login/`."""
    next_path = own_path(request.POST.get(NEXT) or request.GET.get(NEXT) or sessions.PATH)
    if request.method != "POST":
        if sessions.visitor_of(request) is not None:
            return _see(next_path)
        return _page(request, "login", LogInForm(), next=next_path)
    form = LogInForm(request.POST)
    if not form.is_valid():
        return _page(request, "login", form, _Refused(""), next=next_path)
    response = _see(next_path)
    try:
        _log_in(request, response, alike(form.cleaned_data["name"]), form.cleaned_data["password"])
    except _Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, "login", form, refused, next=next_path)
    return response


def _log_in(request: HttpRequest, response: HttpResponse, name: str, password: str) -> None:
    """What is told of others is the same whether there is such a name. Raises _Refused."""
    address = address_of(request.META, behind_proxy=settings.ENVIRONMENT.TRUST_PROXY)
    person = Person.objects.filter(name=name).first()
    try:
        attempts.take(name, address, sessions.browser_of(request, person))
        person = passwords.checked(person, password)
        with transaction.atomic():
            sessions.begin(request, response, person)
            actor, on = _as_actor(request, person), target("person", person.pk)
            record(actor, Action.PERSON_LOG_IN, on, project_id=INSTALLATION)
    except attempts.TooManyAttempts as error:
        _tell_of_refusal(address, "too_many_attempts", str(error))
        raise _Refused(str(error), error.seconds) from None
    except (passwords.WrongPassword, sessions.HasChanged):
        _tell_of_refusal(address, "wrong_password", WRONG)
        raise _Refused(WRONG) from None
    logger.info("%s logged in", person, extra=event("person.logged_in", person_id=person.pk, address=address))


def _tell_of_refusal(address: str | None, code: str, reason: str) -> None:
    """From where, but no name: it may be a password that was typed into the wrong field."""
    tally.add(Actor(ActorKind.NOBODY, address=address), code)
    told = event("person.log_in_refused", address=address, reason=reason)
    logger.warning("somebody at %s could not log in: %s", address, reason, extra=told)


@require_POST
@public_page
def log_out(request: HttpRequest) -> HttpResponse:
    """`/ui/logout/`."""
    response = _see(sessions.LOG_IN_PATH)
    sessions.end(request, response)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@page()
def password(request: HttpRequest) -> HttpResponse:
    """`/ui/password/`: another one; whoever else is logged in under this name is so no more."""
    if request.method != "POST":
        return _page(request, "password", PasswordForm())
    form, visitor = PasswordForm(request.POST), visitor_in(request)
    refused = _Refused("")
    try:
        if form.is_valid():
            _change_password(request, form, visitor)
    except attempts.TooManyAttempts as error:
        form.add_error(None, str(error))
        refused = _Refused("", error.seconds)
    if not form.is_valid():
        return _page(request, "password", form, refused)
    response = _see(sessions.PATH)
    # Changed once more, or deactivated, at this very moment: log in anew.
    with suppress(sessions.HasChanged):
        sessions.begin(request, response, visitor.person)
    return response


def _change_password(request: HttpRequest, form: PasswordForm, visitor: sessions.Visitor) -> None:
    """What is wrong is told by the form. Raises TooManyAttempts."""
    person, given = visitor.person, form.cleaned_data
    # A session that somebody left open is no way to find out the password.
    attempts.take(person.name, None, f"session {visitor.digest.hex()}")
    if not passwords.is_right(person, given["current"]):
        form.add_error("current", NOT_YOURS)
    elif given["new"] != given["again"]:
        form.add_error("again", DIFFERENT)
    else:
        try:
            people.set_own_password(_as_actor(request, person), person, given["new"])
        except passwords.WeakPassword as error:
            form.add_error("new", f"It {error}.")


def _as_actor(request: HttpRequest, person: Person) -> Actor:
    """As the audit log tells of them."""
    address = ip_of(request.META, behind_proxy=settings.ENVIRONMENT.TRUST_PROXY)
    agent = request.headers.get("User-Agent")
    return Actor(ActorKind.PERSON, id=str(person.pk), name=person.name, address=address, user_agent=agent)


def _page(
    request: HttpRequest, name: str, form: Any, refused: _Refused | None = None, **more: str
) -> HttpResponse:
    response = render(request, f"access/{name}.html", {"form": form, **more})
    if refused is not None:
        response.status_code = refused.status
        for header, value in refused.headers.items():
            response[header] = value
    return response


def _see(path: str) -> HttpResponse:
    response = HttpResponseRedirect(path)
    response.status_code = HTTPStatus.SEE_OTHER
    return response
