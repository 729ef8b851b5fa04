"""`If-None-Match` where a schedule is read: what a caller knows is not told again, and what sweeps change is."""

import pytest

from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import sweep_for
from testing.clock import Clock
from testing.openapi import Auditor


@pytest.fixture(params=["id", "name"])
def path(request: pytest.FixtureRequest, clock: Clock, new_schedule: NewSchedule) -> str:
    schedule = new_schedule(rrule="FREQ=MINUTELY", name="each-minute")
    return f"/task-schedules/{schedule.id if request.param == 'id' else 'by-name/each-minute'}/"


def test_what_is_known_is_not_told_again(auditor: Auditor, path: str) -> None:
    tag = auditor.get(path).headers["ETag"]
    for known in (tag, f"W/{tag}", f'"v99", {tag}', "*"):
        again = auditor.get(path, if_none_match=known)
        assert (again.status, again.content, again.headers["ETag"]) == (304, b"", tag)


@pytest.mark.parametrize("unknown", ['"v1"', '"v1.000000000000"', "v0", '"other"'])
def test_what_is_not_known_is_told(auditor: Auditor, path: str, unknown: str) -> None:
    assert auditor.get(path, if_none_match=unknown).status == 200


def test_a_run_is_told_though_it_makes_no_version(auditor: Auditor, path: str, clock: Clock) -> None:
    before = auditor.get(path)
    sweep_for(clock, 1)
    after = auditor.get(path, if_none_match=before.headers["ETag"])
    assert (after.status, after.json["runs_created"]) == (200, 2)


def test_the_tag_may_be_sent_back_to_change_it_also_after_a_run(
    auditor: Auditor, path: str, clock: Clock
) -> None:
    read = auditor.get(path)
    sweep_for(clock, 1)
    path, headers = f"/task-schedules/{read.json['id']}/", {"if_match": read.headers["ETag"]}
    assert auditor.send("PATCH", path, b'{"priority": 1}', **headers).status == 200
    assert auditor.send("PATCH", path, b'{"priority": 2}', **headers).status == 412
