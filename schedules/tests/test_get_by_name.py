"""`GET /task-schedules/by-name/{name}/`."""

from urllib.parse import quote

import pytest

from testing.openapi import Auditor

DECOMPOSED = "cafe\u0301"
BODY = {"operation": "4+7", "cron": "@daily"}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["nightly", "a/b", "Grüße", "100%", " "])
def test_it_is_the_schedule_of_that_name(name: str, auditor: Auditor) -> None:
    made = auditor.post("/task-schedules/", {**BODY, "name": name})
    auditor.post("/task-schedules/", {**BODY, "name": f"{name}x"})
    answer = auditor.get(f"/task-schedules/by-name/{quote(name, safe='')}/")
    assert (answer.status, answer.json["id"]) == (200, made.json["id"])
    assert answer.headers["ETag"].startswith(made.headers["ETag"].rstrip('"'))


@pytest.mark.django_db
def test_names_are_found_however_they_were_typed(auditor: Auditor) -> None:
    made = auditor.post("/task-schedules/", {**BODY, "name": "caf\u00e9"})
    assert auditor.get(f"/task-schedules/by-name/{quote(DECOMPOSED)}/").json["id"] == made.json["id"]


@pytest.mark.django_db
def test_there_may_be_none(auditor: Auditor) -> None:
    problem = auditor.get("/task-schedules/by-name/nobody/").problem(404, "not_found")
    assert problem["detail"] == 'there is no task schedule with the name "nobody"'


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["x" * 201, "a%00b", "a%0Ab"])
def test_a_name_that_no_schedule_may_have(name: str, auditor: Auditor) -> None:
    assert auditor.get(f"/task-schedules/by-name/{name}/").status in (400, 404)
