"""The release before goes on working on the schema of this one: migrations only expand."""

from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import IntegrityError, connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Value
from django.db.models.functions import Now, Random

from access.actor import NOBODY
from schedules.actions import editing
from schedules.api import forms
from schedules.models import TaskSchedule
from tasks_api.concurrent_indexes import AddIndexConcurrently, RetireIndex
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from testing.factories import make_task
from testing.migrations import APPS, RELEASE_BEFORE, newer_migrations, refusals, refused_inserts

HERE = str(settings.BASE_DIR)
CHECK = models.CheckConstraint(condition=models.Q(priority__gte=1), name="task_check")
UNIQUE = models.UniqueConstraint(fields=["operation"], name="task_once")
INDEX = models.Index(fields=["priority"], name="task_by_priority_test")


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    return MigrationLoader(None)


@pytest.fixture(scope="module")
def now(loader: MigrationLoader) -> ProjectState:
    return loader.project_state()


def migration(*operations: Operation, **attributes: Any) -> migrations.Migration:
    made = migrations.Migration("0005_test", "tasks_api")
    for name, value in {"operations": operations, **attributes}.items():
        setattr(made, name, value)
    return made


def add(field: Any) -> migrations.AddField:
    return migrations.AddField("task", "extra", field)


def test_no_new_migration_harms_the_release_before(loader: MigrationLoader) -> None:
    found = [
        line
        for migration in newer_migrations(loader, RELEASE_BEFORE)
        for line in refusals(
            migration, loader.project_state((migration.app_label, migration.name), at_end=False)
        )
    ]
    assert not found, "\n".join(found)


def test_indexes_that_were_retired_go_a_release_later(loader: MigrationLoader) -> None:
    """Once the release before does without them, too. To be dropped by DROP INDEX CONCURRENTLY IF EXISTS."""
    had = {node for leaf in RELEASE_BEFORE for node in loader.graph.forwards_plan(leaf)}
    retired = {
        operation.name
        for node in had
        for operation in loader.graph.nodes[node].operations
        if isinstance(operation, RetireIndex)
    }
    later = [
        str(getattr(operation, "sql", ""))
        for migration in newer_migrations(loader, RELEASE_BEFORE)
        for operation in migration.operations
    ]
    assert [name for name in sorted(retired) if not any(name in sql for sql in later)] == []


def test_all_migrations_since_a_release_are_looked_at(loader: MigrationLoader) -> None:
    first = (("tasks_api", "0001_initial"), ("schedules", "0001_initial"))
    looked_at = [(each.app_label, each.name) for each in newer_migrations(loader, first)]
    assert ("tasks_api", "0002_tags_and_idempotency_keys") in looked_at
    assert ("schedules", "0004_control") in looked_at
    assert {app for app, _ in looked_at} == set(APPS)
    assert set(APPS) == {
        app for app in loader.migrated_apps if apps.get_app_config(app).path.startswith(HERE)
    }
    assert not set(first) & set(looked_at)


@pytest.mark.parametrize(
    "operation",
    [
        add(models.TextField(null=True)),
        add(models.IntegerField(db_default=0)),
        add(models.DateTimeField(db_default=Now())),
        migrations.AlterField("task", "priority", models.SmallIntegerField(null=True)),
        migrations.AlterField("task", "priority", models.SmallIntegerField(db_default=5)),
        migrations.AlterField("task", "priority", models.SmallIntegerField(help_text="another", default=3)),
        migrations.AlterModelOptions("task", {"verbose_name": "work"}),
        migrations.RemoveConstraint("task", "task_priority_range"),
        ValidateConstraint("task", "task_priority_range"),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("task", "progress")]),
    ],
    ids=lambda operation: operation.describe(),
)
def test_what_expands_is_allowed(operation: Operation, now: ProjectState) -> None:
    assert refusals(migration(operation), now) == []


def test_a_new_table_may_have_all_at_once(now: ProjectState) -> None:
    table = migrations.CreateModel("Thing", [("id", models.IntegerField(primary_key=True))])
    column = migrations.AddField("thing", "name", models.TextField(unique=True))
    index = migrations.AddIndex("thing", models.Index(fields=["name"], name="thing_by_name"))
    assert refusals(migration(table, column, index), now) == []


