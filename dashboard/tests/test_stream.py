"""Pages that are open are told what has changed, and as many as may."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from dashboard.shell.changes import MOST_TOLD, Changes, Listener, TooManyPages, look
from tasks_api.lifecycle import Status
from testing.access import Browser
from testing.concurrency import PATIENCE_SECONDS
from testing.factories import make_node, make_task


@pytest.fixture
def changes() -> Iterator[Changes]:
    made = Changes()
    yield made
    made.stop()
    for listener in list(made._listeners):
        made.leave(listener)
    if made._thread is not None:
        made._thread.join(PATIENCE_SECONDS)


def topics_after(project: int, act: object) -> set[str]:
    before = look({project})[project]
    assert callable(act)
    act()
    return look({project})[project].topics_since(before)


@pytest.mark.django_db
def test_what_changes_is_told_by_its_topic() -> None:
    assert topics_after(1, lambda: None) == set()
    assert "tasks" in topics_after(1, make_task)
    assert "tasks" in topics_after(1, lambda: make_task(Status.FAILURE, fingerprint="f"))
    assert topics_after(1, make_node) == {"workers"}


@pytest.mark.django_db
def test_progress_is_told() -> None:
    task = make_task(Status.STARTED)

    def report() -> None:
        task.version += 1
        task.save()

    assert topics_after(1, report) == {"tasks"}


@pytest.mark.django_db
def test_another_project_is_told_of_nothing() -> None:
    assert topics_after(2, make_task) == set()


@pytest.mark.django_db(transaction=True)
def test_one_thread_tells_all_pages_and_ends_with_the_last(changes: Changes) -> None:
    pages = [Listener(1) for _ in range(3)]
    for page in pages:
        changes.enter(page)
    thread = changes._thread
    heard: list[set[str]] = [set() for _ in pages]
    while not all("tasks" in topics for topics in heard):
        make_task()
        for page, topics in zip(pages, heard, strict=True):
            topics |= page.wait(0.2)
    for page in pages:
        changes.leave(page)
    assert thread is not None
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
def test_beyond_the_bound_a_page_asks_by_itself(settings: LazySettings, changes: Changes) -> None:
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"UI_STREAMS": 1})
    changes.enter(Listener(1))
    with pytest.raises(TooManyPages):
        changes.enter(Listener(1))


@pytest.mark.django_db
def test_no_stream_is_an_answer_without_content(settings: LazySettings) -> None:
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"UI_STREAMS": 0})
    assert Browser().get("/ui/stream/").status_code == 204


@pytest.mark.django_db(transaction=True)
def test_many_pages_take_turns(changes: Changes) -> None:
    pages = [Listener(1) for _ in range(MOST_TOLD + 1)]
    for page in pages:
        page.note({"tasks"})
    changes._look(pages)
    assert [bool(page.wait(0)) for page in pages] == [True] * MOST_TOLD + [False]
    changes._look(pages)
    assert pages[-1].wait(0) == {"tasks"}
