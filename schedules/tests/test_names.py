"""The table of names, which triggers keep, and what is found by it."""

import importlib
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from access.actor import DEFAULT_PROJECT_ID, NOBODY
from schedules.actions import editing
from schedules.api.filters import ManySchedulesQuery, listed, selected
from schedules.filters import ScheduleFilter, composed, filtered
from schedules.models import ScheduleName, TaskSchedule
from schedules.searching import FEW, LOOK, ids_by_name
from schedules.sweep.sweeper import Sweeper
from schedules.tests.conftest import NewSchedule
from tasks_api.database import execute, fetch_all
from testing.factories import ago

pytestmark = pytest.mark.django_db

WRITES_SQL = "SELECT n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables WHERE relname = 'task_schedule_name'"
ALL_SQL = "SELECT schedule_id, folded FROM task_schedule_name"
EXPECTED_SQL = "SELECT id, upper(name) FROM task_schedule WHERE name IS NOT NULL"


@contextmanager
def names_kept() -> Iterator[None]:
    """Afterwards each schedule that has a name is in the table with it, and nothing else is."""
    yield
    assert sorted(fetch_all(ALL_SQL, [])) == sorted(fetch_all(EXPECTED_SQL, []))


class TestTriggers:
    def test_created_edited_and_deleted(self, new_schedule: NewSchedule) -> None:
        with names_kept():
            schedule, other = new_schedule(name="Ärger"), new_schedule(name=None)
        assert ScheduleName.objects.get().folded == "ÄRGER"
        for name in ("ruhe", None, "ruhe", "ruhe"):
            schedule.name = name
            with names_kept():
                schedule.save()
        with names_kept():
            editing.delete(schedule.id, NOBODY)
            editing.delete(other.id, NOBODY)
        assert not ScheduleName.objects.exists()

    def test_in_bulk(self, new_schedule: NewSchedule) -> None:
        model = new_schedule(name="0")
        rows = []
        for number in range(1, 20):
            row = TaskSchedule.objects.get(id=model.id)
            row.pk, row.name = TaskSchedule().id, None if number % 3 == 0 else str(number)
            rows.append(row)
        with names_kept():
            TaskSchedule.objects.bulk_create(rows)
        assert ScheduleName.objects.count() == 14
        with names_kept():
            execute("UPDATE task_schedule SET name = CASE WHEN name > '1' THEN name || ' new' END", [])
        with names_kept():
            execute("UPDATE task_schedule SET id = uuidv7() WHERE name < '15'", [])
        with names_kept():
            TaskSchedule.objects.filter(name__lt="16").delete()
        assert 0 < ScheduleName.objects.count() < 14

    def test_whatever_the_search_path(self, new_schedule: NewSchedule) -> None:
        schedule = new_schedule(name="before")
        [(schema,)] = fetch_all("SELECT current_schema()", [])
        with connection.cursor() as cursor, names_kept():
            cursor.execute("SET LOCAL search_path = pg_catalog")
            update = f"UPDATE {schema}.task_schedule SET name = 'after' WHERE id = %s"  # noqa: S608 (a constant)
            cursor.execute(update, [schedule.id])
            cursor.execute(f"SET LOCAL search_path = {schema}")
        assert ScheduleName.objects.get().folded == "AFTER"

    def test_the_other_name_of_two_who_swap(self, new_schedule: NewSchedule) -> None:
        one, two = new_schedule(name="one"), new_schedule(name="two")
        with names_kept():
            for schedule, name in ((one, None), (two, "one"), (one, "two")):
                TaskSchedule.objects.filter(id=schedule.id).update(name=name)