@pytest.mark.parametrize(
    ("operation", "advice"),
    [
        (add(models.IntegerField()), "Give it db_default=, or null=True"),
        (add(models.IntegerField(default=0)), "Give it db_default=, or null=True"),
        (add(models.FloatField(db_default=Random())), "Use a constant"),
        (add(models.TextField(null=True, db_index=True)), "AddIndexConcurrently"),
        (add(models.TextField(null=True, unique=True)), "AddIndexConcurrently"),
        (add(models.ForeignKey("tasks_api.WorkerNode", models.CASCADE, null=True)), "the plain column"),
        (
            add(
                models.GeneratedField(
                    expression=Value(1), output_field=models.IntegerField(), db_persist=True
                )
            ),
            "Add a nullable column",
        ),
        (migrations.RemoveField("task", "progress"), "the column stays"),
        (migrations.DeleteModel("attempt"), "the column stays"),
        (migrations.RenameField("task", "progress", "state"), "Keep the name"),
        (migrations.RenameModel("task", "work"), "Keep the name"),
        (migrations.AlterModelTable("task", "work"), "Keep the name"),
        (migrations.AlterField("task", "priority", models.BigIntegerField()), "changes the type"),
        (migrations.AlterField("task", "expires_at", models.DateTimeField()), "changes null"),
        (migrations.AlterField("task", "operation", models.TextField(unique=True)), "changes unique"),
        (migrations.AlterField("task", "operation", models.TextField(db_column="name")), "changes db_column"),
        (migrations.AddIndex("task", INDEX), "Use AddIndexConcurrently"),
        (migrations.RemoveIndex("task", "task_by_status"), "a release later"),
        (migrations.AddConstraint("task", CHECK), "Use AddConstraintNotValid"),
        (AddConstraintNotValid("task", CHECK), "whose code obeys it"),
        (migrations.AddConstraint("task", UNIQUE), "Use AddConstraintNotValid"),
        (migrations.RemoveConstraint("occurrence", "occurrence_once"), "ON CONFLICT"),
        (migrations.RunPython(migrations.RunPython.noop), "Let the sweep"),
        (migrations.RunSQL("UPDATE task SET priority = 1"), "work for the sweep"),
        (
            migrations.SeparateDatabaseAndState(
                state_operations=[migrations.RemoveField("task", "priority")]
            ),
            "Give it db_default=",
        ),
        (
            migrations.SeparateDatabaseAndState(
                database_operations=[migrations.RemoveField("task", "progress")]
            ),
            "the column stays",
        ),
    ],
    ids=lambda value: value.describe() if isinstance(value, Operation) else "",
)
def test_what_contracts_is_refused_with_advice(operation: Operation, advice: str, now: ProjectState) -> None:
    made = migration(operation)
    if getattr(operation, "model_name_lower", "") == "occurrence":
        made.app_label = "schedules"
    [refusal] = refusals(made, now)
    assert advice in refusal
    assert "`safe_because`" in refusal
    assert refusal.startswith(f"{made.app_label}.0005_test: ")


def test_a_reason_overrules(now: ProjectState) -> None:
    dropped = migrations.RemoveField("task", "progress")
    assert refusals(migration(dropped, safe_because="0.3 does without it"), now) == []
    assert refusals(migration(dropped, safe_because=""), now)


class TestIndexes:
    INDEX = AddIndexConcurrently("task", INDEX)

    def test_they_have_a_migration_of_their_own(self, now: ProjectState) -> None:
        assert refusals(migration(self.INDEX, atomic=False), now) == []
        [refusal] = refusals(migration(self.INDEX), now)
        assert "atomic = False" in refusal
        [refusal] = refusals(migration(self.INDEX, add(models.TextField(null=True)), atomic=False), now)
        assert "a migration of its own" in refusal

    def test_nothing_else_stops_halfway(self, now: ProjectState) -> None:
        [refusal] = refusals(migration(add(models.TextField(null=True)), atomic=False), now)
        assert "stop halfway" in refusal


class TestTheReleaseBefore:
    """Its models, as its migrations left them, on the tables as they are now."""

    @pytest.fixture
    def release(self, loader: MigrationLoader) -> ProjectState:
        return loader.project_state(list(RELEASE_BEFORE))

    @pytest.mark.django_db
    def test_its_statements_name_what_is_there_and_all_that_must_be_named(
        self, release: ProjectState
    ) -> None:
        assert refused_inserts(release, set(APPS)) == []

    @pytest.mark.django_db
    def test_a_column_that_it_does_not_know_is_noticed(self, release: ProjectState) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE worker_node ADD extra integer NOT NULL, ADD other integer DEFAULT 1 NOT NULL"
            )
            cursor.execute("ALTER TABLE worker_node RENAME name TO title")
        assert refused_inserts(release, set(APPS)) == [
            "worker_node.name is gone",
            "worker_node.extra has no default in the database and must not be null",
            "worker_node.title has no default in the database and must not be null",
        ]

    @pytest.mark.django_db
    @pytest.mark.parametrize("status", Status)
    def test_it_reads_and_writes_tasks(self, release: ProjectState, status: Status) -> None:
        task = release.apps.get_model("tasks_api", "Task").objects.get(pk=make_task(status).pk)
        task.pk = None
        task.save(force_insert=True)
        assert Task.objects.filter(status=status).count() == 2

    @pytest.mark.django_db
    def test_it_reads_and_writes_schedules(self, release: ProjectState) -> None:
        made = editing.create(forms.definition({"operation": "4+7", "rrule": "FREQ=DAILY"}, NOBODY), NOBODY)
        schedule = release.apps.get_model("schedules", "TaskSchedule").objects.get(pk=made.pk)
        schedule.pk = None
        schedule.save(force_insert=True)
        assert TaskSchedule.objects.count() == 2

    @pytest.mark.django_db
    def test_it_finds_a_name_taken_by_the_text_that_it_knows(self, release: ProjectState) -> None:
        definition = forms.definition({"operation": "4+7", "rrule": "FREQ=DAILY", "name": "Report"}, NOBODY)
        made = editing.create(definition, NOBODY)
        schedule = release.apps.get_model("schedules", "TaskSchedule").objects.get(name="Report")
        assert schedule.pk == made.pk
        schedule.pk = None
        with pytest.raises(IntegrityError, match="task_schedule_name"):
            schedule.save(force_insert=True)
