"""The headers `If-Match` and `If-None-Match`: a request that is meant for one state of a schedule, and no other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework.request import Request

from access.actor import Actor
from access.payloads import are_hidden_from, without_payloads
from rest import conditions
from rest.conditions import IF_MATCH, IF_NONE_MATCH, named_versions
from rest.headers import header_of
from rest.json import dump
from rest.problems import FieldError, InvalidInput, PreconditionFailed
from schedules.actions.settling import Versions
from schedules.models import TaskSchedule


@dataclass(frozen=True, slots=True)
class Conditions:
    """Which state a PUT is meant for."""

    versions: Versions = None
    must_exist: bool = False
    must_be_new: bool = False

    def check(self, *, exists: bool) -> None:
        """Raises PreconditionFailed."""
        if self.must_be_new and exists:
            raise PreconditionFailed("there is already a schedule with this name")
        if self.must_exist and not exists:
            raise PreconditionFailed("there is no schedule with this name yet")


def conditions_of(request: Request) -> Conditions:
    """What a PUT asks for. Raises PreconditionFailed, InvalidInput."""
    given = request.headers.get(IF_NONE_MATCH)
    if given is not None and given.strip() != "*":
        detail = "must be *, which means that there is no such schedule yet"
        raise InvalidInput([FieldError((IF_NONE_MATCH,), "invalid_header", detail, parameter=True)])
    return Conditions(
        versions=expected_versions(request),
        must_exist=IF_MATCH in request.headers,
        must_be_new=given is not None,
    )


def etag(schedule: TaskSchedule) -> dict[str, str]:
    """The header that tells the version of a schedule."""
    return conditions.etag(schedule.version)


def etag_of_state(actor: Actor, schedule: TaskSchedule, body: Mapping[str, Any]) -> dict[str, str]:
    """The header that tells the version, what sweeps change without a new one, and whether payloads are shown.

    Payloads are left out: they do not change without a version, and are not everybody's to guess.
    """
    state = dump(without_payloads(body))
    return conditions.etag(schedule.version, state, is_masked=are_hidden_from(actor))


def expected_versions(request: Request) -> Versions:
    """The versions that If-Match names. Raises PreconditionFailed where it names none of a schedule, InvalidInput."""
    given = header_of(request, IF_MATCH)
    if given is None or given.strip() == "*":
        return None
    versions = named_versions(given)
    if not versions:
        raise PreconditionFailed("If-Match does not hold an ETag of this schedule")
    return versions
