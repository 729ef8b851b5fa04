"""The headers `If-Match` and `If-None-Match`: a request that is meant for one state of a schedule, and no other."""

import re
from dataclasses import dataclass

from rest_framework.request import Request

from rest.problems import FieldError, InvalidInput, PreconditionFailed
from schedules.actions.settling import Versions
from schedules.models import TaskSchedule

IF_MATCH, IF_NONE_MATCH = "If-Match", "If-None-Match"
_TAG = re.compile(r'\s*(?:W/)?"v(\d{1,9})"\s*')


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
    return {"ETag": f'"v{schedule.version}"'}


def expected_versions(request: Request) -> Versions:
    """The versions that If-Match names. Raises PreconditionFailed where it names none of a schedule.

    Proxies that compress make a tag weak; the version is the same.
    """
    given = request.headers.get(IF_MATCH, "*").strip()
    if given == "*":
        return None
    versions = {int(tag[1]) for tag in map(_TAG.fullmatch, given.split(",")) if tag}
    if not versions:
        raise PreconditionFailed("If-Match does not hold an ETag of this schedule")
    return versions
