"""What the actions on keys and projects raise, as problems."""

from access.actions import keys, people, projects
from access.actions.first import NotTheFirst
from access.people.passwords import WeakPassword
from access.refusals import ExceedsOwnKey, InstallationOnly
from rest.problems import Conflict, FieldError, NotFound
from rest.views import View, invalid


def _refuse_gift(error: keys.GivesTooMuch) -> ExceedsOwnKey:
    return ExceedsOwnKey([FieldError((field,), "exceeds_own", detail) for field, detail in error.errors])


class ProjectView(View):
    """A view of projects."""

    refusals = {
        projects.NoSuchProject: NotFound,
        projects.OfInstallation: InstallationOnly,
        projects.SlugTaken: lambda error: Conflict(
            error, errors=[FieldError(("slug",), "not_unique", str(error)).as_json()]
        ),
    }


class PeopleView(View):
    """A view of people."""

    refusals = {
        people.NoSuchPerson: NotFound,
        people.LastAdministrator: Conflict,
        people.NameTaken: lambda error: Conflict(
            error, errors=[FieldError(("name",), "not_unique", str(error)).as_json()]
        ),
        projects.OfInstallation: InstallationOnly,
        keys.GivesTooMuch: _refuse_gift,
        NotTheFirst: invalid("role", "not_the_first"),
        WeakPassword: invalid("password", "weak_password"),
    }


class KeyView(View):
    """A view of keys."""

    refusals = {
        keys.NoSuchKey: NotFound,
        keys.GivesTooMuch: _refuse_gift,
        NotTheFirst: invalid("role", "not_the_first"),
        keys.WasRevoked: Conflict,
        keys.WasRotated: Conflict,
    }
