"""Whatever an operation does to its process, those after it run once, in a process that is as it was."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from testing.brokers import ON_VALKEY
from testing.misdeeds import ERRORS, MISDEEDS, ON_THE_PROCESS
from testing.stack import Stack

pytestmark = [pytest.mark.acceptance, ON_VALKEY]

NEIGHBOURS = 3
REPLACED = {
    "closed streams",
    "closed output",
    "redirected output",
    "replaced output",
    "limit for good",
    "new session",
    "niceness",
}
"""What cannot be put back."""
FAILING = {*ERRORS, "broken transaction", "ended"}


def post(stack: Stack, operation: str, **arguments: Any) -> str:
    answer = stack.http.post("/tasks/", json={"operation": operation, "arguments": arguments})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def ended(stack: Stack, task_id: str) -> dict[str, Any]:
    answer: dict[str, Any] = stack.http.get(f"/tasks/{task_id}/", params={"wait": 60}, timeout=70).json()
    return answer


@pytest.fixture(scope="module")
def clean(single: Stack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What an operation finds before anybody has misbehaved."""
    path = tmp_path_factory.mktemp("clean") / "diary"
    state: dict[str, Any] = ended(single, post(single, "testing.look", path=str(path)))["result"]["state"]
    return state


@pytest.mark.parametrize("which", MISDEEDS)
def test_those_after_it_run_once_in_a_clean_process(
    single: Stack, clean: dict[str, Any], tmp_path: Path, which: str
) -> None:
    diary = tmp_path / "diary"
    before = ended(single, post(single, "testing.look", path=str(diary)))
    culprit = post(single, "testing.misdeed", which=which)
    neighbours = [post(single, "testing.look", path=str(diary)) for _ in range(NEIGHBOURS)]

    answer = ended(single, culprit)
    assert answer["status"] == ("FAILURE" if which in FAILING else "SUCCESS"), answer
    if which in ERRORS:
        assert answer["error"]["type"] == which
    answers = [ended(single, each) for each in neighbours]
    assert [each["status"] for each in answers] == ["SUCCESS"] * NEIGHBOURS, answers
    assert [each["attempt"] for each in answers] == [1] * NEIGHBOURS
    assert [each["result"]["state"] for each in answers] == [clean] * NEIGHBOURS
    assert Counter(diary.read_text().split()) == Counter([before["id"], *neighbours])
    replaced = {each["result"]["pid"] for each in answers} != {before["result"]["pid"]}
    assert replaced == (which in REPLACED)


def test_a_process_can_be_replaced_again_and_again(single: Stack, tmp_path: Path) -> None:
    """Nothing is lost on its way to a process that is about to end."""
    diary = tmp_path / "diary"
    culprits = [post(single, "testing.misdeed", which="niceness")]
    neighbours = []
    for _ in range(5):
        neighbours.append(post(single, "testing.look", path=str(diary)))
        culprits.append(post(single, "testing.misdeed", which="redirected output"))
    assert {ended(single, each)["status"] for each in culprits + neighbours} == {"SUCCESS"}
    assert Counter(diary.read_text().split()) == Counter(neighbours)


def test_a_process_that_dies_is_missed_at_once(single: Stack) -> None:
    """Not only when Celery looks next: that would take it half of its five seconds, for each of them."""
    deaths = 12
    body = {"operation": "testing.crash", "max_attempts": deaths}
    answer = ended(single, single.http.post("/tasks/", json=body).json()["id"])
    assert (answer["error"]["type"], answer["attempt"]) == ("lost", deaths)
    tries = single.http.get(f"/tasks/{answer['id']}/attempts/").json()["results"]
    waited = sum(
        (
            datetime.fromisoformat(each["finished_at"]) - datetime.fromisoformat(each["started_at"])
            for each in tries
        ),
        timedelta(),
    )
    assert waited < timedelta(seconds=2) * deaths


def test_every_part_is_tried() -> None:
    assert set(ON_THE_PROCESS) >= REPLACED
