"""Which migrations keep the release before working: those that only expand.

While a new release is put in place, and after it was taken back, the release before runs on the new schema.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import connection
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import CheckConstraint, Field, GeneratedField, Value
from django.db.models.functions import Now

from tasks_api.concurrent_indexes import AddIndexConcurrently, AddUniqueConcurrently, RetireIndex

Node = tuple[str, str]
Refusal = str | None

RELEASE_BEFORE: tuple[Node, ...] = (("tasks_api", "0004_foreground_nodes"), ("schedules", "0004_control"))
"""The last migration of each app in the release that is in use. Moves on when a release is made."""
APPS = ("access", "files", "tasks_api", "schedules")
"""Those that have migrations. One that the release before has not is as new as all of its tables."""

ELSE = "or, if the release before certainly does not mind, say why in `safe_because` of the migration"
IN_CODE_ONLY = {*Field.non_db_attrs, "default"} - {"db_column"}

COLUMNS_SQL = """
SELECT column_name, is_nullable = 'YES' OR column_default IS NOT NULL OR is_generated = 'ALWAYS' OR is_identity = 'YES'
  FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s
"""


def newer_migrations(loader: MigrationLoader, release: Sequence[Node]) -> Iterator[Migration]:
    """The migrations of our apps that this release did not have, in their order."""
    had = {node for leaf in release for node in loader.graph.forwards_plan(leaf)}
    leaves = [node for node in loader.graph.leaf_nodes() if node[0] in APPS]
    plan = dict.fromkeys(node for leaf in leaves for node in loader.graph.forwards_plan(leaf))
    return (loader.graph.nodes[node] for node in plan if node[0] in APPS and node not in had)


def refusals(migration: Migration, before: ProjectState) -> list[str]:
    """What in `migration` could harm the release before, and what to do instead; one line each."""
    if getattr(migration, "safe_because", ""):
        return []
    state = before.clone()
    found = [*_of_concurrency(migration)]
    made: set[str] = set()
    for operation in migration.operations:
        if isinstance(operation, operations.CreateModel):
            made.add(operation.name_lower)
        elif getattr(operation, "model_name_lower", None) not in made:
            refusal = _refusal(operation, migration.app_label, state)
            found += [f"{operation.describe()}: {refusal}, {ELSE}"] if refusal else []
        operation.state_forwards(migration.app_label, state)
    return [f"{migration}: {line}" for line in found]


def refused_inserts(release: ProjectState, apps: set[str]) -> list[str]:
    """What keeps the statements of this release from the schema that the database has now; one line each."""
    found = []
    for model in release.apps.get_models():
        if model._meta.app_label not in apps:  # noqa: SLF001 (Django's public name for it)
            continue
        table = model._meta.db_table  # noqa: SLF001
        known = {field.column for field in model._meta.concrete_fields if field.column}  # noqa: SLF001
        with connection.cursor() as cursor:
            cursor.execute(COLUMNS_SQL, [table])
            optional = dict(cursor.fetchall())
        found += [f"{table}.{column} is gone" for column in sorted(known - set(optional))]
        found += [
            f"{table}.{column} has no default in the database and must not be null"
            for column in sorted(set(optional) - known)
            if not optional[column]
        ]
    return found


def _of_concurrency(migration: Migration) -> Iterator[str]:
    concurrent = [isinstance(operation, CONCURRENT) for operation in migration.operations]
    if any(concurrent) and (migration.atomic or not all(concurrent)):
        yield "an index that is made concurrently needs a migration of its own, with atomic = False"
    elif not any(concurrent) and not migration.atomic:
        yield "atomic = False is for indexes that are made concurrently: another migration would stop halfway"


def _refusal(operation: Operation, app: str, state: ProjectState) -> Refusal:
    if judge := JUDGES.get(type(operation)):
        return judge(operation, app, state)
    return (
        f"{type(operation).__name__} is not known to leave the release before as it is. {_advice(operation)}"
    )


def _advice(operation: Operation) -> str:
    for kinds, advice in ADVICE:
        if isinstance(operation, kinds):
            return advice
    return "Use operations that only add"


def _harmless(operation: Any, app: str, state: ProjectState) -> Refusal:  # noqa: ARG001 (as the others)
    return None


def _added_field(operation: operations.AddField, app: str, state: ProjectState) -> Refusal:  # noqa: ARG001
    field: Any = operation.field
    if isinstance(field, GeneratedField):
        return "the whole table would be written anew, and locked for so long. Add a nullable column"
    if field.remote_field:
        return "a foreign key locks both tables. Add the plain column of the id"
    if field.unique or field.db_index:
        return "its index is not made concurrently. Add the column, then the index with AddIndexConcurrently"
    if not field.null and not field.has_db_default():
        return "the INSERTs of the release before do not name it. Give it db_default=, or null=True"
    return (
        None
        if _is_constant(field)
        else "its db_default is computed for each row of a locked table. Use a constant"
    )


def _is_constant(field: "Field[Any, Any]") -> bool:
    default = field.db_default
    return (
        isinstance(default, Now | Value)
        or not hasattr(default, "resolve_expression")
        or not field.has_db_default()
    )


def _altered_field(operation: operations.AlterField, app: str, state: ProjectState) -> Refusal:
    old = state.models[app, operation.model_name_lower].fields[operation.name]
    changed = _differences(old, operation.field)
    allowed = {"null"} if operation.field.null else set()
    allowed |= {"db_default"} if operation.field.has_db_default() else set()
    if not changed - allowed:
        return None
    names = ", ".join(sorted(changed - allowed))
    return f"it changes {names}. Add a column beside it, which the sweep fills, and drop the old one a release later"


def _differences(old: "Field[Any, Any]", new: "Field[Any, Any]") -> set[str]:
    (_, old_path, _, before), (_, new_path, _, after) = old.deconstruct(), new.deconstruct()
    changed = {name for name in {*before, *after} - IN_CODE_ONLY if before.get(name) != after.get(name)}
    return changed | ({"the type"} if old_path != new_path else set())


def _removed_constraint(operation: operations.RemoveConstraint, app: str, state: ProjectState) -> Refusal:
    constraint = state.models[app, operation.model_name_lower].get_constraint_by_name(operation.name)
    if isinstance(constraint, CheckConstraint):
        return None
    return "the release before may name it in ON CONFLICT. Remove it a release later"


def _separated(operation: operations.SeparateDatabaseAndState, app: str, state: ProjectState) -> Refusal:
    for step in operation.state_operations:
        if isinstance(step, operations.RemoveField):
            field = state.models[app, step.model_name_lower].fields[step.name]
            if not field.null and not field.has_db_default():
                return f"INSERTs will not name {step.name} any more. Give it db_default= or null=True first"
    now = state.clone()
    for step in operation.database_operations:
        if refusal := _refusal(step, app, now):
            return refusal
        step.state_forwards(app, now)
    return None


CONCURRENT = (AddIndexConcurrently, AddUniqueConcurrently, RetireIndex)
JUDGES: dict[type[Operation], Callable[[Any, str, ProjectState], Refusal]] = {
    operations.CreateModel: _harmless,
    operations.AlterModelOptions: _harmless,
    operations.AlterModelManagers: _harmless,
    operations.AlterModelTableComment: _harmless,
    AddIndexConcurrently: _harmless,
    RetireIndex: _harmless,
    ValidateConstraint: _harmless,
    operations.AddField: _added_field,
    operations.AlterField: _altered_field,
    operations.RemoveConstraint: _removed_constraint,
    operations.SeparateDatabaseAndState: _separated,
}

LATER = (
    "First a release that does without it (its model loses it by SeparateDatabaseAndState, the column stays), then one "
    "that drops it"
)
ADVICE: list[tuple[tuple[type[Operation], ...], str]] = [
    ((operations.AddIndex,), "Use AddIndexConcurrently of tasks_api.concurrent_indexes"),
    (
        (operations.RemoveIndex,),
        "Its queries need it until no release that runs has them. Remove it a release later, concurrently",
    ),
    (
        (operations.RemoveField, operations.DeleteModel),
        LATER,
    ),
    (
        (operations.RenameField, operations.RenameModel, operations.AlterModelTable),
        "Keep the name in the database (db_column, db_table)",
    ),
    ((operations.RunPython,), "Let the sweep fill in rows, in small portions, while old and new code run"),
    (
        (operations.RunSQL,),
        "Use Django's operations; to fill in rows is work for the sweep, in small portions",
    ),
    (
        (AddConstraintNotValid,),
        "The release before may write rows that it refuses: first a release whose code obeys it, then one that adds it",
    ),
    (
        (operations.AddConstraint,),
        "It checks the whole locked table, and the release before may write rows that it refuses. Use "
        "AddConstraintNotValid, and ValidateConstraint in a second migration, a release after the code obeys it",
    ),
]