class TestFillingIn:
    """By the migration, of the schedules that were there before the table."""

    @pytest.fixture
    def migration(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        found = importlib.import_module("schedules.migrations.0008_names_filled_in")
        monkeypatch.setattr(found, "CHUNK", 2)
        return found

    def test_it_takes_all(self, migration: Any, new_schedule: NewSchedule) -> None:
        for number in range(7):
            new_schedule(name=None if number == 3 else f"Ärger {number}")
        ScheduleName.objects.all().delete()
        with names_kept():
            migration.fill_in(None, connection.schema_editor())
        assert ScheduleName.objects.count() == 6

    def test_it_goes_on_after_an_interruption(self, migration: Any, new_schedule: NewSchedule) -> None:
        """What is there stays: a trigger may have written it since."""
        schedules = [new_schedule(name=f"report {number}") for number in range(5)]
        ScheduleName.objects.exclude(schedule_id__in=[schedules[0].id, schedules[3].id]).delete()
        with names_kept():
            migration.fill_in(None, connection.schema_editor())
            migration.fill_in(None, connection.schema_editor())

    def test_without_schedules(self, migration: Any) -> None:
        migration.fill_in(None, connection.schema_editor())


def test_a_sweep_writes_none(new_schedule: NewSchedule) -> None:
    schedules = [new_schedule(name=f"report {number}", cron="* * * * *") for number in range(5)]
    TaskSchedule.objects.update(next_run_at=ago(1), sweep_at=ago(1))
    before = fetch_all(WRITES_SQL, [])
    assert before[0][0] >= len(schedules)
    assert Sweeper().sweep().schedules == len(schedules)
    assert fetch_all(WRITES_SQL, []) == before


def test_what_is_left_of_a_name_is_not_found(new_schedule: NewSchedule) -> None:
    """Of a schedule that lost its name, or is gone."""
    schedule = new_schedule(name=None)
    ScheduleName.objects.create(schedule_id=schedule.id, folded="REPORT")
    ScheduleName.objects.create(schedule_id=TaskSchedule().id, folded="REPORT")
    in_order, read = listed(ScheduleFilter(name="report"), DEFAULT_PROJECT_ID)
    assert read(in_order.order_by("id"), 2) == []
    assert not selected(ManySchedulesQuery(name="report"), DEFAULT_PROJECT_ID).exists()


def test_a_save_that_leaves_the_name_writes_none(
    new_schedule: NewSchedule, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    schedule = new_schedule(name="report")
    before = fetch_all(WRITES_SQL, [])
    with django_assert_num_queries(1):
        schedule.save()
    assert fetch_all(WRITES_SQL, []) == before


ALPHABETS = ["ab", "aA'\\%_ &|!:*()<>-", "äÄßéЯяΣσς", "北京市", "a\u0301👩\u200d🚀 "]
LATE: Any = "2999-01-01T00:00:00Z"


def _some_names(chance: random.Random) -> set[str]:
    texts = set()
    for _ in range(200):
        alphabet = "".join(chance.sample(ALPHABETS, chance.randint(1, 3)))
        texts.add(composed("".join(chance.choices(alphabet, k=chance.choice([1, 2, 3, 4, 8, 30, 200])))))
    return texts


def _some_parts(chance: random.Random, names: list[str]) -> Iterator[str]:
    yield from "".join(ALPHABETS)
    for _ in range(100):
        name = chance.choice(names)
        start, size = chance.randrange(len(name)), chance.choice([1, 2, 3, 4, 5, 50, 250])
        part = name[start : start + size] if chance.random() < 0.9 else name[start : start + size] + "x"
        yield composed(part.swapcase() if chance.random() < 0.3 else part)


@pytest.mark.parametrize(("nearest", "few"), [(LOOK, FEW), (0, 0)], ids=["among the next", "by the index"])
def test_what_is_found_is_what_contains_the_part(
    new_schedule: NewSchedule, monkeypatch: pytest.MonkeyPatch, nearest: int, few: int
) -> None:
    """As Python says of the names in capitals, however they are found."""
    monkeypatch.setattr("schedules.searching.LOOK", nearest)
    monkeypatch.setattr("schedules.searching.FEW", few)
    chance = random.Random(10)  # noqa: S311 (no secret)
    model = new_schedule(name=None)
    names = sorted(_some_names(chance))
    rows = [TaskSchedule.objects.get(id=model.id) for _ in names]
    for row, name in zip(rows, names, strict=True):
        row.pk, row.name = TaskSchedule().id, name
    TaskSchedule.objects.bulk_create(rows)
    folded = dict(fetch_all("SELECT name, upper(name) FROM task_schedule WHERE name IS NOT NULL", []))
    execute("SET LOCAL enable_seqscan = off", [])
    for part in _some_parts(chance, names):
        [(sought,)] = fetch_all("SELECT upper(%s)", [part])
        expected = [row.id for row in rows if sought in folded[row.name]]
        assert sorted(ids_by_name(part, DEFAULT_PROJECT_ID)) == expected, part
        for named in (
            filtered(ScheduleFilter(name=part), DEFAULT_PROJECT_ID),
            selected(ManySchedulesQuery(name=part), DEFAULT_PROJECT_ID),
        ):
            assert sorted(named.values_list("id", flat=True)) == expected, part
        in_order, read = listed(ScheduleFilter(name=part), DEFAULT_PROJECT_ID)
        assert [each.id for each in read(in_order.order_by("id"), len(rows) + 2)] == expected, part
        due_too, read = listed(ScheduleFilter(name=part, due_before=LATE), DEFAULT_PROJECT_ID)
        assert [each.id for each in read(due_too.order_by("id"), len(rows) + 2)] == expected, part
